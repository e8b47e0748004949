"""What a program could ask otherwise, each as the program it would be then: fewer fields, wider windows, rarer forms.

Pure. cheaper tries them and prices each as a whole what-if would.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from capture.plan.delta import EnrolmentPlan, PatientPlan, Slot
from forms_catalog.specs import AskSpec, MappingSpec, ProgramSpec, ScheduleSpec, Source

YEAR = 365
NEAR_A_YEAR = 45  # days a target may be off a whole number of years and still be the yearly report
WIDER = (7, 14, 30)  # days
RARER = ((YEAR, YEAR, "once a year from year 2 on"), (5 * YEAR, 2 * YEAR, "every second year from year 6 on"))

Replan = Callable[[PatientPlan], PatientPlan]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing the sponsor could change. `replan` gives a patient's plan under it; None where no visit moves."""

    kind: str
    words: str
    program: ProgramSpec
    fields: tuple[str, ...] = ()
    replan: Replan | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """A question already collected that a field comes near to: its element, its words, why it is not the same."""

    element: str
    label: str
    reason: str


def drop(spec: ProgramSpec, paths: Collection[str], words: str) -> Change:
    """The program without these fields."""
    asks = tuple(a for a in spec.asks if a.field.path not in paths)
    return Change("drop_fields", words, replace(spec, asks=asks), tuple(sorted(paths)))


def optional(spec: ProgramSpec) -> list[AskSpec]:
    """The questions the program itself does not require, in its own order."""
    return [a for a in spec.asks if a.field.asks and a.mapping is not None and not a.field.required]


def as_collected(spec: ProgramSpec, near: Mapping[str, Near]) -> Iterator[Change]:
    """Take the answer in the units and codes in which it is collected already, field by field."""
    for ask in spec.asks:
        if (found := near.get(ask.field.path)) is None or ask.mapping is None:
            continue
        taken = MappingSpec(spec.code, ask.field.path, "broader", (Source(found.element),), reason=found.reason)
        asks = tuple(replace(a, mapping=taken) if a is ask else a for a in spec.asks)
        words = f"Accept {found.label!r} as it is collected for {ask.field.label or ask.field.path!r}: {found.reason}"
        yield Change("accept_as_collected", words, replace(spec, asks=asks), (ask.field.path,))


def yearly_forms(spec: ProgramSpec) -> Iterator[Change]:
    """Ask one form once a year instead of at every follow-up."""
    between = [e for e in spec.entries if e.kind == "followup" and not _yearly(e)]
    for form in dict.fromkeys(f for e in between for f in e.forms):
        if any(form in e.forms for e in spec.entries if e.kind == "followup" and _yearly(e)):
            entries = tuple(_less(e, form) if e in between else e for e in spec.entries)
            words = f"Ask the form {form!r} once a year instead of at every follow-up."
            yield Change("yearly_form", words, replace(spec, entries=entries), (form,))


def _yearly(entry: ScheduleSpec) -> bool:
    target = entry.target_day or 0
    return target >= YEAR - NEAR_A_YEAR and _near_multiple(target, YEAR)


def _near_multiple(day: int, step: int) -> bool:
    return min(day % step, step - day % step) <= NEAR_A_YEAR


def _less(entry: ScheduleSpec, form: str) -> ScheduleSpec:
    return replace(entry, forms=tuple(f for f in entry.forms if f != form))


def rarer(spec: ProgramSpec) -> Iterator[Change]:
    """Report less often: after some day only at a longer step."""
    for after, step, words in RARER:
        gone = frozenset(
            e.code
            for e in spec.entries
            if e.kind == "followup" and (e.target_day or 0) > after and not _near_multiple(e.target_day or 0, step)
        )
        if gone:
            entries = tuple(e for e in spec.entries if e.code not in gone)
            text = f"Report {words}: {len(gone)} fewer time points."
            yield Change("report_rarer", text, replace(spec, entries=entries), (), _without(spec.code, gone))


def _without(program: str, codes: Collection[str]) -> Replan:
    def slots(found: tuple[Slot, ...]) -> tuple[Slot, ...]:
        return tuple(s for s in found if s.code not in codes)

    return lambda plan: _own(plan, program, slots)


def wider(spec: ProgramSpec) -> Iterator[Change]:
    """Open every follow-up window some days earlier and close it as much later, so that visits join."""
    for days in WIDER:
        entries = tuple(_wider_entry(e, days) for e in spec.entries)
        words = f"Widen every window by {days} days on both sides, so that its visits join others."
        yield Change("widen_windows", words, replace(spec, entries=entries), (), _widened(spec.code, days))


def _wider_entry(entry: ScheduleSpec, days: int) -> ScheduleSpec:
    if entry.kind != "followup" or entry.window_start_day is None or entry.window_end_day is None:
        return entry
    return replace(entry, window_start_day=entry.window_start_day - days, window_end_day=entry.window_end_day + days)


def _widened(program: str, days: int) -> Replan:
    def slots(found: tuple[Slot, ...]) -> tuple[Slot, ...]:
        return tuple(replace(s, start=s.start - days, end=s.end + days) if s.kind == "followup" else s for s in found)

    return lambda plan: _own(plan, program, slots)


def _own(plan: PatientPlan, program: str, change: Callable[[tuple[Slot, ...]], tuple[Slot, ...]]) -> PatientPlan:
    """The plan with other slots of the program; what others asked for stays."""
    enrolments = tuple(
        EnrolmentPlan(e.id, e.fact, change(e.slots)) if e.fact.program == program else e for e in plan.enrolments
    )
    return replace(plan, enrolments=enrolments)
