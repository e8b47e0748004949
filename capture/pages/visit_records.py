"""The records of a group on the visit form: new ones are typed, those still going on are carried forward.

Called by visit_form. A record carried forward shows its open fields only, and one key says that it still goes on; a
record that a program's rule would not have told again shows the proposal, which a person confirms or overrides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from capture.ask import marks
from capture.ask.asksheet import AskSheet, Question
from capture.ask.entered import latest_as_of
from capture.ask.facts import Entered, EnteredRecord, Entry, Record, VisitFacts
from capture.ask.records import day_of
from capture.pages.visit_boxes import Box, box_of, choice_of
from capture.query import marking
from forms_catalog.specs import RecordGroupSpec

Errors = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether one program is told of a record: what its rule proposes, the choice and the reason beside it."""

    program: str
    why: str
    box: Box
    reason: Box


@dataclass(frozen=True, slots=True)
class RecordShown:
    """One record of a group on the form. `ongoing` is the one key of a record that is carried forward."""

    id: str
    title: str
    fields: tuple[tuple[Question, Box], ...]
    ongoing: Box | None = None
    as_of: str = ""
    decisions: tuple[Decision, ...] = ()


def of_gate(
    gate: Question, sheet: AskSheet, facts: VisitFacts, entered: Entered, errors: Errors
) -> tuple[tuple[RecordShown, ...], RecordShown]:
    """The records under one "anything new?", and the blank one that "Add another" copies."""
    fields = [q for q in sheet.questions if q.kind == "field" and q.group == gate.group]
    typed = {r.id: r for r in entered.records if r.group == gate.group}
    new = [r for r in typed.values() if r.id.startswith("new")] or [EnteredRecord("new-1", gate.group, {})]
    shown = [_new(r, fields, errors, facts, entered) for r in new]
    blank = _new(EnteredRecord("new-0", gate.group, {}), fields, {}, facts, entered)
    return (*_carried(gate, fields, facts, typed, errors), *shown), blank


def _new(
    record: EnteredRecord, fields: Sequence[Question], errors: Errors, facts: VisitFacts, entered: Entered
) -> RecordShown:
    decisions = tuple(_decision(record, one, errors) for one in marking.deciding(record, facts, entered))
    boxes = _boxes(record, fields, errors)
    return RecordShown(record.id, f"New {record.group.replace('-', ' ')}", boxes, decisions=decisions)


def _boxes(record: EnteredRecord, fields: Sequence[Question], errors: Errors) -> tuple[tuple[Question, Box], ...]:
    found = []
    for question in fields:
        tail = f"{record.group}.{record.id}.{question.element}"
        entry = record.values.get(question.element, Entry())
        found.append((question, box_of(question, entry, f"r.{tail}", f"rm.{tail}", tuple(errors.get(tail, ())))))
    return tuple(found)


def _decision(record: EnteredRecord, one: marking.Deciding, errors: Errors) -> Decision:
    place = f"{record.group}.{record.id}"
    mark, reason = marks.mark_of(one.program), marks.reason_of(one.program)
    said = record.values.get(mark, Entry())
    why = record.values.get(reason, Entry())
    box = choice_of(marks.options(one.rule), said, f"r.{place}.{mark}", tuple(errors.get(f"{place}.{mark}", ())))
    return Decision(one.program, one.proposal.why, box, choice_of((), why, f"r.{place}.{reason}"))


def _carried(
    gate: Question, fields: Sequence[Question], facts: VisitFacts, typed: Mapping[str, EnteredRecord], errors: Errors
) -> list[RecordShown]:
    """Earlier records without an end: still going on?"""
    group = facts.release.groups[gate.group]
    ends = [q for q in fields if q.element == group.end]
    upto = latest_as_of(facts)
    found = []
    for record in marks.going_on(facts.patient.records, group, upto) if ends else ():
        now = typed.get(record.id, EnteredRecord(record.id, group.id, {}))
        name = f"r.{group.id}.{record.id}.{marks.ONGOING}"
        ongoing = choice_of(marks.YES, now.values.get(marks.ONGOING, Entry()), name)
        open_ones = [q for q in fields if q.element == group.end or q.element not in record.values]
        boxes = _boxes(now, open_ones, errors)
        found.append(RecordShown(record.id, _title(record, group, facts), boxes, ongoing, upto.isoformat()))
    return found


def _title(record: Record, group: RecordGroupSpec, facts: VisitFacts) -> str:
    """What it is, in its own words: infection of 2025-05-30 (Viral)."""
    said = (_words(record, e, facts) for e in group.fields if e not in (group.date, group.end))
    what = next((w for w in said if w), "")
    return f"{group.id.replace('-', ' ').capitalize()} of {day_of(record, group)}{f' ({what})' if what else ''}"


def _words(record: Record, element: str, facts: VisitFacts) -> str:
    spec = facts.release.elements[element]
    if spec.identifier:
        return ""
    labels = {o.code: o.label for o in spec.options}
    return ", ".join(labels.get(c, c) for c in record.value(element).split("|") if c)
