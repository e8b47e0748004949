"""Opening balances: the table of a site with its preview, and the page of one patient.

The preview carries the file in a signed field: nothing is stored before a person says so, and nothing uploaded is lost.
"""

from __future__ import annotations

import base64
import binascii
import uuid as uuids
from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from capture import access
from capture.ask import load
from capture.enter import balance_file, balance_table, opening_balance
from capture.enter.balance_table import NOTHING, day
from capture.enter.opening_balance import BalanceError, Given, Opening
from capture.models import Enrollment, OpeningBalance, Patient
from capture.plan.worklist import local_today
from forms_catalog import publishing
from forms_catalog.formats import xlsx_output
from forms_catalog.specs import ElementSpec
from sites.access import acting_as, require_roles, site_or_404, user_of
from sites.models import Site
from sites.trail import ReasonMissing

SALT = "opening-balance"
A_DAY = 86_400
LARGEST = 3_000_000  # bytes
MOST_SHOWN = 200
KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": xlsx_output.MEDIA_TYPE}


@require_http_methods(["GET", "POST"])
@require_roles(*access.WRITERS)
def balance_site(request: HttpRequest, code: str) -> HttpResponse:
    """The template and the upload form; with a file its preview; with a preview's field the load, all or none."""
    site = site_or_404(user_of(request), code, *access.WRITERS)
    if request.method == "GET":
        return _site(request, site)
    if request.POST.get("read"):
        return _load(request, site)
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > LARGEST:
        text = f"The file is larger than {LARGEST // 1_000_000} MB. Split it." if file else "Choose the file first."
        return _site(request, site, problem=text, status=422)
    name = "".join(c for c in file.name or "" if c.isprintable())[-100:]
    return _preview(request, site, file.read(), name)


