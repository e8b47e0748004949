"""What is wrong with the marks on typed records, and what is kept as the reason of each. Pure.

Called by checks, answers and the visit form.

A record that a program's rule would not have told again needs a person's word: confirmed, or overridden with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from capture.ask import marks
from capture.ask.asksheet import AskSheet
from capture.ask.entered import overlay
from capture.ask.facts import Entered, EnteredRecord, Entry, VisitFacts
from capture.ask.marks import Proposal


@dataclass(frozen=True, slots=True)
class Deciding:
    """One record that a person decides on for one program: the rule, and what it proposes."""

    program: str
    rule: Mapping[str, Any]
    proposal: Proposal


def deciding(record: EnteredRecord, facts: VisitFacts, entered: Entered | None = None) -> tuple[Deciding, ...]:
    """The programs of this visit whose rule has something to say about a new record, lowest code first."""
    if not record.id.startswith("new"):
        return ()
    here, group = {o.program for o in facts.occasions}, facts.release.groups[record.group]
    every = overlay(facts, entered or Entered(records=(record,)), {}).patient.records
    mine = next((r for r in every if (r.group, r.id) == (record.group, record.id)), None)
    rules = {p: rule for p, rule in marks.rules(facts.release, record.group).items() if p in here}
    found = ((p, rule, marks.proposal(mine, group, rule, every)) for p, rule in rules.items() if mine)
    return tuple(Deciding(p, rule, proposed) for p, rule, proposed in found if proposed)


def find(sheet: AskSheet, entered: Entered, facts: VisitFacts) -> Iterator[tuple[str, str, str]]:
    """(place, code, what to do) of every mark that is missing, unknown or without its reason."""
    asked = {q.group for q in sheet.visible if q.kind == "gate"}
    for record in (r for r in entered.records if r.group in asked):
        yield from _ongoing(record, facts)
        for one in deciding(record, facts, entered):
            if problem := _undecided(record, one):
                yield f"{record.group}.{record.id}.{marks.mark_of(one.program)}", "reportable", problem


def _ongoing(record: EnteredRecord, facts: VisitFacts) -> Iterator[tuple[str, str, str]]:
    group = facts.release.groups[record.group]
    end = record.values.get(group.end, Entry())
    closed = end.value and end.value not in group.open_values
    if closed and record.values.get(marks.ONGOING, Entry()).given:
        text = f"{group.definition}: it is marked as still going on and has an end. Keep one of them."
        yield f"{record.group}.{record.id}.{group.end}", "ongoing_and_end", text


def _undecided(record: EnteredRecord, one: Deciding) -> str:
    said = record.values.get(marks.mark_of(one.program), Entry()).value
    why = record.values.get(marks.reason_of(one.program), Entry()).value
    allowed = {o.code for o in marks.options(one.rule)}
    if said and said not in allowed:
        return f"{one.program}: choose from the list whether it is reported; {said} is not in it."
    if one.proposal.mark and not said:
        return f"{one.program}: {one.proposal.why} Confirm that it is not reported again, or report it with a reason."
    overridden = bool(one.proposal.mark) and said == marks.TELL
    if (overridden or (not one.proposal.mark and said == marks.AGAIN)) and not why:
        return f"{one.program}: say why, its rule proposes otherwise. {one.proposal.why}"
    return ""


def reasons(record: EnteredRecord, facts: VisitFacts) -> Mapping[str, str]:
    """Mark → what is kept with it: the typed reason, else what the rule says."""
    proposed = {one.program: one.proposal.why for one in deciding(record, facts)}
    found = {}
    for name in record.values:
        kind, _, program = name.partition("~")
        if kind == marks.REPORTABLE and program:
            typed = record.values.get(marks.reason_of(program), Entry()).value
            found[name] = typed or proposed.get(program, "") or "decided at the visit"
    return found
