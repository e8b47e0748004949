"""Applies a plan: makes, moves and drops visits and timepoints, with a move for each change. Called by scheduling."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models

from capture.models import Move, Notice, Patient, Timepoint, Visit
from capture.plan.delta import PlanDelta
from capture.plan.events import Decision
from capture.plan.identity import VisitPlan
from capture.plan.load import Loaded, site_on, treatment_of
from sites.trail import Actor

DAYS = ["target_on", "window_start", "window_end", "due_on"]
FIELDS = ["visit", *DAYS, "state", "state_reason", "as_of", "label", "contact_type"]
REFERS = ("timepoints", "pins", "responses", "submissions", "drafts", "set_aside", "safety_records")
VISIT_FIELDS = ["planned_on", "site", "treatment", "version"]


@dataclass(slots=True)
class Written:
    """What one apply wrote; all empty where the plan was in place already."""

    made: list[Timepoint] = field(default_factory=list)
    changed: list[Timepoint] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    visits_made: list[Visit] = field(default_factory=list)
    visits_changed: list[Visit] = field(default_factory=list)
    visits_dropped: int = 0

    def counts(self) -> dict[str, int]:
        """The number of rows by what happened to them, for the trail; only what is not 0."""
        found = {
            "timepoints_made": len(self.made),
            "timepoints_changed": len(self.changed),
            "visits_made": len(self.visits_made),
            "visits_changed": len(self.visits_changed),
            "visits_dropped": self.visits_dropped,
        }
        return {name: n for name, n in found.items() if n}


def patients(batch: Sequence[tuple[Patient, Loaded, PlanDelta]], *, actor: Actor, reason: str) -> list[Written]:
    """Bring the rows of each patient to what is wanted, in as many writes for many as for one.

    What was submitted is never touched.
    """
    found = [Written() for _ in batch]
    places = [_places(p, loaded, delta, w) for (p, loaded, delta), w in zip(batch, found, strict=True)]
    Visit.objects.bulk_create([v for w in found for v in w.visits_made])
    for (_, loaded, delta), placed, written in zip(batch, places, found, strict=True):
        for key, decision in delta.decisions.items():
            _timepoint(key, decision, placed.get(key), loaded, delta, written)
    _change_rows([v for w in found for v in w.visits_changed], VISIT_FIELDS)
    Timepoint.objects.bulk_create([t for w in found for t in w.made])
    _change_rows([t for w in found for t in w.changed], FIELDS)
    for move in (m for w in found for m in w.moves):
        move.actor, move.at, move.reason = actor.name, actor.now, reason
    Move.objects.bulk_create([m for w in found for m in w.moves])
    _drop(batch, found)
    return found


def _change_rows(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write these fields of rows that exist and whose patient is locked: an upsert by id, faster than bulk_update."""
    if rows:
        everything: models.Manager[Any] = type(rows[0])._default_manager
        everything.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=fields)


def _places(patient: Patient, loaded: Loaded, delta: PlanDelta, written: Written) -> Mapping[str, Visit]:
    """Slot key → the visit that serves it. Makes the new visits (not stored yet) and changes the ones that go on."""
    before: dict[int, set[str]] = defaultdict(set)
    for key, row in loaded.rows.items():
        if row.visit_id and row.state == Timepoint.State.PLANNED:
            before[row.visit_id].add(key)
    places: dict[str, Visit] = {}
    arranged = {int(v.id) for v in loaded.plan.visits if v.hold == "pinned"}
    for wanted in delta.visits:
        values = _values(patient, wanted, loaded, delta)
        if wanted.visit is None:
            written.visits_made.append(visit := Visit(patient=patient, kind=wanted.kind, **values))
        else:
            visit = loaded.visits[int(wanted.visit)]
            was = visit.planned_on
            others = before[visit.pk] != set(wanted.keys) or _asks_otherwise(wanted, loaded, delta)
            if _change(visit, values, others=others):
                written.visits_changed.append(visit)
            if visit.pk in arranged and was != visit.planned_on:
                written.moves.append(_moved(visit, was))
        places |= dict.fromkeys(wanted.keys, visit)
    written.visits_changed += _emptied(loaded, delta, before)
    return places


def _moved(visit: Visit, was: date) -> Move:
    """A visit that a person arranged has another day: what was put together changed, or its windows did."""
    before, after = was.isoformat(), visit.planned_on.isoformat()
    return Move(subject="visit", subject_uuid=visit.uuid, before=before, after=after)


def _values(patient: Patient, wanted: VisitPlan, loaded: Loaded, delta: PlanDelta) -> dict[str, Any]:
    """A visit's day, its treatment, and the site that is responsible for the patient on that day."""
    day = date.fromordinal(wanted.date)
    return {
        "planned_on": day,
        "site_id": site_on(loaded.stays, day) or patient.site_id,
        "treatment_id": treatment_of(wanted.keys, loaded, delta.slots).pk,
    }


