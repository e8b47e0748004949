"""What happens to patients: the only writer of PatientEvent. Undo is another event.

Each event re-plans at once and cuts what was reported again: a withdrawn consent holds what must not leave any more,
its return or an undo prepares it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from capture.deliver import outbox
from capture.enter import attempts, staying
from capture.models import Enrollment, Patient, PatientEvent, Timepoint, Treatment, Visit
from capture.plan import scheduling
from sites import trail
from sites.trail import Actor

Kind = PatientEvent.Kind
OF_ALL_PROGRAMS = (Kind.DEATH, Kind.TRANSFER, Kind.NEW_INFUSION)
OF_ONE_REPORT = Kind.SURVIVAL_ONLY
NOT_AFTER_DEATH = (Kind.LOST, Kind.FOUND, Kind.TRANSFER, Kind.NEW_INFUSION, Kind.RECONSENTED)
ENDS = {Kind.FOUND: Kind.LOST, Kind.RECONSENTED: Kind.WITHDRAWN}
ENDED_BY = {begin: end for end, begin in ENDS.items()}


class HappeningError(ValueError):
    """An event that cannot be; the message says why and what to do."""

    code = "event_refused"


@transaction.atomic
def record(
    patient: Patient,
    kind: str,
    effective_on: date,
    *,
    program: str = "",
    details: Mapping[str, Any] | None = None,
    actor: Actor,
    reason: str,
    today: date,
) -> PatientEvent:
    """Record an event and re-plan. `details`: a transfer names the new site's code in "site", a loss the days of its
    contact attempts in "attempts", a survival-only report its timepoint in "timepoint".

    Raises HappeningError for what cannot be, ReasonMissing without a reason.
    """
    why = trail.require_reason(reason)
    locked = Patient.objects.select_for_update().get(pk=patient.pk)
    found = dict(details or {})
    if kind == OF_ONE_REPORT:
        program = _report_program(locked, found.get("timepoint", ""))
    _check(locked, kind, effective_on, program, today)
    try:
        if kind == Kind.TRANSFER:
            found |= staying.move(locked, found.get("site", ""), effective_on, actor=actor, reason=why, today=today)
        if kind == Kind.LOST:
            made = attempts.checked(locked, program, found.get("attempts", ()), today=today)
            found |= {"attempts": [day.isoformat() for day in made]}
    except (staying.TransferError, attempts.TooFewAttempts) as error:
        raise HappeningError(str(error)) from error
    return _write(locked, kind, effective_on, program, found, None, actor=actor, reason=why, today=today)


@transaction.atomic
def undo(event: PatientEvent, *, actor: Actor, reason: str, today: date) -> PatientEvent:
    """Undo an event by another one; what it closed opens again, and a transferred patient goes back."""
    why = trail.require_reason(reason)
    locked = Patient.objects.select_for_update().get(pk=event.patient_id)
    if event.kind == Kind.UNDO:
        raise HappeningError("An undo is not undone; record the event again instead.")
    if PatientEvent.objects.filter(undoes=event).exists():
        raise HappeningError("This event is already undone.")
    if follower := _ending(locked, event):
        raise HappeningError(f"Undo the later '{follower.get_kind_display()}' of {follower.effective_on} first.")
    if event.kind == OF_ONE_REPORT and _submitted(event):
        raise HappeningError("This report was submitted as survival only. The next full one covers its time as well.")
    if event.kind == Kind.TRANSFER:
        staying.back(locked, event.details, event.effective_on, actor=actor, reason=why, today=today)
    return _write(locked, Kind.UNDO, event.effective_on, event.program, {}, event, actor=actor, reason=why, today=today)


def standing(patient: Patient) -> QuerySet[PatientEvent]:
    """The patient's events that nobody has undone, earliest first."""
    rows = PatientEvent.objects.filter(patient=patient, undone_by__isnull=True).exclude(kind=Kind.UNDO)
    return rows.order_by("effective_on", "pk")


def _write(
    patient: Patient,
    kind: str,
    on: date,
    program: str,
    details: Mapping[str, Any],
    undoes: PatientEvent | None,
    *,
    actor: Actor,
    reason: str,
    today: date,
) -> PatientEvent:
    event = PatientEvent.objects.create(
        patient=patient,
        kind=kind,
        effective_on=on,
        program=program,
        details=details,
        undoes=undoes,
        reason=reason,
        recorded_by=actor.name,
        recorded_at=actor.now,
        simulated=actor.simulated,
    )
    said = {"event": str(undoes.uuid if undoes else event.uuid), "on": on.isoformat(), "program": program}
    trail.record(
        actor, "event_undo" if undoes else f"event_{kind}", f"patient:{patient.uuid}", reason=reason, details=said
    )
    label = f"Undo of {undoes.get_kind_display()}" if undoes else Kind(kind).label
    scheduling.plan_patient(patient.pk, actor=actor, reason=f"{label}: {reason}", today=today)
    outbox.prepare(patient.pk, actor=actor, today=today, reason=f"{label}: {reason}")
    return event


