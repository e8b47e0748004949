"""A person arranges visits by hand: split, join, seen elsewhere, unscheduled contact. Re-planning honours it.

Called by the patient page. What was arranged is a PlanPin (see pinning) and holds until it is released, or until a
window makes it impossible, which the report's move then says. To move a visit to another day is pinning.pin.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from capture.enter import pinning
from capture.enter.pinning import PinError
from capture.models import Draft, Patient, PlanPin, Timepoint, Visit
from capture.plan import scheduling
from capture.plan.arranged import common_days, counts_for
from sites import trail
from sites.trail import Actor

Kind = PlanPin.Kind


class ArrangeError(PinError):
    """An arrangement that cannot be; the message says why and what is possible."""

    code = "arrange_refused"


@transaction.atomic
def split(visit: Visit, timepoints: Collection[UUID], on: date, *, actor: Actor, reason: str, today: date) -> Visit:
    """Take reports out of a visit into one of their own on that day; nothing joins it by itself, they never go back.

    Raises ArrangeError, and ReasonMissing without a reason.
    """
    why = trail.require_reason(reason)
    with _refusing():
        locked, points = _untyped(visit)
        chosen = [p for p in points if p.uuid in timepoints]
        if len(chosen) < len(set(timepoints)) or not chosen:
            raise ArrangeError("Choose reports that are open in this visit. Reload the page to see them.")
        if len(chosen) == len(points):
            raise ArrangeError("All reports of the visit are chosen. Choose some of them, or move the whole visit.")
        pinning.fits(chosen, on)
    made = _made(locked, on)
    _without(locked, chosen, actor=actor, reason=why)
    values = {"kind": Kind.SPLIT, "reports": pinning.named(chosen), "alone": True}
    pinning.write(made, on, values, actor=actor, reason=why)
    details = {"on": on.isoformat(), "into": str(made.uuid), "reports": [p.entry_code for p in chosen]}
    return _plan(made, "split", locked, details, actor=actor, reason=why, today=today)


@transaction.atomic
def join(visit: Visit, other: Visit, *, actor: Actor, reason: str, today: date) -> Visit:
    """Move the reports of `other` into `visit`; they stay together. Raises ArrangeError, ReasonMissing.

    The visit keeps its day where it suits, else it goes to the nearest day that does. `visit` may have a draft.
    """
    why = trail.require_reason(reason)
    with _refusing():
        if visit.pk == other.pk or visit.patient_id != other.patient_id:
            raise ArrangeError("Choose two different visits of one patient.")
        locked, (leaving, more) = pinning.lock(visit), _untyped(other)
        points = [*pinning.open_reports(locked), *more]
        on = _together(locked, points)
    values = pinning.kept(locked) | {"reports": pinning.named(points), "alone": False}
    if values.get("kind") not in (Kind.ELSEWHERE, Kind.CONTACT):
        values["kind"] = Kind.JOIN
    pinning.write(locked, on, values, actor=actor, reason=why)
    _without(leaving, more, actor=actor, reason=why)
    details = {"on": on.isoformat(), "other": str(leaving.uuid), "reports": [p.entry_code for p in points]}
    return _plan(locked, "join", locked, details, actor=actor, reason=why, today=today)


@transaction.atomic
def seen_elsewhere(visit: Visit, on: date, where: str, *, actor: Actor, reason: str, today: date) -> None:
    """The patient was seen elsewhere on that day, so that is the visit's day. Raises ArrangeError, ReasonMissing."""
    why = trail.require_reason(reason)
    with _refusing():
        place = _place(where, "Say where the patient was seen.")
        _happened(on, today)
        locked = pinning.lock(visit)
        pinning.fits(pinning.open_reports(locked), on)
    values = {"kind": Kind.ELSEWHERE, "place": place}
    pinning.fix(locked, on, values, actor=actor, reason=why, today=today, act="elsewhere")


@transaction.atomic
def contact(patient: Patient, on: date, what: str, *, actor: Actor, reason: str, today: date) -> Visit:
    """An unscheduled contact (a safety event, a liver signal) on that day: it counts for every open window it is in.

    One report a program; outside a program's windows the nearest one, where its rules say so. What somebody types
    already stays where it is. Gives the visit of that day. Raises ArrangeError, ReasonMissing.
    """
    why = trail.require_reason(reason)
    with _refusing():
        place = _place(what, "Say what the contact was.")
        _happened(on, today)
        Patient.objects.select_for_update().get(pk=patient.pk)
        points = _counted(patient, on)
    came_from = {p.visit_id: p.visit for p in points if p.visit}
    whole = Timepoint.objects.filter(visit__in=came_from, state=Timepoint.State.PLANNED).count() == len(points)
    first = next(iter(came_from.values()))
    made = first if len(came_from) == 1 and whole else _made(first, on)
    for visit in came_from.values():
        if visit.pk != made.pk:
            _without(visit, [p for p in points if p.visit_id == visit.pk], actor=actor, reason=why)
    values = {"kind": Kind.CONTACT, "reports": pinning.named(points), "alone": False, "place": place}
    pinning.write(made, on, values, actor=actor, reason=why)
    details = {"on": on.isoformat(), "what": place, "reports": [p.entry_code for p in points]}
    return _plan(made, "contact", made, details, actor=actor, reason=why, today=today)


