"""Patients of a site by pseudonym: the list, the time line of one, and recording what happened to them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from capture import access
from capture.enter import enrolling, happenings, pinning
from capture.models import Enrollment, Patient, PatientEvent, Visit
from capture.plan.worklist import local_today
from sites import trail
from sites.access import acting_as, require_roles, user_of
from sites.models import Role, Site
from sites.trail import ReasonMissing

READERS = (*access.AT_SITE, Role.ADMIN, Role.AUDITOR)
RECORDABLE = ("death", "lost", "found", "withdrawn", "reconsented", "transfer", "program_closed", "new_infusion")


@require_GET
@require_roles(*READERS)
def patients(request: HttpRequest) -> HttpResponse:
    """Patients the user may see, by pseudonym, with a search."""
    search = request.GET.get("q", "").strip()
    rows = access.patients_for(user_of(request), *READERS).filter(pseudonym__icontains=search).select_related("site")
    page = Paginator(rows.prefetch_related("treatments__enrollments__program"), 25).get_page(request.GET.get("page"))
    return render(request, "capture/patients/list.html", {"page": page, "search": search})


@require_GET
@require_roles(*READERS)
def patient(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One patient: programs, events, and 15 years of visits with what each serves."""
    found = access.patient_or_404(user_of(request), uuid, *READERS)
    visits = Visit.objects.filter(patient=found).prefetch_related("timepoints__enrollment__program")
    context = {
        "patient": found,
        "visits": visits.order_by("planned_on", "id"),
        "enrollments": Enrollment.objects.filter(treatment__patient=found).select_related("program", "treatment"),
        "events": found.events.select_related("undone_by").order_by("effective_on", "id"),
        "pinned": pinning.pinned_of(found),
        "sites": Site.objects.exclude(pk=found.site_id),
        "kinds": [(k, PatientEvent.Kind(k).label) for k in RECORDABLE],
        "may_write": access.patients_for(user_of(request), *access.WRITERS).filter(pk=found.pk).exists(),
        "today": local_today(found.site),
    }
    return render(request, "capture/patients/detail.html", context)


@require_POST
@require_roles(*access.WRITERS)
def patient_event(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record an event with a reason; what it opens and closes is planned at once. A transferred patient leaves."""
    found = access.patient_or_404(user_of(request), uuid, *access.WRITERS)
    kind, on = request.POST.get("kind", ""), _day(request.POST.get("effective_on", ""))
    if kind not in RECORDABLE or on is None:
        messages.error(request, "Choose what happened and give its date.")
        return redirect("patient", uuid=uuid)
    try:
        _record(request, found, kind, on)
    except (happenings.HappeningError, enrolling.EnrollingError, ReasonMissing) as error:
        messages.error(request, str(error))
    if not access.patients_for(user_of(request), *READERS).filter(pk=found.pk).exists():
        messages.success(request, f"{found} is at another site now; its people go on from here.")
        return redirect("patients")
    return redirect("patient", uuid=uuid)


def _record(request: HttpRequest, found: Patient, kind: str, on: date) -> None:
    """A new infusion is a treatment, which brings its event with it; everything else is the event itself."""
    actor, reason = acting_as(request, *access.WRITERS), trail.require_reason(request.POST.get("reason", ""))
    if kind == PatientEvent.Kind.NEW_INFUSION:
        enrolling.add_treatment(found, on, request.POST.get("product", ""), actor=actor, reason=reason)
        return
    details = {"site": request.POST.get("site", "")} if kind == PatientEvent.Kind.TRANSFER else {}
    program, today = request.POST.get("program", ""), local_today(found.site)
    happenings.record(found, kind, on, program=program, details=details, actor=actor, reason=reason, today=today)


@require_POST
@require_roles(*access.WRITERS)
def patient_event_undo(request: HttpRequest, uuid: UUID, event: UUID) -> HttpResponse:
    """Undo an event with another event."""
    found = access.patient_or_404(user_of(request), uuid, *access.WRITERS)
    row = found.events.filter(uuid=event).first()
    if row is None:
        messages.error(request, "This event is not one of this patient.")
        return redirect("patient", uuid=uuid)
    try:
        actor = acting_as(request, *access.WRITERS)
        happenings.undo(row, actor=actor, reason=request.POST.get("reason", ""), today=local_today(found.site))
    except (happenings.HappeningError, ReasonMissing) as error:
        messages.error(request, str(error))
    return redirect("patient", uuid=uuid)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
