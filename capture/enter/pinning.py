"""A person fixes the day of a visit, or lets it go again. Re-planning keeps what a person arranged.

Called by the patient page. With arranging, which splits and joins visits, the only writer of PlanPin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from capture.enter import recording
from capture.models import Patient, PlanPin, Timepoint, Visit
from capture.plan import scheduling
from capture.plan.arranged import common_days
from capture.plan.slots import recall_ends, takes_nearest
from capture.plan.windows import Window
from forms_catalog import publishing
from forms_catalog.specs import ReleaseSpec
from sites import trail
from sites.trail import Actor


class PinError(ValueError):
    """A pin that cannot be; the message says why and which days are possible."""

    code = "pin_refused"


@transaction.atomic
def pin(visit: Visit, on: date, *, actor: Actor, reason: str, today: date) -> PlanPin:
    """The visit is on this day, whatever is re-planned. Raises PinError, and ReasonMissing without a reason."""
    why = trail.require_reason(reason)
    locked = lock(visit)
    fits(open_reports(locked), on)
    return fix(locked, on, {}, actor=actor, reason=why, today=today)


@transaction.atomic
def unpin(visit: Visit, *, actor: Actor, reason: str, today: date) -> PlanPin:
    """What was arranged for the visit is let go; a draft keeps it where it is. Raises PinError, ReasonMissing."""
    why = trail.require_reason(reason)
    locked = lock(visit)
    if not pinned(locked):
        raise PinError(f"The visit of {locked.planned_on} is not pinned.")
    made = write(locked, locked.planned_on, {"released": True}, actor=actor, reason=why)
    details = {"on": locked.planned_on.isoformat()}
    trail.record(actor, "unpin_visit", f"visit:{locked.uuid}", reason=why, details=details)
    scheduling.plan_patient(locked.patient_id, actor=actor, reason=f"unpinned: {why}", today=today)
    return made


def pinned(visit: Visit) -> bool:
    """Whether the visit's newest pin holds."""
    return standing(visit) is not None


def standing(visit: Visit) -> PlanPin | None:
    """What a person arranged for the visit, unless it was released."""
    last = PlanPin.objects.filter(visit=visit).order_by("-at", "-pk").first()
    return None if last is None or last.released else last


def standing_of(patient: Patient) -> Mapping[int, PlanPin]:
    """Visit id → what a person arranged for it: how (`kind`), its day, where the patient was seen. 1 query."""
    rows = PlanPin.objects.filter(visit__patient=patient).order_by("at", "pk")
    return {pk: pin for pk, pin in {row.visit_id: row for row in rows}.items() if not pin.released}


def pinned_of(patient: Patient) -> set[int]:
    """The ids of the patient's pinned visits. 1 query."""
    return set(standing_of(patient))


def lock(visit: Visit) -> Visit:
    """The visit as it is now, its patient locked first, as planning does. Raises PinError where it cannot be moved."""
    Patient.objects.select_for_update().get(pk=visit.patient_id)
    found = Visit.objects.select_for_update().filter(pk=visit.pk).first()
    if found is None:
        raise PinError("This visit is not planned any more. Reload the page.")
    if found.submitted_at:
        raise PinError("This visit is submitted; its day is the one it was reported for.")
    if found.kind != Visit.Kind.FOLLOWUP:
        raise PinError("Only follow-up visits are arranged; a baseline or triggered form has its own due day.")
    return found


def open_reports(visit: Visit) -> list[Timepoint]:
    """What the visit still has to serve. Raises PinError where that is nothing."""
    served = Timepoint.objects.filter(visit=visit, state=Timepoint.State.PLANNED)
    points = list(served.select_related("enrollment__program", "enrollment__treatment"))
    if not points:
        raise PinError("This visit serves no open report; there is nothing to pin.")
    return points


def window_of(point: Timepoint, release: ReleaseSpec | None = None) -> Window:
    """A report's window as it is planned now, in day ordinals; by the release in force unless one is given."""
    program, release = point.enrollment.program.code, release or publishing.current_spec()
    known = release.programs.get(program) if point.as_of is None else None  # an event's report has a day of its own
    recall = recall_ends(known, release).get(point.entry_code) if known else None
    return Window(
        key=str(point.uuid),
        program=program,
        start=point.window_start.toordinal(),
        end=point.window_end.toordinal(),
        target=point.target_on.toordinal(),
        not_before=None if recall is None else point.enrollment.treatment.infusion_date.toordinal() + recall,
        nearest=known is not None and takes_nearest(known.rules),
    )


def fits(points: Sequence[Timepoint], on: date) -> None:
    """Raises PinError where the day is outside a window, unless that program takes the nearest contact."""
    windows = [window_of(p) for p in points]
    outside = [
        p for p, w in zip(points, windows, strict=True) if not w.nearest and not p.window_start <= on <= p.window_end
    ]
    if outside:
        point, days = outside[0], common_days(windows)
        window = f"{point.window_start} to {point.window_end}"
        text = f"{on} is outside the window of {point.enrollment.program} {point.entry_code} ({window})."
        raise PinError(f"{text} {possible(days)}")


def possible(days: tuple[int, int] | None) -> str:
    """The days that suit, in words."""
    if days is None:
        return "No day suits all of its reports; take some of them out first."
    return f"Choose a day from {date.fromordinal(days[0])} to {date.fromordinal(days[1])}."


def fix(
    locked: Visit, on: date, values: Mapping[str, Any], *, actor: Actor, reason: str, today: date, act: str = "pin"
) -> PlanPin:
    """Put a locked visit on a day that was found to suit; `values` are what else is arranged, beside what stood."""
    before = locked.planned_on
    made = write(locked, on, kept(locked) | dict(values), actor=actor, reason=reason)
    if before != on:
        recording.move(actor, "visit", locked.uuid, before.isoformat(), on.isoformat(), reason=reason)
        locked.planned_on, locked.version = on, locked.version + 1
        locked.save(update_fields=["planned_on", "version"])
    details = {"on": on.isoformat(), "before": before.isoformat(), "place": made.place}
    trail.record(actor, f"{act}_visit", f"visit:{locked.uuid}", reason=reason, details=details)
    scheduling.plan_patient(locked.patient_id, actor=actor, reason=f"{WORDS[act]}: {reason}", today=today)
    return made


WORDS = {"pin": "pinned", "elsewhere": "seen elsewhere"}


def kept(visit: Visit) -> dict[str, Any]:
    """What stands for the visit and goes on beside a new day: the reports put together, where the patient was seen."""
    last = standing(visit)
    return {name: getattr(last, name) for name in ("kind", "reports", "alone", "place")} if last else {}


def write(visit: Visit, on: date, values: Mapping[str, Any], *, actor: Actor, reason: str) -> PlanPin:
    """One more row: from now on this is what a person arranged for the visit."""
    return PlanPin.objects.create(visit=visit, on=on, actor=actor.name, reason=reason, at=actor.now, **values)


def named(points: Iterable[Timepoint]) -> list[str]:
    """The reports as a pin names them."""
    return sorted(str(p.uuid) for p in points)
