"""Visit identity under re-planning, on pure functions: whatever happens, what people touched stays and nothing is lost.

The machine keeps the rows in dictionaries and applies each delta as the gateway does; Hypothesis looks for an order of
events that breaks an invariant.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from capture.plan.arranged import Arranged
from capture.plan.delta import EnrolmentPlan, Held, PatientPlan, PlanDelta, Slot, VisitFact, decide, slot_key
from capture.plan.events import EnrolmentFact, EventFact
from forms_catalog import starter

PROGRAMS = ("car_registry_na", "car_registry_eu", "car_pass_sponsor", "hemo_registry_global")
KINDS = ("death", "lost", "found", "withdrawn", "reconsented", "new_infusion", "program_closed")
TOUCHED = ("open", "pinned")
BEGIN = 737_000  # the day of the first infusion
HORIZON = 2000  # days of follow-up that the machine plays through


def slots(number: int, program: str, anchor: int) -> tuple[Slot, ...]:
    """The program's real schedule in the days of one treatment, as load makes it."""
    found = []
    for e in starter.schedule(program).entries:
        start = anchor + (e.window_start_day or 0)
        end = anchor + (e.due_day if e.window_end_day is None else e.window_end_day)
        key, target, due = slot_key(number, e.code), anchor + (e.target_day or 0), anchor + e.due_day
        if start - anchor < HORIZON:
            found.append(Slot(key, number, program, e.code, e.label, e.kind, start, end, due, target))
    return tuple(found)


@dataclass
class Stored:
    """The rows: what the database would hold between two plans."""

    held: dict[str, Held]
    visits: dict[str, VisitFact]
    triggered: dict[str, Slot]


