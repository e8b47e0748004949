"""Applies a plan: makes, moves and drops visits and timepoints, with a move for each change. Called by scheduling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from capture.models import Move, Patient, Timepoint, Visit
from capture.plan.load import TreatmentPlan
from sites.trail import Actor

if TYPE_CHECKING:
    from capture.plan.scheduling import Wanted, WantedVisit

FIELDS = ["visit", "target_on", "window_start", "window_end", "due_on", "state", "state_reason", "as_of", "label"]


@dataclass(slots=True)
class _Changes:
    """What one apply writes."""

    made: list[Timepoint] = field(default_factory=list)
    saved: list[Timepoint] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)


def treatment(
    patient: Patient,
    plan: TreatmentPlan,
    wanted: Sequence[Wanted],
    visits: Sequence[WantedVisit],
    *,
    actor: Actor,
    reason: str,
) -> int:
    """Bring the treatment's rows to what is wanted. Gives the number of rows written; 0 where nothing changed."""
    free = [v for v in plan.visits if v.submitted_at is None and v.pk not in plan.fixed_ids]
    places, written = _places(patient, plan, visits, free)
    changes = _Changes()
    for want in wanted:
        _timepoint(want, places.get(want.key), changes, actor=actor, reason=reason)
    Timepoint.objects.bulk_create(changes.made)
    Timepoint.objects.bulk_update(changes.saved, FIELDS)
    Move.objects.bulk_create(changes.moves)
    dropped = _gone(plan, wanted, changes, actor=actor, reason=reason)
    empty = [v for v in free if not Timepoint.objects.filter(visit=v).exists()] if _touched(changes, dropped) else []
    for visit in empty:
        visit.delete()
    return written + len(changes.made) + len(changes.saved) + dropped + len(empty)


def _touched(changes: _Changes, dropped: int) -> bool:
    return bool(changes.made or changes.saved or dropped)


def _places(
    patient: Patient, plan: TreatmentPlan, visits: Sequence[WantedVisit], free: Sequence[Visit]
) -> tuple[Mapping[str, Visit], int]:
    """Timepoint key → the visit that serves it: a fixed one, an untouched one with the most in common, or a new one."""
    now = {f"{o.program.code}:{r.entry_code}": r.visit_id for o in plan.owing for r in o.rows.values()}
    by_id = {v.pk: v for v in plan.visits}
    left = {v.pk: v for v in free}
    places: dict[str, Visit] = {}
    written = 0
    for want in sorted(visits, key=lambda w: w.visit_id is None):
        visit = by_id[want.visit_id] if want.visit_id else _match(want, now, left)
        if visit is None:
            visit = Visit.objects.create(
                patient=patient, treatment=plan.treatment, site_id=patient.site_id, kind=want.kind, planned_on=want.on
            )
            written += 1
        elif want.visit_id is None and (visit.planned_on, visit.site_id) != (want.on, patient.site_id):
            visit.planned_on, visit.site_id = want.on, patient.site_id
            visit.save(update_fields=["planned_on", "site"])
            written += 1
        places |= dict.fromkeys(want.keys, visit)
    return places, written


def _match(want: WantedVisit, now: Mapping[str, int | None], left: dict[int, Visit]) -> Visit | None:
    shared: dict[int, int] = {}
    for key in want.keys:
        visit_id = now.get(key)
        if visit_id in left and left[visit_id].kind == want.kind:
            shared[visit_id] = shared.get(visit_id, 0) + 1
    if not shared:
        return None
    best = max(shared, key=lambda pk: (shared[pk], -pk))
    return left.pop(best)


def _timepoint(want: Wanted, visit: Visit | None, changes: _Changes, *, actor: Actor, reason: str) -> None:
    row = want.owing.rows.get(want.entry_code)
    if row is not None and row.state == Timepoint.State.SUBMITTED:
        return
    decision = want.decision
    values = {
        "visit_id": visit.pk if visit and decision.state == "planned" else None,
        "target_on": date.fromordinal(decision.target),
        "window_start": date.fromordinal(decision.start),
        "window_end": date.fromordinal(decision.end),
        "due_on": date.fromordinal(decision.due),
        "state": decision.state,
        "state_reason": decision.reason if decision.state != "planned" or decision.as_of else "",
        "as_of": date.fromordinal(decision.as_of) if decision.as_of and decision.state == "planned" else _kept(row),
        "label": want.label,
    }
    if row is None:
        changes.made.append(
            Timepoint(enrollment=want.owing.enrollment, entry_code=want.entry_code, kind=want.kind, **values)
        )
        return
    before = {name: getattr(row, name) for name in values}
    if before == values:
        return
    _moves(row, before, values, changes.moves, actor=actor, reason=reason)
    for name, value in values.items():
        setattr(row, name, value)
    changes.saved.append(row)


def _kept(row: Timepoint | None) -> date | None:
    """A date a person set for an open report stays; one that an undone event had set goes."""
    return row.as_of if row and not row.state_reason else None


def _moves(
    row: Timepoint,
    before: Mapping[str, object],
    after: Mapping[str, object],
    moves: list[Move],
    *,
    actor: Actor,
    reason: str,
) -> None:
    if before["state"] != after["state"]:
        moves.append(_move(row, str(before["state"]), str(after["state"]), actor, reason, {}))
    elif before["visit_id"] != after["visit_id"]:
        details = {"from_visit": before["visit_id"], "to_visit": after["visit_id"]}
        moves.append(_move(row, str(before["state"]), str(after["state"]), actor, reason, details))


def _move(row: Timepoint, before: str, after: str, actor: Actor, reason: str, details: dict[str, object]) -> Move:
    return Move(
        subject="timepoint",
        subject_uuid=row.uuid,
        before=before,
        after=after,
        at=actor.now,
        actor=actor.name,
        reason=reason,
        details=details,
    )


def _gone(plan: TreatmentPlan, wanted: Iterable[Wanted], changes: _Changes, *, actor: Actor, reason: str) -> int:
    """Planned rows that no schedule or event wants any more are closed (a triggered one whose event was undone)."""
    keys = {w.key for w in wanted}
    moves = []
    for owing in plan.owing:
        for row in owing.rows.values():
            if f"{owing.program.code}:{row.entry_code}" not in keys and row.state == Timepoint.State.PLANNED:
                moves.append(_move(row, row.state, Timepoint.State.CLOSED, actor, reason, {}))
                row.state, row.visit, row.state_reason = Timepoint.State.CLOSED, None, "no longer due"
                row.save(update_fields=["state", "visit", "state_reason"])
    Move.objects.bulk_create(moves)
    return len(moves)
