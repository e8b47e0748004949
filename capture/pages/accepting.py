"""The cost of a request before anybody accepts it, and the decision. Sponsors see their own; the admin decides."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from capture.accept import accepting, what_if
from capture.models import Acceptance, Estimate
from forms_catalog import conflict_kinds, intake, mapping, serial
from forms_catalog.access import NETWORK, READERS, program_or_404
from forms_catalog.models import DictionaryVersion
from sites.access import acting_as, has_role, require_roles, user_of
from sites.models import Role, Site, User
from sites.trail import ReasonMissing

ESTIMATORS = (Role.SPONSOR, Role.ADMIN)


@require_GET
@require_roles(*READERS)
def request_cost(request: HttpRequest, code: str) -> HttpResponse:
    """The newest estimate of the newest version, and who decided what."""
    program = program_or_404(user_of(request), code, *READERS)
    version = intake.latest(program)
    made = Estimate.objects.filter(version=version).first() if version else None
    result = serial.load(what_if.Result, made.result) if made else None
    context = {
        "program": program,
        "dictionary": version,
        "estimate": made,
        "result": result,
        "over": _over(result),
        "rows": _rows(made),
        "open_fields": accepting.undecided(mapping.decided(version)) if version else [],
        **_conflicts(version, user_of(request)),
        "decisions": Acceptance.objects.filter(version__program=program),
        "sites": Site.objects.filter(participations__program=program).distinct(),
        "may_estimate": has_role(user_of(request), *ESTIMATORS),
        "may_decide": has_role(user_of(request), Role.ADMIN),
    }
    return render(request, "capture/accept/cost.html", context)


@require_POST
@require_roles(*ESTIMATORS)
def request_estimate(request: HttpRequest, code: str) -> HttpResponse:
    """Compute the cost for the chosen sites."""
    program = program_or_404(user_of(request), code, *ESTIMATORS)
    version = intake.latest(program)
    sites = list(Site.objects.filter(participations__program=program, code__in=request.POST.getlist("site")).distinct())
    if version is None or not sites:
        messages.error(request, "Upload a dictionary first, and choose at least one site that takes part.")
        return redirect("request_cost", code=code)
    actor = acting_as(request, *ESTIMATORS)
    accepting.estimate(version, sites, actor=actor, today=actor.now.date())
    return redirect("request_cost", code=code)


@require_POST
@require_roles(Role.ADMIN)
def request_decide(request: HttpRequest, code: str) -> HttpResponse:
    """Accept or refuse, with a reason; accepting freezes a release and plans the follow-up."""
    program = program_or_404(user_of(request), code, Role.ADMIN)
    wanted = _uuid(request)
    made = Estimate.objects.filter(version__program=program, uuid=wanted).first() if wanted else None
    if made is None:
        messages.error(request, "Estimate the cost first; nobody decides without numbers.")
        return redirect("request_cost", code=code)
    actor, reason = acting_as(request, Role.ADMIN), request.POST.get("reason", "")
    try:
        if request.POST.get("decision") == "accept":
            seen = request.POST.get("over_budget") == "1"
            done = accepting.accept(made, actor=actor, reason=reason, over_budget_seen=seen)
            words = f"Accepted. {done.run.total} patients are being planned;"
            messages.success(request, f"{words} their visits are in the worklists within a minute or two.")
        elif request.POST.get("decision") == "trim":
            accepting.ask_to_trim(made, _numbers(request), actor=actor, reason=reason)
            messages.success(request, "Sent back to be trimmed; the sponsor sees which changes you ask for, and why.")
        else:
            accepting.refuse(made, actor=actor, reason=reason)
            messages.success(request, "Refused; the sponsor sees your reason and the numbers.")
    except (accepting.AcceptError, ReasonMissing) as error:
        messages.error(request, str(error))
    return redirect("request_cost", code=code)


def _conflicts(version: DictionaryVersion | None, user: User) -> dict[str, object]:
    """How many conflicts the version would have open, and what blocks it. Sponsors see no other program's words."""
    found = accepting.candidate(version)[2] if version else ()
    listed = [c for c in found if c.kind != "undecided"]
    network = has_role(user, *NETWORK)
    blocked = conflict_kinds.blocking(listed)
    own = [c.message for c in blocked if network or len(c.programs) == 1]
    return {"conflicts": len(listed), "blocked": len(blocked), "blocked_by": own, "may_see_conflicts": network}


def _uuid(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("estimate", ""))
    except ValueError:
        return None


def _numbers(request: HttpRequest) -> list[int]:
    return [int(n) for n in request.POST.getlist("trim") if n.isdecimal()]


def _over(result: what_if.Result | None) -> list[dict[str, object]]:
    """The sites over budget with their names; for the table."""
    found = result.over_budget if result else ()
    names = dict(Site.objects.filter(code__in=[o.site for o in found]).values_list("code", "name"))
    return [{"name": names.get(o.site, o.site), "budget": o.budget, "now": o.now, "then": o.then} for o in found]


def _rows(made: Estimate | None) -> list[tuple[Site, dict[str, float], float, int]]:
    """Site, hours (low, mid, high), FTE, patients; for the table."""
    if made is None:
        return []
    names = {s.code: s for s in Site.objects.filter(code__in=made.sites)}
    result = made.result
    return [
        (names[c], h, result["fte"][c], result["patients"][c])
        for c, h in result["hours_per_site_year"].items()
        if c in names
    ]
