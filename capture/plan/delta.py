"""Step 4: what a patient owes and which visits exist → what each timepoint is now, and which visit serves it.

Pure. scheduling fills a `PatientPlan` from rows and applies the `PlanDelta`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from capture.plan import identity
from capture.plan.arranged import Arranged, Settled, settle
from capture.plan.elsewhere import Elsewhere, told
from capture.plan.events import Contact, Decision, EnrolmentFact, EventFact, Opening, State, TimepointFact, fold
from capture.plan.identity import Free, VisitPlan
from capture.plan.windows import Fixed, Window, plan
from capture.plan.workdays import EVERY_DAY, Calendar
from forms_catalog.specs import EntryKind

Hold = Literal["submitted", "open", "pinned", "free"]
GONE = "no longer in the schedule"


@dataclass(frozen=True, slots=True)
class Slot:
    """A timepoint as its schedule (or, where triggered, its event) gives it; day ordinals, both ends included.

    `scheduled` is False where the row exists but the program's schedule no longer has its entry. `nearest`: the program
    takes the nearest contact where none falls into the window. `opened_by` names the record or event a triggered one
    came due by; `closed` says why that counts no more. `elsewhere`: an opening balance says it was reported.
    """

    key: str
    enrolment: int
    program: str
    code: str
    label: str
    kind: EntryKind
    start: int
    end: int
    due: int
    target: int
    cycle: int = 1
    not_before: int | None = None
    scheduled: bool = True
    nearest: bool = False
    forms: tuple[str, ...] = ()
    opened_by: str = ""
    closed: str = ""
    elsewhere: Elsewhere | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What is stored of a timepoint: its state, the visit it is in, for which day it was submitted, what it asked."""

    state: State
    visit: str | None = None
    as_of: int | None = None
    contact: Contact = ""


@dataclass(frozen=True, slots=True)
class EnrolmentPlan:
    """One enrolment in an accepted program: the facts to fold and every slot it has."""

    id: int
    fact: EnrolmentFact
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class VisitFact:
    """One stored visit. submitted: never changes; open (drafted): keeps its day and its reports; free: untouched.

    pinned: a person arranged it and nobody has typed into it; it is kept while the windows allow it.
    """

    id: str
    kind: EntryKind
    date: int
    hold: Hold = "free"
    arranged: Arranged | None = None


@dataclass(frozen=True, slots=True)
class PatientPlan:
    """Everything planning looks at for one patient. `held` is by slot key."""

    enrolments: tuple[EnrolmentPlan, ...]
    held: Mapping[str, Held] = field(default_factory=dict)
    visits: tuple[VisitFact, ...] = ()
    events: tuple[EventFact, ...] = ()
    calendar: Calendar = EVERY_DAY


@dataclass(frozen=True, slots=True)
class PlanDelta:
    """What is wanted: a decision for each slot, and the visits (new ones, and stored ones that keep their identity).

    `let_go` says in words why a report leaves a visit that a person arranged.
    """

    slots: Mapping[str, Slot]
    decisions: Mapping[str, Decision]
    visits: tuple[VisitPlan, ...]
    let_go: Mapping[str, str] = field(default_factory=dict)


def decide(patient: PatientPlan) -> PlanDelta:
    """Fold every enrolment, plan the fewest visits, and keep the identity of the visits that go on."""
    slots: dict[str, Slot] = {}
    decisions: dict[str, Decision] = {}
    for enrolment in patient.enrolments:
        for slot, decision in _enrolment(enrolment, patient):
            slots[slot.key], decisions[slot.key] = slot, decision
    stays = _stays(patient, slots, decisions)
    wanted = [
        *_followups(patient, stays, slots, decisions),
        *_together(patient, "baseline", _baselines(slots, decisions), decisions),
        *_together(patient, "triggered", _occasions(slots, decisions), decisions),
    ]
    free = tuple(Free(v.id, v.kind, v.date, _inside(patient, v.id)) for v in patient.visits if v.hold == "free")
    let_go = {key: why for _, settled in stays for key, why in settled.let_go.items()}
    return PlanDelta(slots, decisions, identity.keep(wanted, free), let_go)


