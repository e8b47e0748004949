"""The page on which a person arranges a visit: another day, split, join, seen elsewhere, release. Each is previewed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from capture import access
from capture.enter import pinning
from capture.models import Timepoint, Visit
from capture.plan.arranged import common_days
from capture.plan.worklist import local_today
from forms_catalog import publishing
from sites.access import require_roles, user_of


@dataclass(frozen=True, slots=True)
class Beside:
    """Another open visit of the patient that could join: it serves other programs, on days that these reports share."""

    visit: Visit
    reports: tuple[Timepoint, ...]


@require_GET
@require_roles(*access.WRITERS)
def visit_arrange(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What can be arranged about an open follow-up visit; any other leads to its patient."""
    found = access.visit_or_404(user_of(request), uuid, *access.WRITERS)
    points = _open(found)
    if found.submitted_at or found.kind != Visit.Kind.FOLLOWUP or not points:
        messages.info(request, "Only open follow-up visits are arranged.")
        return redirect("patient", uuid=found.patient.uuid)
    release = publishing.current_spec()
    context = {
        "visit": found,
        "points": points,
        "possible": pinning.possible(common_days(pinning.window_of(p, release) for p in points)),
        "standing": pinning.standing(found),
        "beside": list(_beside(request, found, points)),
        "today": local_today(found.site),
    }
    return render(request, "capture/visit/arrange.html", context)


def _open(visit: Visit) -> list[Timepoint]:
    rows = Timepoint.objects.filter(visit=visit, state=Timepoint.State.PLANNED)
    return list(rows.select_related("enrollment__program", "enrollment__treatment").order_by("window_start", "id"))


def _beside(request: HttpRequest, visit: Visit, points: Sequence[Timepoint]) -> list[Beside]:
    """Visits whose reports are of other programs and share a day with all of these. 1 query."""
    mine = access.visits_for(user_of(request), *access.WRITERS).filter(patient=visit.patient, kind=visit.kind)
    rows = Timepoint.objects.filter(visit__in=mine.exclude(pk=visit.pk), visit__submitted_at=None, state="planned")
    groups: dict[int, list[Timepoint]] = defaultdict(list)
    for point in rows.select_related("visit", "enrollment__program").order_by("visit__planned_on", "id"):
        groups[point.visit_id or 0].append(point)
    programs = {p.enrollment.program_id for p in points}
    found = []
    for others in groups.values():
        every = [*points, *others]
        first, last = max(p.window_start for p in every), min(p.window_end for p in every)
        if first <= last and not programs & {p.enrollment.program_id for p in others} and others[0].visit:
            found.append(Beside(others[0].visit, tuple(others)))
    return found
