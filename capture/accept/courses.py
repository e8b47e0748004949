"""What one patient's open reports are expected to cost, year by year from today. Pure; what_if compares two of them.

Every patient is planned on their own days, with what was submitted, pinned, closed and moved, as planning would do it.
What a visit costs depends on nothing but the entries it serves, so each set of entries is priced once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from capture.ask import expected
from capture.plan.delta import EnrolmentPlan, PatientPlan, decide
from capture.plan.events import EnrolmentFact
from capture.plan.slots import slots_of
from forms_catalog.specs import ReleaseSpec

YEAR = 365
NAMES_THE_ENTRY = "visit-label"
Price = Callable[[tuple[str, ...], int], int]  # entries as program:CODE, days since the infusion → centiseconds


@dataclass(frozen=True, slots=True)
class Course:
    """Centiseconds by year from today (overdue work in the first), open visits, and how many serve the program."""

    per_year: tuple[int, ...] = ()
    visits: int = 0
    own: int = 0


class Prices:
    """What a visit of these entries costs under one release; each set of entries is worked out once.

    Entries of a program with the same forms ask the same, so one of them stands for all; where the program's conditions
    can read which entry it is, only for those where they say the same.
    """

    def __init__(self, release: ReleaseSpec, before: Prices | None = None) -> None:
        """`before`: prices of a release with the same elements; programs that are the same are not looked at again."""
        self.release = release
        kept = {c for c, p in release.programs.items() if before and before.release.programs.get(c) is p}
        theirs = before if kept else None
        self.alike: dict[str, str] = {k: v for k, v in theirs.alike.items() if _codes((k,)) <= kept} if theirs else {}
        self.known: dict[tuple[str, ...], int] = (
            {k: v for k, v in theirs.known.items() if _codes(k) <= kept} if theirs else {}
        )
        self.alike |= _alike(release, [c for c in release.programs if c not in kept])

    def __call__(self, keys: tuple[str, ...], day: int) -> int:
        if keys not in self.known:
            first = tuple(sorted(self.alike.get(key, key) for key in keys))
            first = first if len(set(first)) == len(keys) else keys  # two reports of one program stay two
            if first not in self.known:
                self.known[first] = sum(expected.shares_of(self.release, first).values())
            self.known[keys] = self.known[first]
        return self.known[keys]


def _codes(keys: Iterable[str]) -> set[str]:
    return {key.partition(":")[0] for key in keys}


def _alike(release: ReleaseSpec, programs: Iterable[str]) -> dict[str, str]:
    """program:CODE → the program's first entry of the same kind and forms that asks the same."""
    first: dict[tuple[object, ...], str] = {}
    found = {}
    for code in programs:
        spec = release.programs[code]
        reads = any(s.element == NAMES_THE_ENTRY for a in spec.asks if a.mapping for s in a.mapping.sources)
        for entry in spec.entries:
            key = f"{code}:{entry.code}"
            says = expected.states_of(release, key) if reads else ()
            found[key] = first.setdefault((code, entry.kind, tuple(sorted(entry.forms)), says), key)
    return found


@dataclass(frozen=True, slots=True)
class Booking:
    """One open visit: its year from today (overdue work in the first), its entries, days since the infusion."""

    year: int
    entries: tuple[str, ...]
    day: int


def bookings(plan: PatientPlan, *, today: int) -> list[Booking]:
    """Plan the patient as scheduling would and say what is still open. `today` is a day ordinal."""
    anchors = {e.id: e.fact.anchor for e in plan.enrolments}
    delta = decide(plan)
    found = []
    for visit in delta.visits:
        slots = [delta.slots[key] for key in visit.keys]
        entries = tuple(sorted(f"{s.program}:{s.code}" for s in slots))
        day = visit.date - max(anchors[s.enrolment] for s in slots)
        found.append(Booking(max(0, visit.date - today) // YEAR, entries, day))
    return found


def course(plan: PatientPlan, program: str, price: Price, *, today: int) -> Course:
    """Plan the patient as scheduling would, and price what is still open. `today` is a day ordinal."""
    return priced(bookings(plan, today=today), program, price)


def priced(found: Sequence[Booking], program: str, price: Price) -> Course:
    """What these visits cost, year by year, and how many reports of the program they serve."""
    years = [0] * (max((b.year for b in found), default=-1) + 1)
    for booking in found:
        years[booking.year] += price(booking.entries, booking.day)
    own = sum(entry.partition(":")[0] == program for b in found for entry in b.entries)
    return Course(tuple(years), len(found), own)


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
