"""What happens to patients: the only writer of PatientEvent. Each event re-plans at once; undo is another event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from capture.models import Patient, PatientEvent
from capture.plan import scheduling
from sites import trail
from sites.trail import Actor

ONCE = {PatientEvent.Kind.DEATH}
NEEDS_BEFORE = {PatientEvent.Kind.FOUND: PatientEvent.Kind.LOST, PatientEvent.Kind.RECONSENTED: "withdrawn"}


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
    """Record an event and re-plan. Raises HappeningError for what cannot be, ReasonMissing without a reason."""
    why = trail.require_reason(reason)
    locked = Patient.objects.select_for_update().get(pk=patient.pk)
    _check(locked, kind, effective_on, program, today)
    event = PatientEvent.objects.create(
        patient=locked,
        kind=kind,
        effective_on=effective_on,
        program=program,
        details=dict(details or {}),
        reason=why,
        recorded_by=actor.name,
        recorded_at=actor.now,
        simulated=actor.simulated,
    )
    trail.record(actor, f"event_{kind}", f"patient:{locked.uuid}", reason=why, details={"event": str(event.uuid)})
    scheduling.plan_patient(locked.pk, actor=actor, reason=f"{event.get_kind_display()}: {why}", today=today)
    return event


@transaction.atomic
def undo(event: PatientEvent, *, actor: Actor, reason: str, today: date) -> PatientEvent:
    """Undo an event by another one; what it closed opens again."""
    why = trail.require_reason(reason)
    Patient.objects.select_for_update().get(pk=event.patient_id)
    if event.kind == PatientEvent.Kind.UNDO:
        raise HappeningError("An undo is not undone; record the event again instead.")
    if PatientEvent.objects.filter(undoes=event).exists():
        raise HappeningError("This event is already undone.")
    made = PatientEvent.objects.create(
        patient=event.patient,
        kind=PatientEvent.Kind.UNDO,
        effective_on=event.effective_on,
        program=event.program,
        undoes=event,
        reason=why,
        recorded_by=actor.name,
        recorded_at=actor.now,
        simulated=actor.simulated,
    )
    trail.record(actor, "event_undo", f"patient:{event.patient.uuid}", reason=why, details={"event": str(event.uuid)})
    scheduling.plan_patient(event.patient_id, actor=actor, reason=f"Undo: {why}", today=today)
    return made


def _check(patient: Patient, kind: str, on: date, program: str, today: date) -> None:
    if kind not in PatientEvent.Kind.values or kind == PatientEvent.Kind.UNDO:
        raise HappeningError(f"{kind!r} is not an event that can be recorded.")
    if on > today:
        raise HappeningError(f"{on} is in the future. Record it when it has happened.")
    first = patient.treatments.order_by("infusion_date").first()
    if first is None or on < first.infusion_date:
        raise HappeningError(f"{on} is before the infusion. Check the date.")
    standing = PatientEvent.objects.filter(patient=patient, undone_by__isnull=True).exclude(kind="undo")
    if kind in ONCE and standing.filter(kind=kind).exists():
        raise HappeningError("A death is already recorded. Undo it first if its date is wrong.")
    before = NEEDS_BEFORE.get(PatientEvent.Kind(kind))
    if before and not standing.filter(kind=before, program__in=["", program], effective_on__lte=on).exists():
        raise HappeningError(f"There is no earlier '{before}' to end. Record what happened first.")