def _inside(patient: PatientPlan, visit: str) -> frozenset[str]:
    return frozenset(key for key, held in patient.held.items() if held.visit == visit)


def _enrolment(enrolment: EnrolmentPlan, patient: PatientPlan) -> Iterable[tuple[Slot, Decision]]:
    """Each slot with its decision, and the occasions that an event opens beside the schedule."""
    counted = [s for s in enrolment.slots if (s.scheduled and not s.closed) or _held(patient, s).state == "submitted"]
    result = fold(enrolment.fact, [_fact(s, _held(patient, s)) for s in counted], patient.events)
    decisions = {s.key: result.decisions[s.key] for s in counted}
    extra = [s for o in result.opens if o.key is None and (s := _occasion(enrolment, o, decisions, patient))]
    for slot in enrolment.slots:
        yield slot, told(slot.elsewhere, decisions.get(slot.key) or _decision(slot, "closed", slot.closed or GONE))
    for slot, decision in extra:
        yield slot, decision


def _held(patient: PatientPlan, slot: Slot) -> Held:
    there = slot.elsewhere and Held("submitted", as_of=slot.elsewhere.as_of)
    return there or patient.held.get(slot.key, Held("planned"))


def _fact(slot: Slot, held: Held) -> TimepointFact:
    done, days = held.state == "submitted", (slot.start, slot.end, slot.due, slot.target)
    return TimepointFact(
        slot.key,
        slot.program,
        slot.code,
        *days,
        state="submitted" if done else "planned",
        kind=slot.kind,
        as_of=held.as_of if done else None,
        contact=held.contact,
        forms=slot.forms,
    )


def _decision(slot: Slot, state: State, reason: str) -> Decision:
    return Decision(state, slot.start, slot.end, slot.target, slot.due, reason)


def _occasion(
    enrolment: EnrolmentPlan, opening: Opening, decisions: dict[str, Decision], patient: PatientPlan
) -> tuple[Slot, Decision] | None:
    """A closing report of its own, unless one is open already or one that was sent speaks for that day.

    One that was sent for an earlier day (the date was wrong, undone and recorded again) does not: a next cycle opens.
    """
    same = [s for s in enrolment.slots if s.kind == "triggered" and s.code == opening.entry_code]
    sent = [s for s in same if _held(patient, s).state == "submitted"]
    if any((_held(patient, s).as_of or 0) >= opening.as_of for s in sent):
        decisions |= {s.key: _decision(s, "closed", "reported") for s in same if s not in sent}
        return None
    if len(sent) < len(same):
        return None
    day, cycle = opening.as_of, 1 + max((s.cycle for s in same), default=0)
    fact = enrolment.fact
    key, label = slot_key(enrolment.id, opening.entry_code, cycle), f"{opening.entry_code.capitalize()} report"
    slot = Slot(
        key, enrolment.id, fact.program, opening.entry_code, label, "triggered", day, day, opening.due, day, cycle
    )
    reason = opening.entry_code.lower()
    decision = Decision("planned", day, day, day, opening.due, reason, day, opening.event, opening.contact)
    return slot, decision


def slot_key(enrolment: int, code: str, cycle: int = 1) -> str:
    """What names a timepoint while planning, the same before and after it is stored."""
    return f"{enrolment}:{code}:{cycle}"


def _followups(
    patient: PatientPlan,
    stays: Sequence[tuple[VisitFact, Settled]],
    slots: Mapping[str, Slot],
    decisions: Mapping[str, Decision],
) -> Iterable[VisitPlan]:
    """The fewest visits for every follow-up window, around the visits that stay."""
    stops = [
        Fixed(settled.date, visit.id, settled.keys, visit.hold != "submitted" and not _alone(visit))
        for visit, settled in stays
        if not settled.void
    ]
    kept = {key for stop in stops for key in stop.timepoints}
    windows = [
        _window(slots[key], d)
        for key, d in decisions.items()
        if slots[key].kind == "followup" and (d.state == "planned" or key in kept)
    ]
    done = {visit.id for visit, _ in stays if visit.hold == "submitted"}
    for planned in plan(windows, stops, patient.calendar):
        if planned.keys and planned.visit not in done:
            yield VisitPlan("followup", planned.date, planned.keys, planned.visit)


