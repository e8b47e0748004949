"""A program closes for every patient it follows, or opens again. Called by the close_program command.

Each patient is closed in a transaction of their own by an event of their own, so the work can be stopped at any moment:
the next call goes on with whoever is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from capture.enter import happenings
from capture.models import Enrollment, Patient, PatientEvent
from sites import trail
from sites.models import Program
from sites.trail import Actor

WHOLE = {"whole_program": True}  # the mark of an event that closed the program for everybody


class ClosingError(ValueError):
    """A program that cannot be closed or opened; the message says why."""

    code = "closing_refused"


def close(program: Program, on: date, *, actor: Actor, reason: str, today: date) -> Iterator[Patient]:
    """Close the program from `on`; gives each patient once done. Whoever was infused later closes on that day.

    Nobody is enrolled in it from now on. Raises ClosingError, and ReasonMissing without a reason.
    """
    if on > today:
        raise ClosingError(f"{on} is in the future. Close {program} when it has closed.")
    _set(program, (Program.State.LIVE, Program.State.CLOSED), Program.State.CLOSED, actor=actor, reason=reason)
    for patient, infused in _followed(program):
        if not _standing(patient, program).exists():
            happenings.record(
                patient,
                PatientEvent.Kind.PROGRAM_CLOSED,
                max(on, infused),
                program=program.code,
                details=WHOLE,
                actor=actor,
                reason=reason,
                today=today,
            )
            yield patient


def reopen(program: Program, *, actor: Actor, reason: str, today: date) -> Iterator[Patient]:
    """Undo a closing for every patient it closed; those it had closed for before stay closed. Gives each once done."""
    _set(program, (Program.State.CLOSED, Program.State.LIVE), Program.State.LIVE, actor=actor, reason=reason)
    for patient, _ in _followed(program):
        for event in _standing(patient, program).filter(details__whole_program=True):
            happenings.undo(event, actor=actor, reason=reason, today=today)
            yield patient


@transaction.atomic
def _set(program: Program, allowed: tuple[str, ...], state: str, *, actor: Actor, reason: str) -> None:
    why = trail.require_reason(reason)
    row = Program.objects.select_for_update().get(pk=program.pk)
    if row.state not in allowed:
        raise ClosingError(f"{row} is {row.get_state_display().lower()}: only a live program closes.")
    if row.state == state:
        return  # begun before: go on
    before, row.state = row.state, state
    row._change_reason = why  # type: ignore[attr-defined]
    row.save()
    name = "close_program" if state == Program.State.CLOSED else "reopen_program"
    trail.record(actor, name, f"program:{row.code}", reason=why, details={"from": before, "to": state})


def _followed(program: Program) -> Iterator[tuple[Patient, date]]:
    """Every patient followed in the program, with the first infusion that it follows."""
    rows = Enrollment.objects.filter(program=program).order_by("treatment__patient", "treatment__infusion_date")
    first: dict[int, date] = {}
    for patient, infused in rows.values_list("treatment__patient", "treatment__infusion_date"):
        first.setdefault(patient, infused)
    return ((Patient.objects.get(pk=pk), infused) for pk, infused in first.items())


def _standing(patient: Patient, program: Program) -> QuerySet[PatientEvent]:
    return happenings.standing(patient).filter(kind=PatientEvent.Kind.PROGRAM_CLOSED, program=program.code)
