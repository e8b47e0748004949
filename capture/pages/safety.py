"""Safety records on a page of their own: save one at once, see what each opened and sent, cancel and reset."""

from __future__ import annotations

import uuid as uuids
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from capture import access
from capture.ask.facts import Entry
from capture.enter import happenings, occasions
from capture.enter.occasions import KINDS, Report, SafetyError
from capture.models import Occurrence, Patient, SafetyRecord, Visit
from capture.pages import safety_rows
from capture.plan.worklist import local_today
from sites.access import acting_as, require_roles, user_of
from sites.models import Role
from sites.trail import ReasonMissing

DONE = {"cancel": "Marked as entered in error. What had left of it is taken back.", "reset": "It stands again."}
READERS = (*access.AT_SITE, Role.ADMIN, Role.AUDITOR)


@require_GET
@require_roles(*READERS)
def patient_safety(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What was reported of one patient, and the form of one kind (?kind=); ?visit= names the open form it is from."""
    found = access.patient_or_404(user_of(request), uuid, *READERS)
    return _page(request, found, request.GET.get("kind", ""), request.GET.get("visit", ""))


@require_POST
@require_roles(*access.WRITERS)
def safety_save(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Save one at once; back to the open form it came from. 422 with what needs a look, nothing typed is lost."""
    found = access.patient_or_404(user_of(request), uuid, *access.WRITERS)
    kind, visit = request.POST.get("kind", ""), _visit(request, found)
    aware_at = _aware(request, found)
    if kind not in KINDS or aware_at is None:
        error = SafetyError("Give the day and time at which the site became aware of it.", {"aware": "date and time."})
        return _page(request, found, kind, _name(visit), refused=error)
    report = Report(_uuid(request.POST.get("client_uuid", "")), kind, _typed(request), aware_at, visit)
    try:
        made = occasions.save(found, report, actor=acting_as(request, *access.WRITERS), today=local_today(found.site))
    except SafetyError as error:
        return _page(request, found, kind, _name(visit), refused=error)
    messages.success(request, _said(made))
    return redirect("visit", uuid=visit.uuid) if visit else redirect("patient_safety", uuid=uuid)


@require_POST
@require_roles(*access.WRITERS)
def safety_mark(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Cancel a record that was entered in error, or let it stand again, with a reason; a death is undone."""
    found = access.patient_or_404(user_of(request), uuid, *access.WRITERS)
    actor, today = acting_as(request, *access.WRITERS), local_today(found.site)
    reason, act = request.POST.get("reason", ""), request.POST.get("act", "")
    row = Occurrence.objects.filter(patient=found, uuid=_uuid(request.POST.get("record", ""))).first()
    death = SafetyRecord.objects.filter(patient=found, event__uuid=_uuid(request.POST.get("record", ""))).first()
    try:
        if row and act in ("cancel", "reset"):
            mark = occasions.cancel if act == "cancel" else occasions.reset
            mark(found, row, actor=actor, reason=reason, today=today)
        elif death and death.event and act == "cancel":
            happenings.undo(death.event, actor=actor, reason=reason, today=today)
        else:
            raise SafetyError("This record is not one of this patient. Reload the page.")
        messages.success(request, DONE[act])
    except (SafetyError, happenings.HappeningError, ReasonMissing) as error:
        messages.error(request, str(error))
    return redirect("patient_safety", uuid=uuid)


def _page(
    request: HttpRequest, found: Patient, kind: str, visit: str, *, refused: SafetyError | None = None
) -> HttpResponse:
    now = timezone.now().astimezone(ZoneInfo(found.site.time_zone))
    context: dict[str, Any] = {
        "patient": found,
        "kinds": KINDS.values(),
        "kind": KINDS.get(kind),
        "fields": safety_rows.fields_of(kind, _typed(request), refused.findings if refused else {}),
        "rows": safety_rows.of_patient(found),
        "visit": Visit.objects.filter(patient=found, uuid=_uuid(visit), submitted_at=None).first() if visit else None,
        "refused": refused,
        "aware_error": refused.findings.get("aware", "") if refused else "",
        "client_uuid": request.POST.get("client_uuid") or uuids.uuid4(),
        "aware_on": request.POST.get("aware_on", now.date().isoformat()),
        "aware_time": request.POST.get("aware_time", f"{now:%H:%M}"),
        "may_write": access.patients_for(user_of(request), *access.WRITERS).filter(pk=found.pk).exists(),
    }
    return render(request, "capture/patients/safety.html", context, status=422 if refused else 200)


def _said(made: SafetyRecord) -> str:
    opened = safety_rows.opened_by(made)
    if not opened:
        return f"{KINDS[made.kind].label} saved. No program of this patient asks for a report of its own."
    due = "; ".join(f"{p.enrollment.program.title} by {p.due_on}" for p in opened)
    return f"{KINDS[made.kind].label} saved. Due: {due}."


def _typed(request: HttpRequest) -> dict[str, Entry]:
    """Element → what was typed: v.<element> a value, m.<element> why it is missing."""
    names = {n[2:] for n in request.POST if n[:2] in ("v.", "m.")}
    found = {}
    for name in sorted(names):
        value = "|".join(v.strip() for v in request.POST.getlist(f"v.{name}") if v.strip())
        found[name] = Entry(value.replace("\x00", ""), "" if value else request.POST.get(f"m.{name}", ""))
    return {name: entry for name, entry in found.items() if entry.given}


def _aware(request: HttpRequest, found: Patient) -> datetime | None:
    """The typed day and time in the site's own zone."""
    try:
        day = date.fromisoformat(request.POST.get("aware_on", ""))
        at = time.fromisoformat(request.POST.get("aware_time", ""))
    except ValueError:
        return None
    return datetime.combine(day, at.replace(tzinfo=None), tzinfo=ZoneInfo(found.site.time_zone))


def _visit(request: HttpRequest, found: Patient) -> Visit | None:
    text = request.POST.get("visit", "")
    return Visit.objects.filter(patient=found, uuid=_uuid(text), submitted_at=None).first() if text else None


def _name(visit: Visit | None) -> str:
    return str(visit.uuid) if visit else ""


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuids.uuid4()


def link(visit: Visit) -> str:
    """The page for a patient's safety records, to come back to this open form."""
    return f"{reverse('patient_safety', args=[visit.patient.uuid])}?visit={visit.uuid}"