@require_GET
@require_roles(*access.WRITERS)
def balance_template(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """The template with the site's patients, as CSV or Excel."""
    site = site_or_404(user_of(request), code, *access.WRITERS)
    if kind not in KINDS:
        raise Http404("There is no such template.")
    rows = balance_file.template(site)
    data = balance_table.write_csv(rows) if kind == "csv" else balance_table.write_xlsx(rows)
    headers = {
        "Content-Disposition": f'attachment; filename="opening-balance-{site.code}.{kind}"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(data, content_type=KINDS[kind], headers=headers)


@require_http_methods(["GET", "POST"])
@require_roles(*access.WRITERS)
def patient_balance(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The balances of one patient, and the forms for one program and for one answer that never changes."""
    found = access.patient_or_404(user_of(request), uuid, *access.WRITERS)
    if request.method == "GET":
        return _patient(request, found)
    try:
        openings, given = _posted(request, found)
        done = opening_balance.load(
            found,
            openings,
            given,
            actor=acting_as(request, *access.WRITERS),
            today=local_today(found.site),
            reason=request.POST.get("reason", ""),
        )
    except (BalanceError, ReasonMissing) as error:
        return _patient(request, found, refused=str(error))
    words = "That stands already; nothing was changed." if done.nothing else "Kept as reported elsewhere."
    messages.success(request, words)
    return redirect("patient_balance", uuid=uuid)


def _posted(request: HttpRequest, found: Patient) -> tuple[dict[int, Opening], list[Given]]:
    """What one form says: a program's balance, or an answer."""
    post, today = request.POST, local_today(found.site)
    if post.get("act") == "answer":
        on = day(post.get("as_of", "")) or today
        return {}, [Given(post.get("field", ""), post.get("value", "").strip().replace("\x00", ""), on)]
    row = Enrollment.objects.filter(treatment__patient=found, uuid=_uuid(post.get("enrolment", ""))).first()
    last = post.get("last_report", "")
    if row is None or not last:
        raise BalanceError("Choose the last report that was made elsewhere, or that there was none.")
    owed = tuple(dict.fromkeys(post.get("still_owed", "").replace(",", " ").split()))
    own = post.get("program_id", "").strip().replace("\x00", "")[:100]
    opening = Opening("" if last == NOTHING else last, day(post.get("as_of", "")), owed, own)
    return {row.pk: opening}, []


def _patient(request: HttpRequest, found: Patient, *, refused: str = "") -> HttpResponse:
    release = publishing.current_spec()
    enrolments = Enrollment.objects.filter(treatment__patient=found).select_related("program", "treatment")
    rows = list(enrolments.order_by("treatment__infusion_date", "program__title", "pk"))
    balances: dict[int, list[OpeningBalance]] = {}
    for one in OpeningBalance.objects.filter(enrollment__in=rows).order_by("-revision"):
        balances.setdefault(one.enrollment_id, []).append(one)
    missing = load.without_balance([found.pk])
    known = release.programs
    lines = [
        {
            "enrolment": e,
            "balances": balances.get(e.pk, []),
            "missing": e.pk in missing,
            "entries": [x for x in known[e.program.code].entries if x.kind == "followup"]
            if e.program.code in known
            else [],
        }
        for e in rows
    ]
    context = {
        "patient": found,
        "lines": lines,
        "elements": _static(release.elements),
        "none": NOTHING,
        "today": local_today(found.site),
        "refused": refused,
        "typed": request.POST,
    }
    return render(request, "capture/patients/balance.html", context, status=422 if refused else 200)


def _static(elements: Mapping[str, ElementSpec]) -> list[ElementSpec]:
    """The elements whose answers never change, by label."""
    return sorted((e for e in elements.values() if e.reuse == "static"), key=lambda e: e.label)


def _site(request: HttpRequest, site: Site, *, problem: str = "", status: int = 200) -> HttpResponse:
    waiting = balance_file.template(site)
    context = {
        "site": site,
        "problem": problem,
        "waiting": len(waiting),
        "columns": balance_table.COLUMNS.items(),
        "patients": len({row["patient"] for row in waiting}),
    }
    return render(request, "capture/balance/site.html", context, status=status)


def _preview(
    request: HttpRequest, site: Site, data: bytes, name: str, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """What the table would do, found by doing it and taking it back."""
    reason = request.POST.get("reason", "")
    done = balance_file.load(
        site,
        data,
        actor=acting_as(request, *access.WRITERS),
        today=local_today(site),
        reason=reason or "rehearsed",
        file_name=name,
        dry_run=True,
    )
    context = {
        "site": site,
        "name": name,
        "done": done,
        "lines": done.lines[:MOST_SHOWN],
        "more": max(0, len(done.lines) - MOST_SHOWN),
        "wrong": done.wrong[:MOST_SHOWN],
        "more_wrong": max(0, len(done.wrong) - MOST_SHOWN),
        "read": signing.dumps(
            {"site": site.code, "name": name, "data": base64.b64encode(data).decode()}, salt=SALT, compress=True
        ),
        "problem": problem,
        "reason": reason,
    }
    return render(request, "capture/balance/preview.html", context, status=422 if done.wrong else status)


def _load(request: HttpRequest, site: Site) -> HttpResponse:
    try:
        kept = signing.loads(request.POST["read"], salt=SALT, max_age=A_DAY)
        data = base64.b64decode(kept["data"])
        if kept["site"] != site.code:
            raise signing.BadSignature("another site")
    except (signing.BadSignature, binascii.Error, KeyError, TypeError):
        return _site(request, site, problem="This preview is too old or not yours. Choose the file again.", status=422)
    done = balance_file.load(
        site,
        data,
        actor=acting_as(request, *access.WRITERS),
        today=local_today(site),
        reason=request.POST.get("reason", ""),
        file_name=kept["name"],
    )
    if done.wrong:
        return _preview(request, site, data, kept["name"], problem=done.wrong[0].message, status=422)
    messages.success(request, f"Loaded: {done.counts['changed']} of {done.counts['patients']} patients have news.")
    return redirect("balance_site", code=site.code)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuids.uuid4()