def _alone(visit: VisitFact) -> bool:
    return visit.arranged is not None and visit.arranged.alone


def _stays(
    patient: PatientPlan, slots: Mapping[str, Slot], decisions: Mapping[str, Decision]
) -> list[tuple[VisitFact, Settled]]:
    """Each follow-up visit that somebody touched, with its day and what it goes on to serve."""
    touched = [v for v in patient.visits if v.kind == "followup" and v.hold != "free"]
    drafted = {v.id for v in touched if v.hold == "open"}
    owner = {key: v.id for v in touched if v.arranged for key in v.arranged.keys}
    owner |= {key: held.visit for key, held in patient.held.items() if held.visit in drafted}  # typing outranks
    found = []
    for visit in touched:
        here = _inside(patient, visit.id) | (visit.arranged.keys if visit.arranged else frozenset())
        here = frozenset(key for key in here if owner.get(key, visit.id) == visit.id)
        keys = _staying(visit, here, slots, decisions)
        if visit.hold == "pinned" and visit.arranged:
            found.append((visit, settle(visit.arranged, [_window(slots[k], decisions[k]) for k in keys])))
        else:
            found.append((visit, Settled(visit.date, keys)))
    return found


def _staying(
    visit: VisitFact, here: Iterable[str], slots: Mapping[str, Slot], decisions: Mapping[str, Decision]
) -> tuple[str, ...]:
    """What a visit that stays goes on to serve: once a program, for what reopens may have been replaced meanwhile."""
    state: State = "submitted" if visit.hold == "submitted" else "planned"
    still = [k for k in here if k in decisions and decisions[k].state == state]
    by_program: dict[str, str] = {}
    for key in sorted(still, key=lambda k: (slots[k].start, k)):
        by_program.setdefault(slots[key].program, key)
    return tuple(sorted(by_program.values()))


def _window(slot: Slot, decision: Decision) -> Window:
    """A report that an event moved speaks for the event's day: recall periods are cut there, no other day will do."""
    moved = decision.as_of is not None
    not_before = None if moved else slot.not_before
    nearest = slot.nearest and not moved
    return Window(slot.key, slot.program, decision.start, decision.end, decision.target, not_before, nearest)


def _baselines(slots: Mapping[str, Slot], decisions: Mapping[str, Decision]) -> Iterable[Sequence[str]]:
    """Baseline forms go together, one visit an enrolment, never with anything else."""
    groups: dict[int, list[str]] = defaultdict(list)
    for key, decision in decisions.items():
        if slots[key].kind == "baseline" and decision.state == "planned":
            groups[slots[key].enrolment].append(key)
    return groups.values()


def _occasions(slots: Mapping[str, Slot], decisions: Mapping[str, Decision]) -> Iterable[Sequence[str]]:
    """Triggered forms of the same record, or that speak for the same day, go together, once a program."""
    groups: dict[tuple[str | int, int], list[str]] = defaultdict(list)
    times: dict[tuple[str | int, str], int] = defaultdict(int)
    for key, decision in sorted(decisions.items()):
        if slots[key].kind == "triggered" and decision.state == "planned":
            about = slots[key].opened_by or decision.start
            program = (about, slots[key].program)
            groups[about, times[program]].append(key)
            times[program] += 1
    return groups.values()


def _together(
    patient: PatientPlan, kind: EntryKind, groups: Iterable[Sequence[str]], decisions: Mapping[str, Decision]
) -> Iterable[VisitPlan]:
    """One visit a group: the drafted or pinned one that holds a part of it, else a new one on its earliest target."""
    stay = [v for v in patient.visits if v.kind == kind and v.hold == "open"]
    taken: set[str] = set()
    for keys in groups:
        visit = next((v for v in stay if v.id not in taken and _inside(patient, v.id) & set(keys)), None)
        taken |= {visit.id} if visit else set()
        day = visit.date if visit else min(decisions[k].target for k in keys)
        yield VisitPlan(kind, day, tuple(sorted(keys)), visit.id if visit else None)
