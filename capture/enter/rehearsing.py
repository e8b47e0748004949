"""Rehearses an act on a patient's plan: does it through its own gateway, looks what changed, and takes it all back.

Called by the pages before an event, an undo, a pin or an arrangement is recorded, and again when it is confirmed. The
preview is the act itself, so it cannot differ from what happens (ADR 0019).
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from capture.models import Patient
from capture.plan import preview, stored
from capture.plan.preview import Change

Act = Callable[[], object]


class Differs(Exception):
    """What would happen now is not what the person saw; `changes` is what it would be."""

    code = "preview_differs"

    def __init__(self, changes: tuple[Change, ...]) -> None:
        super().__init__("The plan changed since you looked. See again what would happen, then confirm.")
        self.changes = changes


def rehearse(patient: Patient, act: Act) -> tuple[Change, ...]:
    """What `act` would change in the patient's plan. Nothing of it stays. Raises what `act` raises."""
    with transaction.atomic():
        found = _watched(patient, act)
        transaction.set_rollback(True)
    return found


def carry_out(patient: Patient, act: Act, *, seen: str) -> tuple[Change, ...]:
    """Do it where its changes are still those of the fingerprint `seen`, else nothing. Raises Differs."""
    with transaction.atomic():
        found = _watched(patient, act)
        if preview.fingerprint(found) != seen:
            raise Differs(found)
    return found


def _watched(patient: Patient, act: Act) -> tuple[Change, ...]:
    """The act between two looks; the patient is locked first, as every planning gateway does."""
    Patient.objects.select_for_update().get(pk=patient.pk)
    before = stored.picture(patient.pk)
    act()
    return preview.changes(before, stored.picture(patient.pk))
