"""What an enrolment owes by its program's schedule, in the patient's own days. Pure; load and the what-if call it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from capture.plan.delta import Slot, slot_key
from capture.plan.events import EnrolmentFact
from forms_catalog.specs import ProgramSpec, ReleaseSpec, ScheduleSpec

FIXED_RECALL_END = {"day-0-to-100": 100}  # recall period → the day it ends, before which it cannot be answered


def slots_of(
    program: ProgramSpec,
    enrolment: int,
    fact: EnrolmentFact,
    track: str,
    release: ReleaseSpec,
    ends: Mapping[str, int] | None = None,
) -> Iterator[Slot]:
    """Every slot of an enrolment by the schedule's track; no triggered ones. `ends`: its recall_ends, where known."""
    ends = recall_ends(program, release) if ends is None else ends
    return (slot_of(enrolment, fact, entry, ends) for entry in entries(program, track))


def slot_of(enrolment: int, fact: EnrolmentFact, entry: ScheduleSpec, ends: Mapping[str, int]) -> Slot:
    """A schedule entry in the patient's own days. A baseline form may be done from the anchor until it is due."""
    start = fact.anchor + (entry.window_start_day or 0)
    end = fact.anchor + (entry.due_day if entry.window_end_day is None else entry.window_end_day)
    return Slot(
        key=slot_key(enrolment, entry.code),
        enrolment=enrolment,
        program=fact.program,
        code=entry.code,
        label=entry.label,
        kind=entry.kind,
        start=min(start, end),
        end=end,
        due=fact.anchor + entry.due_day,
        target=fact.anchor + (entry.target_day or 0),
        not_before=fact.anchor + ends[entry.code] if entry.code in ends else None,
        nearest=entry.kind == "followup" and takes_nearest(fact.rules),
        forms=entry.forms,
    )


def takes_nearest(rules: Mapping[str, Any]) -> bool:
    """Whether a program takes the contact nearest to a report where none falls into its window, by its own rules."""
    return rules.get("outside_window") == "nearest"


def entries(program: ProgramSpec, track: str) -> list[ScheduleSpec]:
    """The schedule entries of a track (all without one); baseline entries belong to every track."""
    chosen = next((set(t.codes) for t in program.tracks if t.code == track), None) if track else None
    return [
        e
        for e in program.entries
        if e.kind == "baseline" or (e.kind == "followup" and (chosen is None or e.code in chosen))
    ]


def recall_ends(program: ProgramSpec, release: ReleaseSpec) -> dict[str, int]:
    """Entry code → the day before which one of its fields cannot be answered (days to day 100: from day 100 on)."""
    by_form: dict[str, int] = {}
    for ask in program.asks:
        for source in ask.mapping.sources if ask.mapping else ():
            element = release.elements.get(source.element)
            end = FIXED_RECALL_END.get(element.recall, 0) if element else 0
            if end:
                by_form[ask.field.form] = max(end, by_form.get(ask.field.form, 0))
    found = {}
    for entry in program.entries:
        end = max((by_form.get(form, 0) for form in entry.forms), default=0)
        if end and entry.window_end_day is not None and (entry.window_start_day or 0) < end <= entry.window_end_day:
            found[entry.code] = end
    return found
