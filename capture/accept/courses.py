"""What one patient's open reports are expected to cost, year by year from today. Pure; what_if compares two of them.

Every patient is planned on their own days, with what was submitted, pinned, closed and moved, as planning would do it.
What a visit costs depends on nothing but the entries it serves, so each set of entries is priced once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from capture.ask import expected
from capture.plan.delta import EnrolmentPlan, PatientPlan, decide
from capture.plan.events import EnrolmentFact
from capture.plan.slots import slots_of
from forms_catalog.specs import ReleaseSpec

YEAR = 365
Price = Callable[[tuple[str, ...], int], int]  # entries as program:CODE, days since the infusion → centiseconds


@dataclass(frozen=True, slots=True)
class Course:
    """Centiseconds by year from today (overdue work in the first), open visits, and how many serve the program."""

    per_year: tuple[int, ...] = ()
    visits: int = 0
    own: int = 0


class Prices:
    """What a visit of these entries costs under one release; each set of entries is worked out once."""

    def __init__(self, release: ReleaseSpec) -> None:
        self.release = release
        self.known: dict[tuple[str, ...], int] = {}

    def __call__(self, keys: tuple[str, ...], day: int) -> int:
        if keys not in self.known:
            self.known[keys] = sum(expected.shares_of(self.release, keys).values())
        return self.known[keys]


def course(plan: PatientPlan, program: str, price: Price, *, today: int) -> Course:
    """Plan the patient as scheduling would, and price what is still open. `today` is a day ordinal."""
    anchors = {e.id: e.fact.anchor for e in plan.enrolments}
    delta = decide(plan)
    years: list[int] = []
    own = 0
    for visit in delta.visits:
        slots = [delta.slots[key] for key in visit.keys]
        year = max(0, visit.date - today) // YEAR
        years += [0] * (year + 1 - len(years))
        entries = tuple(sorted(f"{s.program}:{s.code}" for s in slots))
        years[year] += price(entries, visit.date - max(anchors[s.enrolment] for s in slots))
        own += sum(s.program == program for s in slots)
    return Course(tuple(years), len(delta.visits), own)


def without(plan: PatientPlan, program: str) -> PatientPlan:
    """The same patient where nobody follows them for `program`."""
    left = tuple(e for e in plan.enrolments if e.fact.program != program)
    keys = {s.key for e in left for s in e.slots}
    return replace(plan, enrolments=left, held={key: held for key, held in plan.held.items() if key in keys})


def newcomer(release: ReleaseSpec, program: str, today: int) -> PatientPlan:
    """A patient infused today whom only `program` follows: what it costs where nobody is enrolled yet."""
    spec = release.programs[program]
    fact = EnrolmentFact(program, today, today, rules=spec.rules)
    return PatientPlan((EnrolmentPlan(1, fact, tuple(slots_of(spec, 1, fact, "", release))),))
