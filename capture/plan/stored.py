"""A patient's plan as it is stored, for preview: every report, visit, pin, reminder and newest delivery. 2 queries."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Subquery

from capture.models import Delivery, Notice, PlanPin, Timepoint, Visit
from capture.plan.delta import slot_key
from capture.plan.preview import Occasion, Picture, Report


def picture(patient_id: int) -> Picture:
    """Everything a person may look at before and after an act on the plan."""
    newest = Delivery.objects.filter(timepoint=OuterRef("pk")).order_by("-revision").values("state")[:1]
    points = Timepoint.objects.filter(enrollment__treatment__patient=patient_id)
    points = points.select_related("enrollment__program").annotate(delivery=Subquery(newest))
    last_pin = PlanPin.objects.filter(visit=OuterRef("pk")).order_by("-at", "-pk").values("released")[:1]
    reminded = Exists(Notice.objects.filter(visit=OuterRef("pk")))
    visits = Visit.objects.filter(patient=patient_id).select_related("site")
    return Picture(
        {r.key: r for r in map(_report, points)},
        {str(v.pk): _occasion(v) for v in visits.annotate(let_go=Subquery(last_pin), reminded=reminded)},
    )


def _report(row: Timepoint) -> Report:
    return Report(
        key=slot_key(row.enrollment_id, row.entry_code, row.cycle),
        program=row.enrollment.program.title,
        label=row.label,
        state=row.state,
        reason=row.state_reason,
        opens=row.window_start,
        closes=row.window_end,
        due=row.due_on,
        visit=str(row.visit_id) if row.visit_id else None,
        delivery=row.delivery or "",  # type: ignore[attr-defined]
    )


def _occasion(row: Visit) -> Occasion:
    return Occasion(
        id=str(row.pk),
        kind=row.get_kind_display().lower(),
        on=row.planned_on,
        site=row.site.name,
        submitted=row.submitted_at is not None,
        pinned=row.let_go is False,  # type: ignore[attr-defined]  # None where it was never pinned
        reminder=row.reminded,  # type: ignore[attr-defined]
    )
