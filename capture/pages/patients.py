"""Patients of a site by pseudonym: the list, and one patient with the time line of 15 years. changing has the acts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from capture import access
from capture.ask import load
from capture.models import Enrollment, Patient, PatientEvent, Timepoint, Visit
from capture.pages import acts, timeline
from capture.plan.worklist import local_today
from sites.access import require_roles, sites_for, user_of
from sites.models import Role, Site, User

READERS = (*access.AT_SITE, Role.ADMIN, Role.AUDITOR)


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
    """One patient: programs, events, and 15 years of visits with what each serves; `?months=12` zooms in."""
    found = access.patient_or_404(user_of(request), uuid, *READERS)
    zoomed = request.GET.get("months") == "12"
    return render(request, "capture/patients/detail.html", context(found, user_of(request), zoomed=zoomed))


def context(found: Patient, user: User, *, zoomed: bool = False) -> dict[str, Any]:
    """What the patient's page shows; also where an act was refused."""
    form = form_context(found)
    writes_at = set(sites_for(user, *access.WRITERS).values_list("pk", flat=True))
    line = timeline.of_patient(found, form["enrollments"], form["today"], zoomed=zoomed, writes_at=writes_at)
    return form | {
        "patient": found,
        "line": line,
        "legend": timeline.LEGEND,
        "may_write": found.site_id in writes_at,
        "unbalanced": load.without_balance([found.pk]),
        "typed": {},
    }


def form_context(found: Patient) -> dict[str, Any]:
    """What the form of an event offers."""
    enrolments = Enrollment.objects.filter(treatment__patient=found).select_related("program", "treatment")
    return {
        "enrollments": list(enrolments.order_by("treatment__infusion_date", "program__title", "pk")),
        "sites": Site.objects.exclude(pk=found.site_id),
        "kinds": [(k, PatientEvent.Kind(k).label) for k in acts.RECORDABLE],
        "reducible": _reducible(found),
        "today": local_today(found.site),
    }


def _reducible(found: Patient) -> QuerySet[Timepoint]:
    """The next open reports, which may be reduced to survival."""
    mine = Timepoint.objects.filter(enrollment__treatment__patient=found, state=Timepoint.State.PLANNED)
    open_ones = mine.exclude(kind=Visit.Kind.BASELINE).select_related("enrollment__program")
    return open_ones.order_by("window_start", "enrollment__program__code")[:12]