def _counted(patient: Patient, on: date) -> list[Timepoint]:
    """The reports that a contact on this day stands for."""
    mine = Timepoint.objects.filter(enrollment__treatment__patient=patient, kind=Visit.Kind.FOLLOWUP)
    rows = mine.filter(state__in=(Timepoint.State.PLANNED, Timepoint.State.SUBMITTED))
    points = {str(p.uuid): p for p in rows.select_related("visit", "enrollment__program", "enrollment__treatment")}
    typed = set(Draft.objects.filter(visit__patient=patient).values_list("visit", flat=True))
    owed = {k for k, p in points.items() if p.state == Timepoint.State.PLANNED and p.visit_id not in typed}
    keys = counts_for(on.toordinal(), [pinning.window_of(p) for p in points.values()], owed)
    if not keys:
        ahead = sorted((p for k, p in points.items() if k in owed and p.window_end >= on), key=lambda p: p.window_start)
        then = f" The next window is {ahead[0].window_start} to {ahead[0].window_end}." if ahead else ""
        raise ArrangeError(f"No report that nobody types into yet takes a contact on {on}.{then}")
    return [points[key] for key in keys]


@transaction.atomic
def release(visit: Visit, *, actor: Actor, reason: str, today: date) -> None:
    """Let go of all that was arranged for the visit; the planner decides again. Raises ArrangeError, ReasonMissing."""
    with _refusing():
        pinning.unpin(visit, actor=actor, reason=reason, today=today)


@contextmanager
def _refusing() -> Any:
    """What pinning refuses is refused here too."""
    try:
        yield
    except PinError as error:
        raise error if isinstance(error, ArrangeError) else ArrangeError(str(error)) from error


def _untyped(visit: Visit) -> tuple[Visit, list[Timepoint]]:
    """The locked visit and its open reports, where nobody has begun to type: typed values stay with their form."""
    locked = pinning.lock(visit)
    if Draft.objects.filter(visit=locked).exists():
        raise ArrangeError(
            f"Somebody has begun to type into the visit of {locked.planned_on}. Submit it or discard the draft first."
        )
    return locked, pinning.open_reports(locked)


def _made(visit: Visit, on: date) -> Visit:
    """A new visit of the same patient; planning gives it its site and treatment."""
    return Visit.objects.create(
        patient_id=visit.patient_id,
        treatment_id=visit.treatment_id,
        site_id=visit.site_id,
        kind=Visit.Kind.FOLLOWUP,
        planned_on=on,
    )


def _without(visit: Visit, leaving: Iterable[Timepoint], *, actor: Actor, reason: str) -> None:
    """What stands for a visit goes on for the reports that stay; where none were put together it is let go."""
    last, gone = pinning.standing(visit), set(pinning.named(leaving))
    if last is None:
        return
    left = [uuid for uuid in last.reports if uuid not in gone]
    stays = bool(left) or bool(not last.reports and Timepoint.objects.filter(visit=visit).exclude(uuid__in=gone))
    values = pinning.kept(visit) | {"reports": left} if stays else {"released": True}
    pinning.write(visit, last.on, values, actor=actor, reason=reason)


def _together(visit: Visit, points: list[Timepoint]) -> date:
    """The day on which one visit serves all of these reports: its own, else the nearest."""
    programs = [p.enrollment.program for p in points]
    if twice := next((p for p in programs if programs.count(p) > 1), None):
        raise ArrangeError(f"Both visits serve {twice}. One visit serves a program once; leave them apart.")
    days = common_days(pinning.window_of(p) for p in points)
    if days is None:
        windows = "; ".join(f"{p.enrollment.program} {p.entry_code} {p.window_start} to {p.window_end}" for p in points)
        raise ArrangeError(f"There is no day inside all windows: {windows}. Take out the report that does not fit.")
    day = visit.planned_on.toordinal()
    on = date.fromordinal(min(max(day, days[0]), days[1]))
    last = pinning.standing(visit)
    fixed = Draft.objects.filter(visit=visit).exists() or (
        last is not None and last.kind in (Kind.ELSEWHERE, Kind.CONTACT)
    )
    if on != visit.planned_on and fixed:
        raise ArrangeError(f"The visit stays on {visit.planned_on}, which does not suit. {pinning.possible(days)}")
    return on


def _place(text: str, missing: str) -> str:
    if not text.strip():
        raise ArrangeError(missing)
    if len(text.strip()) > 200:
        raise ArrangeError("The place is longer than 200 letters. Shorten it.")
    return text.strip()


def _happened(on: date, today: date) -> None:
    if on > today:
        raise ArrangeError(f"{on} is in the future. Record a contact when it has happened; until then move the visit.")


def _plan(
    made: Visit, act: str, of: Visit, details: dict[str, Any], *, actor: Actor, reason: str, today: date
) -> Visit:
    trail.record(actor, f"{act}_visit", f"visit:{of.uuid}", reason=reason, details=details)
    words = {"split": "split", "join": "joined", "contact": "unscheduled contact"}[act]
    scheduling.plan_patient(of.patient_id, actor=actor, reason=f"{words}: {reason}", today=today)
    made.refresh_from_db()
    return made