class Planning(RuleBasedStateMachine):
    """One patient: programs join, drafts and pins come and go, reports are sent, events happen and are undone."""

    def __init__(self) -> None:
        super().__init__()
        self.stored = Stored({}, {}, {})
        self.enrolments: list[tuple[int, str, int, int]] = []  # number, program, anchor, owed from
        self.events: list[EventFact] = []
        self.names = count(1)
        self.delta: PlanDelta | None = None

    @initialize()
    def start(self) -> None:
        self.join(PROGRAMS[0], 0, 0)

    @rule(program=st.sampled_from(PROGRAMS), again=st.sampled_from((0, 0, 400)), owed=st.integers(0, 900))
    def join(self, program: str, again: int, owed: int) -> None:
        anchor = BEGIN + again
        if (program, anchor) not in [(p, day) for _, p, day, _ in self.enrolments]:
            self.enrolments.append((next(self.names), program, anchor, anchor + owed))
        self.plan()

    @rule(kind=st.sampled_from(KINDS), on=st.integers(1, HORIZON), program=st.sampled_from((*PROGRAMS, None)))
    def happen(self, kind: str, on: int, program: str | None) -> None:
        self.events.append(EventFact(f"e{next(self.names)}", kind, BEGIN + on, program))
        self.plan()

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        if self.events:
            undone = data.draw(st.sampled_from(self.events))
            self.events.append(EventFact(f"u{next(self.names)}", "undo", undone.on, undone.program, undone.uuid))
        self.plan()

    @rule(data=st.data(), hold=st.sampled_from(("open", "free")))
    def touch(self, data: st.DataObject, hold: str) -> None:
        """Draft or pin a visit, or let it go again."""
        others = [v for v in self.stored.visits.values() if v.hold != "submitted"]
        if others:
            visit = data.draw(st.sampled_from(others))
            stands = visit.arranged if hold == "open" else None
            self.stored.visits[visit.id] = replace(visit, hold=hold, arranged=stands)  # type: ignore[arg-type]
        self.plan()

    @rule(data=st.data(), shift=st.integers(-200, 200))
    def pin(self, data: st.DataObject, shift: int) -> None:
        """Fix a visit on another day, even one outside its windows."""
        others = [v for v in self.stored.visits.values() if v.hold != "submitted"]
        if others:
            visit = data.draw(st.sampled_from(others))
            self.stored.visits[visit.id] = replace(visit, hold="open", date=visit.date + shift)
        self.plan()

    @rule(data=st.data(), shift=st.integers(-60, 60))
    def split(self, data: st.DataObject, shift: int) -> None:
        """Take some reports out of a visit into one of their own, or put all of its reports together by hand."""
        ready = self.untyped()
        if ready:
            visit = data.draw(st.sampled_from(ready))
            here = sorted(self.planned_in(visit.id))
            keys = frozenset(data.draw(st.sets(st.sampled_from(here), min_size=1)))
            name, alone = (f"v{next(self.names)}", True) if len(keys) < len(here) else (visit.id, False)
            self.arrange(name, visit.date + shift, keys, alone)
        self.plan()

    @rule(data=st.data())
    def bring_together(self, data: st.DataObject) -> None:
        ready = self.untyped()
        if len(ready) > 1:
            one, other = data.draw(st.lists(st.sampled_from(ready), min_size=2, max_size=2, unique_by=lambda v: v.id))
            self.stored.visits[other.id] = replace(other, hold="free", arranged=None)
            keys = frozenset((*self.planned_in(one.id), *self.planned_in(other.id)))
            self.arrange(one.id, one.date, keys, False)
        self.plan()

    @rule(data=st.data(), shift=st.integers(-60, 60))
    def seen(self, data: st.DataObject, shift: int) -> None:
        """A person says on which day the visit was."""
        ready = self.untyped()
        if ready:
            visit = data.draw(st.sampled_from(ready))
            on = visit.date + shift
            arranged = Arranged(on, visit.arranged.keys if visit.arranged else frozenset())
            self.stored.visits[visit.id] = replace(visit, date=on, hold="pinned", arranged=arranged)
        self.plan()

    def arrange(self, name: str, on: int, keys: frozenset[str], alone: bool) -> None:
        """As the gateway does: a report is put into one visit only."""
        for v in self.stored.visits.values():
            if v.arranged:
                left = replace(v.arranged, keys=v.arranged.keys - keys)
                self.stored.visits[v.id] = replace(v, arranged=left)
        arranged = Arranged(on, keys, alone, seen=False)
        self.stored.visits[name] = VisitFact(name, "followup", on, "pinned", arranged)

    def untyped(self) -> list[VisitFact]:
        """Follow-up visits that owe something and that nobody has typed into."""
        found = self.stored.visits.values()
        return [v for v in found if v.kind == "followup" and v.hold in ("free", "pinned") and self.planned_in(v.id)]

    @rule(data=st.data())
    def submit(self, data: st.DataObject) -> None:
        ready = [v for v in self.stored.visits.values() if v.hold != "submitted" and self.planned_in(v.id)]
        if ready:
            visit = data.draw(st.sampled_from(ready))
            self.stored.visits[visit.id] = replace(visit, hold="submitted")
            self.stored.held |= dict.fromkeys(self.planned_in(visit.id), Held("submitted", visit.id, visit.date))
        self.plan()

    def planned_in(self, visit: str) -> list[str]:
        return [k for k, h in self.stored.held.items() if h.visit == visit and h.state == "planned"]

    def facts(self) -> PatientPlan:
        enrolments = []
        for number, program, anchor, owed_from in self.enrolments:
            extra = [s for s in self.stored.triggered.values() if s.enrolment == number]
            fact = EnrolmentFact(program, anchor, owed_from, rules=starter.schedule(program).rules)
            enrolments.append(EnrolmentPlan(number, fact, (*slots(number, program, anchor), *extra)))
        return PatientPlan(
            tuple(enrolments), dict(self.stored.held), tuple(self.stored.visits.values()), tuple(self.events)
        )

    def plan(self) -> None:
        """Decide and store, as scheduling and apply do."""
        before, held = dict(self.stored.visits), dict(self.stored.held)
        self.delta = decide(self.facts())
        kept = {v.id: v for v in before.values() if v.hold != "free"}
        places: dict[str, str] = {}
        for plan in self.delta.visits:
            name = plan.visit or f"v{next(self.names)}"
            kept.setdefault(name, VisitFact(name, plan.kind, plan.date))
            kept[name] = replace(kept[name], date=plan.date)
            places |= dict.fromkeys(plan.keys, name)
        for key, decision in self.delta.decisions.items():
            if decision.state != "submitted":
                old = held.get(key)
                stays = old.visit if old and old.visit in kept and before[old.visit].hold in TOUCHED else None
                self.stored.held[key] = Held(
                    decision.state, places.get(key) or (stays if decision.state == "closed" else None)
                )
        new = {k: s for k, s in self.delta.slots.items() if s.kind == "triggered"}
        self.stored.triggered |= {k: s for k, s in new.items() if k not in self.stored.triggered}
        self.stored.visits = kept
        self.check_kept(before, held)

    def check_kept(self, before: dict[str, VisitFact], held: dict[str, Held]) -> None:
        for visit in before.values():
            if visit.hold != "free":
                now = self.stored.visits[visit.id]
                moves = visit.hold == "pinned" and visit.arranged and not visit.arranged.seen
                assert now == (replace(visit, date=now.date) if moves else visit), "it keeps its identity and its day"
        for key, row in held.items():
            if row.state == "submitted":
                assert self.stored.held[key] == row, "what was submitted stays as it was"
            elif row.visit and before[row.visit].hold == "open" and not self.doubled(key, row.visit, held):
                assert self.stored.held[key].visit == row.visit or self.stored.held[key].state == "not_owed"

    def doubled(self, key: str, visit: str, held: dict[str, Held]) -> bool:
        """Whether another timepoint of the program is in the visit: one of them has to leave."""
        assert self.delta is not None
        mine = self.delta.slots[key]
        others = (self.delta.slots[k] for k, h in held.items() if h.visit == visit and k != key)
        return any(o.program == mine.program for o in others)

    @invariant()
    def every_planned_timepoint_is_in_one_visit(self) -> None:
        assert self.delta is not None
        served = Counter(key for visit in self.delta.visits for key in visit.keys)
        planned = {k for k, d in self.delta.decisions.items() if d.state == "planned"}
        assert set(served) == planned
        assert set(served.values()) <= {1}

    @invariant()
    def no_visit_is_shared_by_two_timepoints_of_one_program(self) -> None:
        assert self.delta is not None
        for visit in self.delta.visits:
            programs = [self.delta.slots[k].program for k in visit.keys]
            assert visit.kind == "baseline" or len(set(programs)) == len(programs)
        assert len({v.visit for v in self.delta.visits if v.visit}) == len([v for v in self.delta.visits if v.visit])

    @invariant()
    def planning_again_changes_nothing(self) -> None:
        assert self.delta is not None
        again = decide(self.facts())
        assert dict(again.decisions) == dict(self.delta.decisions)
        assert all(plan.visit for plan in again.visits), "no new visit"
        assert all(self.stored.visits[plan.visit or ""].date == plan.date for plan in again.visits)
        assert all(self.stored.held[key].visit == plan.visit for plan in again.visits for key in plan.keys)

    @invariant()
    def what_a_person_put_together_or_apart_stays_so_or_is_let_go_in_words(self) -> None:
        assert self.delta is not None
        for visit in self.stored.visits.values():
            if visit.hold == "pinned" and visit.arranged:
                inside = set(self.planned_in(visit.id))
                owed = {k for k in visit.arranged.keys if self.stored.held[k].state == "planned"}
                typed = {k for k in owed if (v := self.stored.held[k].visit) and self.stored.visits[v].hold == "open"}
                assert owed - inside - typed <= set(self.delta.let_go) | self.twice(owed)
                assert not visit.arranged.alone or inside <= visit.arranged.keys

    def twice(self, keys: set[str]) -> set[str]:
        """Those of a program that has several among them: only one can be served."""
        assert self.delta is not None
        times = Counter(self.delta.slots[k].program for k in keys)
        return {k for k in keys if times[self.delta.slots[k].program] > 1}

    @invariant()
    def visits_nobody_typed_into_lie_in_every_window_they_serve(self) -> None:
        assert self.delta is not None
        touched = {v.id for v in self.stored.visits.values() if v.hold in ("submitted", "open")}
        for visit in self.delta.visits:
            if visit.kind == "followup" and visit.visit not in touched:
                days = [self.delta.decisions[k] for k in visit.keys]
                assert all(d.start <= visit.date <= d.end for d in days)


Planning.TestCase.settings = settings(max_examples=60, stateful_step_count=12, deadline=None, derandomize=True)
TestPlanning = Planning.TestCase
