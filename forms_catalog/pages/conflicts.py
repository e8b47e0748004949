"""The conflicts pages: what merging will not guess, side by side, settled by people with a choice and a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from forms_catalog import access, settling
from forms_catalog.conflict_kinds import KINDS
from forms_catalog.models import DictionaryVersion
from forms_catalog.settling import SettlingError, Standing
from forms_catalog.specs import ReleaseSpec
from sites.access import acting_as, has_role, require_roles, user_of
from sites.models import Role
from sites.trail import ReasonMissing

ON_A_PAGE = 25
STATES = {"open": "Open", "settled": "Settled", "all": "All"}
FILTERS = ("kind", "program", "state", "with")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page is about: the merged release, its conflicts, and the version it would be with (None = in force)."""

    release: ReleaseSpec
    conflicts: tuple[Standing, ...]
    version: DictionaryVersion | None
    waiting: tuple[DictionaryVersion, ...]

    @property
    def titles(self) -> Mapping[str, str]:
        """Program code → title."""
        return {code: p.title for code, p in self.release.programs.items()}

    def rows(self, query: Mapping[str, str]) -> list[Standing]:
        """The conflicts a filter leaves. What is not decided has its own filter: there may be hundreds."""
        kind, program, state = query.get("kind", ""), query.get("program", ""), query.get("state", "open")
        wanted = [s for s in self.conflicts if (s.conflict.kind == kind if kind else s.conflict.kind != "undecided")]
        found = [s for s in wanted if not program or program in s.conflict.programs]
        return [s for s in found if state == "all" or (s.ruling is not None) == (state == "settled")]


@require_GET
@require_roles(*access.NETWORK)
def conflicts(request: HttpRequest) -> HttpResponse:
    """The conflicts that kind, program and state leave."""
    return _list(request, _seen(request.GET))


@require_GET
@require_roles(*access.NETWORK)
def conflict(request: HttpRequest, key: str) -> HttpResponse:
    """One conflict: the programs' own wordings side by side, what may be chosen, and who ruled what."""
    return _one(request, _seen(request.GET), key)


@require_POST
@require_roles(*access.GOVERNORS)
def conflicts_rule(request: HttpRequest) -> HttpResponse:
    """Settle the ticked conflicts of one kind, or open them again, with one reason: all of them or none."""
    seen, post = _seen(request.GET), request.POST
    keys = dict(pair.partition(" ")[::2] for pair in post.getlist("conflict"))
    found = [s for s in seen.conflicts if s.key in keys]
    if not found:
        messages.error(request, "Tick at least one conflict that is still there.")
        return redirect(_back(request, "conflicts"))
    actor = acting_as(request, *access.GOVERNORS)
    choice, reason = (post.get(name, "").replace("\x00", "") for name in ("choice", "reason"))
    try:
        _same_kind(found)
        rows = settling.rule([s.conflict for s in found], choice, actor=actor, reason=reason, seen=keys)
    except (SettlingError, ReasonMissing) as error:
        if post.get("page") == "one":
            return _one(request, seen, found[0].key, problem=str(error))
        return _list(request, seen, problem=str(error))
    messages.success(request, _done(len(rows), bool(choice)))
    left = _seen(request.GET).rows({**_query(request.GET), "state": "open"}) if post.get("page") == "one" else []
    return redirect(_back(request, "conflict", left[0].key) if left and choice else _back(request, "conflicts"))


@require_POST
@require_roles(Role.ADMIN)
def conflicts_publish(request: HttpRequest) -> HttpResponse:
    """Freeze a release with the rulings as they stand."""
    try:
        release = settling.put_into_force(
            actor=acting_as(request, Role.ADMIN), reason=request.POST.get("reason", "").replace("\x00", "")
        )
    except (SettlingError, ReasonMissing) as error:
        return _list(request, _seen(request.GET), problem=str(error))
    messages.success(request, f"Release {release.number} is in force. Visits that are open keep their form.")
    return redirect("conflicts")


def _same_kind(found: list[Standing]) -> None:
    if len({s.conflict.kind for s in found}) > 1:
        raise SettlingError("Settle one kind at a time: each kind has choices of its own.")


def _done(count: int, settled: bool) -> str:
    what = "1 conflict" if count == 1 else f"{count} conflicts"
    return f"{what} settled." if settled else f"{what} open again."


def _seen(query: QueryDict) -> Seen:
    waiting = tuple(settling.versions_waiting())
    version = next((v for v in waiting if v.program.code == query.get("with")), None)
    release, found = settling.merged(version)
    return Seen(release, tuple(settling.standings(found, release.elements)), version, waiting)


def _query(query: QueryDict) -> dict[str, str]:
    """The filters, as far as they are known."""
    given = {name: query.get(name, "") for name in FILTERS}
    given["state"] = given["state"] if given["state"] in STATES else "open"
    given["kind"] = given["kind"] if given["kind"] in KINDS else ""
    return given


def _back(request: HttpRequest, name: str, *args: str) -> str:
    return f"{reverse(name, args=args)}?{request.GET.urlencode()}"


def _list(request: HttpRequest, seen: Seen, problem: str = "") -> HttpResponse:
    query = _query(request.GET)
    rows = seen.rows(query)
    kinds = Counter(s.conflict.kind for s in seen.conflicts)
    user = user_of(request)
    context = {
        "page": Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page")),
        "query": query,
        "kind": KINDS.get(query["kind"]),
        "kinds": [(code, KINDS[code].title, kinds[code]) for code in KINDS if kinds[code]],
        "states": list(STATES.items()),
        "titles": list(seen.titles.items()),
        "version": seen.version,
        "waiting": seen.waiting,
        "undecided": kinds["undecided"],
        "not_in_force": settling.waiting(seen.conflicts) if seen.version is None else (),
        "may_rule": has_role(user, *access.GOVERNORS),
        "may_publish": has_role(user, Role.ADMIN),
        "problem": problem,
    }
    return render(request, "forms_catalog/conflicts.html", context, status=422 if problem else 200)


def _one(request: HttpRequest, seen: Seen, key: str, problem: str = "") -> HttpResponse:
    found = next((s for s in seen.conflicts if s.key == key), None)
    if found is None:
        raise Http404("There is no such conflict any more.")
    element = seen.release.elements.get(found.conflict.element)
    titles = seen.titles
    context = {
        "row": found,
        "element": element,
        "sides": [(titles.get(s.program, "The catalog"), s) for s in found.conflict.sides],
        "version": seen.version,
        "back": _back(request, "conflicts"),
        "may_rule": has_role(user_of(request), *access.GOVERNORS),
        "problem": problem,
        "given": request.POST,
    }
    return render(request, "forms_catalog/conflict.html", context, status=422 if problem else 200)
