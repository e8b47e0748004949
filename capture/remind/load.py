"""Open visits as reminders see them, for many at once."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Min, Q, QuerySet

from capture.models import Timepoint, Visit
from capture.remind.due import OpenVisit
from sites.models import Site

PLANNED = Q(timepoints__state=Timepoint.State.PLANNED)


def annotated(rows: QuerySet[Visit]) -> QuerySet[Visit]:
    """Open visits with the earliest opening and due day of their open timepoints."""
    opened = rows.filter(submitted_at__isnull=True).annotate(
        due_on=Min("timepoints__due_on", filter=PLANNED), opens_on=Min("timepoints__window_start", filter=PLANNED)
    )
    return opened.filter(due_on__isnull=False)


def of_site(site: Site) -> list[OpenVisit]:
    """Every open visit of a site. One query."""
    return facts(annotated(Visit.objects.filter(site=site)).select_related("patient"))


def of_patient(patient_id: int) -> list[tuple[Visit, OpenVisit]]:
    """Every open visit of a patient, with its row. One query."""
    rows = list(annotated(Visit.objects.filter(patient=patient_id)).select_related("patient", "site", "notice"))
    return list(zip(rows, facts(rows), strict=True))


def facts(rows: Iterable[Visit]) -> list[OpenVisit]:
    """Annotated rows as facts."""
    return [
        OpenVisit(str(v.uuid), v.patient.pseudonym, v.opens_on, v.due_on)  # type: ignore[attr-defined]
        for v in rows
    ]
