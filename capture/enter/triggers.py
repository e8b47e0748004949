"""What a submitted answer sets off: a reported death becomes a patient event, once. Called by recording."""

from __future__ import annotations

from datetime import date

from capture.ask.records import latest_day
from capture.enter import happenings
from capture.models import PatientEvent, Response, Submission, Visit
from sites.trail import Actor


def happen(visit: Visit, submission: Submission, *, actor: Actor, today: date) -> None:
    """Record a death that this submission reports and that no event tells of yet."""
    given = {r.element: r.value for r in Response.objects.filter(submission=submission, is_current=True)}
    day = latest_day(given.get("death-date", ""))
    if given.get("vital-status") != "dead" or day is None or _known(visit):
        return
    happenings.record(
        visit.patient,
        PatientEvent.Kind.DEATH,
        day,
        actor=actor,
        reason="reported at a visit",
        today=today,
        details={"visit": str(visit.uuid)},
    )


def _known(visit: Visit) -> bool:
    events = PatientEvent.objects.filter(patient=visit.patient_id, kind=PatientEvent.Kind.DEATH)
    return events.filter(undone_by__isnull=True).exists()
