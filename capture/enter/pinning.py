"""A person fixes the day of a visit, or lets it go again: the only writer of PlanPin. Re-planning keeps a pinned day.

Called by the patient page. Taking reports out of a visit or into it is not done here: a pin must suit all it serves.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from capture.enter import recording
from capture.models import Patient, PlanPin, Timepoint, Visit
from capture.plan import scheduling
from sites import trail
from sites.trail import Actor


class PinError(ValueError):
    """A pin that cannot be; the message says why and which days are possible."""

    code = "pin_refused"


@transaction.atomic
def pin(visit: Visit, on: date, *, actor: Actor, reason: str, today: date) -> PlanPin:
    """The visit is on this day, whatever is re-planned. Raises PinError, and ReasonMissing without a reason."""
    why = trail.require_reason(reason)
    locked = _locked(visit)
    _check(locked, on)
    before = locked.planned_on
    made = _write(locked, on, released=False, actor=actor, reason=why)
    if before != on:
        recording.move(actor, "visit", locked.uuid, before.isoformat(), on.isoformat(), reason=why)
        locked.planned_on, locked.version = on, locked.version + 1
        locked.save(update_fields=["planned_on", "version"])
    details = {"on": on.isoformat(), "before": before.isoformat()}
    trail.record(actor, "pin_visit", f"visit:{locked.uuid}", reason=why, details=details)
    scheduling.plan_patient(locked.patient_id, actor=actor, reason=f"pinned: {why}", today=today)
    return made


@transaction.atomic
def unpin(visit: Visit, *, actor: Actor, reason: str, today: date) -> PlanPin:
    """The visit's day is the planner's again; a draft keeps it where it is. Raises PinError, ReasonMissing."""
    why = trail.require_reason(reason)
    locked = _locked(visit)
    if not pinned(locked):
        raise PinError(f"The visit of {locked.planned_on} is not pinned.")
    made = _write(locked, locked.planned_on, released=True, actor=actor, reason=why)
    details = {"on": locked.planned_on.isoformat()}
    trail.record(actor, "unpin_visit", f"visit:{locked.uuid}", reason=why, details=details)
    scheduling.plan_patient(locked.patient_id, actor=actor, reason=f"unpinned: {why}", today=today)
    return made


def pinned(visit: Visit) -> bool:
    """Whether the visit's newest pin holds."""
    last = PlanPin.objects.filter(visit=visit).order_by("-at", "-pk").first()
    return last is not None and not last.released


def pinned_of(patient: Patient) -> set[int]:
    """The ids of the patient's pinned visits. 1 query."""
    rows = PlanPin.objects.filter(visit__patient=patient).order_by("at", "pk").values_list("visit", "released")
    return {pk for pk, released in dict(rows).items() if not released}


def _locked(visit: Visit) -> Visit:
    """The visit as it is now, its patient locked first, as planning does."""
    Patient.objects.select_for_update().get(pk=visit.patient_id)
    found = Visit.objects.select_for_update().filter(pk=visit.pk).first()
    if found is None:
        raise PinError("This visit is not planned any more. Reload the page.")
    if found.submitted_at:
        raise PinError("This visit is submitted; its day is the one it was reported for.")
    return found


def _check(visit: Visit, on: date) -> None:
    if visit.kind != Visit.Kind.FOLLOWUP:
        raise PinError("Only follow-up visits are pinned; a baseline or triggered form has its own due day.")
    served = Timepoint.objects.filter(visit=visit, state=Timepoint.State.PLANNED).select_related("enrollment__program")
    points = list(served)
    if not points:
        raise PinError("This visit serves no open report; there is nothing to pin.")
    first, last = max(t.window_start for t in points), min(t.window_end for t in points)
    outside = next((t for t in points if not t.window_start <= on <= t.window_end), None)
    if outside is not None:
        window = f"{outside.window_start} to {outside.window_end}"
        text = f"{on} is outside the window of {outside.enrollment.program} {outside.entry_code} ({window})."
        raise PinError(f"{text} Choose a day from {first} to {last}.")


def _write(visit: Visit, on: date, *, released: bool, actor: Actor, reason: str) -> PlanPin:
    return PlanPin.objects.create(visit=visit, on=on, released=released, actor=actor.name, reason=reason, at=actor.now)