def _check(patient: Patient, kind: str, on: date, program: str, today: date) -> None:
    if kind not in Kind.values or kind == Kind.UNDO:
        raise HappeningError(f"{kind!r} is not an event that can be recorded.")
    _check_program(patient, Kind(kind), program)
    if on > today:
        raise HappeningError(f"{on} is in the future. Record it when it has happened.")
    rows = Treatment.objects.filter(patient=patient).order_by("infusion_date")
    infusions = list(rows.values_list("infusion_date", flat=True))
    if not infusions or on < infusions[0]:
        raise HappeningError(f"{on} is before the infusion. Check the date.")
    if kind == Kind.NEW_INFUSION and on not in infusions[1:]:
        raise HappeningError(f"No further infusion is entered for {on}. Add the treatment; the event comes with it.")
    _check_death(patient, Kind(kind), on, infusions)
    _check_order(patient, Kind(kind), on, program)


def _report_program(patient: Patient, timepoint: str) -> str:
    """The program of the open report that an event concerns. Raises HappeningError."""
    points = Timepoint.objects.filter(enrollment__treatment__patient=patient).exclude(kind=Visit.Kind.BASELINE)
    uuids = {str(uuid): pk for pk, uuid in points.values_list("pk", "uuid")}
    if timepoint not in uuids:
        raise HappeningError("Choose the report for which only survival is known.")
    row = points.select_related("enrollment__program").get(pk=uuids[timepoint])
    if row.state != Timepoint.State.PLANNED:
        raise HappeningError(f"{row.label} is {row.get_state_display().lower()}; only an open report can be reduced.")
    if row.contact_type == "survival":
        raise HappeningError(f"{row.label} asks for survival only already.")
    return row.enrollment.program.code


def _submitted(event: PatientEvent) -> bool:
    return Timepoint.objects.filter(uuid=event.details["timepoint"], state=Timepoint.State.SUBMITTED).exists()


def _check_program(patient: Patient, kind: str, program: str) -> None:
    if program and kind in OF_ALL_PROGRAMS:
        raise HappeningError("This event concerns every program. Leave the program empty.")
    if not program and kind == Kind.PROGRAM_CLOSED:
        raise HappeningError("Name the program that closed.")
    if program and not Enrollment.objects.filter(treatment__patient=patient, program__code=program).exists():
        raise HappeningError(f"{patient} is not followed in {program}. Choose one of the patient's programs.")


def _check_death(patient: Patient, kind: str, on: date, infusions: list[date]) -> None:
    death = standing(patient).filter(kind=Kind.DEATH).first()
    if kind != Kind.DEATH:
        if death and kind in NOT_AFTER_DEATH and on > death.effective_on:
            raise HappeningError(f"{patient} died on {death.effective_on}. Check the date {on}.")
        return
    if death:
        raise HappeningError("A death is already recorded. Undo it first if its date is wrong.")
    if on < infusions[-1]:
        raise HappeningError(f"{on} is before the infusion of {infusions[-1]}. Check the date.")
    later = standing(patient).filter(kind__in=NOT_AFTER_DEATH, effective_on__gt=on).first()
    if later:
        raise HappeningError(f"'{later.get_kind_display()}' is recorded for {later.effective_on}, after {on}.")


def _check_order(patient: Patient, kind: str, on: date, program: str) -> None:
    """Lost then found, withdrawn then consented again: each only in its turn; a program closes once."""
    if kind == Kind.PROGRAM_CLOSED and standing(patient).filter(kind=kind, program=program).exists():
        raise HappeningError(f"{program} is already closed for {patient}.")
    begin = ENDS.get(Kind(kind), Kind(kind))
    if begin not in ENDED_BY:
        return
    pair = standing(patient).filter(kind__in=(begin, ENDED_BY[begin]), program__in=("", program))
    last = pair.filter(effective_on__lte=on).last()
    if kind in ENDS and (last is None or last.kind != begin):
        raise HappeningError(f"There is no earlier '{Kind(begin).label}' to end. Record what happened first.")
    if kind in ENDED_BY and last is not None and last.kind == kind:
        raise HappeningError(f"'{last.get_kind_display()}' is already recorded for {last.effective_on}.")


def _ending(patient: Patient, event: PatientEvent) -> PatientEvent | None:
    """The standing event that rests on this one: a "found" without its "lost" would say nothing."""
    end = ENDED_BY.get(Kind(event.kind))
    if end is None:
        return None
    later = standing(patient).filter(kind=end, effective_on__gte=event.effective_on)
    return later.filter(program__in=("", event.program)).first()