def _asks_otherwise(wanted: VisitPlan, loaded: Loaded, delta: PlanDelta) -> bool:
    """Whether a report of the visit asks less, or everything again: survival only, safety only."""
    rows = ((loaded.rows.get(key), delta.decisions[key]) for key in wanted.keys)
    return any(row is not None and row.contact_type != decision.contact for row, decision in rows)


def _change(visit: Visit, values: Mapping[str, Any], *, others: bool) -> bool:
    """Whether the visit is another one now. Where it serves other reports its version goes up: open pages are stale."""
    differs = others or any(getattr(visit, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(visit, name, value)
    visit.version += 1 if others else 0
    return differs


def _emptied(loaded: Loaded, delta: PlanDelta, before: Mapping[int, set[str]]) -> list[Visit]:
    """Drafted and pinned visits that serve nothing any more: a page that is still open is stale."""
    stays = {int(v.visit) for v in delta.visits if v.visit}
    kept = {int(v.id) for v in loaded.plan.visits if v.hold in ("open", "pinned")} - stays
    gone = [loaded.visits[pk] for pk in kept if before.get(pk)]
    for visit in gone:
        visit.version += 1
    return gone


def _timepoint(
    key: str, decision: Decision, visit: Visit | None, loaded: Loaded, delta: PlanDelta, written: Written
) -> None:
    row = loaded.rows.get(key)
    if row is not None and row.state == Timepoint.State.SUBMITTED:
        return
    slot = delta.slots[key]
    values = _wanted(decision, visit, row, loaded) | {"label": slot.label}
    if row is None:
        enrolment = loaded.enrolments[slot.enrolment]
        written.made.append(
            Timepoint(
                enrollment=enrolment,
                entry_code=slot.code,
                cycle=slot.cycle,
                kind=slot.kind,
                opened_by=slot.opened_by,
                **values,
            )
        )
        return
    before = {name: getattr(row, name) for name in values}
    if before == values:
        return
    if before["state"] != values["state"] or before["visit_id"] != values["visit_id"]:
        why = values["state_reason"] or delta.let_go.get(key, "")
        written.moves.append(_move(row, before, values, loaded, visit, why))
    for name, value in values.items():
        setattr(row, name, value)
    written.changed.append(row)


def _wanted(decision: Decision, visit: Visit | None, row: Timepoint | None, loaded: Loaded) -> dict[str, Any]:
    planned = decision.state == "planned"
    moved = decision.state in ("planned", "elsewhere") and decision.as_of is not None
    return {
        "visit_id": visit.pk if visit and planned else _stays_in(decision, row, loaded),
        "target_on": date.fromordinal(decision.target),
        "window_start": date.fromordinal(decision.start),
        "window_end": date.fromordinal(decision.end),
        "due_on": date.fromordinal(decision.due),
        "state": decision.state,
        "state_reason": decision.reason if moved or not planned else "",
        "as_of": date.fromordinal(decision.as_of) if moved and decision.as_of else None,
        "contact_type": decision.contact,
    }


def _stays_in(decision: Decision, row: Timepoint | None, loaded: Loaded) -> int | None:
    """A report that closes stays with its drafted or pinned visit, so that an undo finds the draft again.

    One that a record opened always stays: what had left of it is taken back there.
    """
    if row is None or row.visit_id is None or decision.state != "closed":
        return None
    if row.opened_by:
        return row.visit_id
    open_ones = {v.id for v in loaded.plan.visits if v.hold in ("open", "pinned")}
    return row.visit_id if str(row.visit_id) in open_ones else None


def _move(
    row: Timepoint,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    loaded: Loaded,
    visit: Visit | None,
    why: str,
) -> Move:
    """A change of state or of visit; the visits by uuid, for a dropped one has no row any more."""
    old = loaded.visits.get(before["visit_id"]) if before["visit_id"] else None
    details = {"why": why, "from_visit": _name(old), "to_visit": _name(visit)}
    return Move(
        subject="timepoint",
        subject_uuid=row.uuid,
        before=before["state"],
        after=after["state"],
        details={name: value for name, value in details.items() if value},
    )


def _name(visit: Visit | None) -> str:
    return str(visit.uuid) if visit else ""


def _drop(batch: Sequence[tuple[Patient, Loaded, PlanDelta]], found: Sequence[Written]) -> None:
    """Untouched visits that serve nothing any more go, unless something still refers to them: an old pin, a value."""
    unused: dict[int, Written] = {}
    for (_, loaded, delta), written in zip(batch, found, strict=True):
        stays = {v.visit for v in delta.visits if v.visit}
        unused |= {int(v.id): written for v in loaded.plan.visits if v.hold == "free" and v.id not in stays}
    if not unused:
        return
    gone = Visit.objects.filter(pk__in=list(unused), **dict.fromkeys(REFERS))
    gone_ids = list(gone.values_list("pk", flat=True))
    for pk in gone_ids:
        unused[pk].visits_dropped += 1
    if gone_ids:  # that nothing refers to them was asked already: no need to look for each kind of row again
        Notice.objects.filter(visit__in=gone_ids).delete()
        Visit.objects.filter(pk__in=gone_ids)._raw_delete(DEFAULT_DB_ALIAS)
