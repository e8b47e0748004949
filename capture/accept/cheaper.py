"""What would make a request cheaper: every change is tried, and the best are priced as a whole what-if would. Pure.

A field is ranked by what goes if it alone goes; the figure that is shown is never that estimate but the difference of
two full computations over all patients, with the request as it is and as it would be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from capture.accept import changes, courses, reusing
from capture.accept.changes import Change, Near
from capture.accept.courses import Booking, Prices
from capture.accept.reusing import Reuse
from capture.ask import expected
from capture.plan.delta import PatientPlan
from forms_catalog.specs import ProgramSpec, ReleaseSpec

BEST_FIELDS = 5  # single fields that are priced whole
BUNDLE = 10  # optional fields dropped together
KEPT = 8
SAMPLE = 40  # patients on whom a change of the schedule is tried first

Bill = dict[tuple[int, tuple[str, ...]], float]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One change and what it gives back: hours a year on average over the years that are planned, and in the first."""

    change: str
    kind: str
    hours_saved_per_year: float
    hours_saved_year_1: float = 0.0
    visits_saved: int = 0
    fields: tuple[str, ...] = ()


class Search:
    """Tries changes of one program for some patients, planned and priced once as the request stands.

    `weights` says for how many patients each stands (() = one). Where there is no patient, for one infused today.
    """

    def __init__(
        self,
        after: ReleaseSpec,
        program: str,
        plans: Sequence[PatientPlan],
        weights: Sequence[float] = (),
        *,
        today: int,
    ) -> None:
        self.after, self.program, self.today = after, program, today
        self.plans = plans or [courses.newcomer(after, program, today)]
        self.weights = weights or [1] * len(self.plans)
        self.booked = [courses.bookings(plan, today=today) for plan in self.plans]
        self.bill = bill(self.booked, self.weights)
        self.years = max((b.year for found in self.booked for b in found), default=0) + 1
        self.prices = Prices(after)
        self.per_year = self._priced(self.bill, self.prices)

    @property
    def spec(self) -> ProgramSpec:
        """The program as it is requested."""
        return self.after.programs[self.program]

    def saving(self, change: Change) -> Suggestion:
        """The change, planned and priced for every patient, beside the request as it stands."""
        booked = self.booked
        if change.replan is not None:
            booked = [courses.bookings(change.replan(plan), today=self.today) for plan in self.plans]
        prices = Prices(_with(self.after, change.program), self.prices)
        then = self._priced(bill(booked, self.weights), prices)
        saved = [now - new for now, new in zip(self.per_year, then, strict=True)]
        return Suggestion(
            change.words,
            change.kind,
            _hours(sum(saved) / self.years),
            _hours(saved[0]),
            round(sum(w * (len(a) - len(b)) for w, a, b in zip(self.weights, self.booked, booked, strict=True))),
            change.fields,
        )

    def reusing(self, days: int) -> Suggestion:
        """Taking measured values up to so many days old, priced the same way."""
        reuse = Reuse(self.after, self.program, days, self.prices)
        then = [0.0] * self.years
        for booked, weight in zip(self.booked, self.weights, strict=True):
            then = [a + weight * b for a, b in zip(then, reuse.by_year(booked, self.years), strict=True)]
        saved = [now - new for now, new in zip(self.per_year, then, strict=True)]
        words = f"Take laboratory and other measured values up to {days} days old instead of asking them again."
        return Suggestion(words, "reuse_window", _hours(sum(saved) / self.years), _hours(saved[0]))

    def _priced(self, found: Bill, price: Prices) -> list[float]:
        """Centiseconds by year; a change that brings visits beyond the last year counts them in it."""
        years = [0.0] * self.years
        for (year, entries), n in found.items():
            years[min(year, self.years - 1)] += n * price(entries, 0)
        return years

    def by_field(self) -> dict[str, float]:
        """Field path → centiseconds that go if it alone goes, over all years: an estimate, to rank by."""
        found: dict[str, float] = defaultdict(float)
        entries: dict[tuple[str, ...], float] = defaultdict(float)
        for (_, keys), n in self.bill.items():
            entries[keys] += n
        for keys, n in entries.items():
            for path, centiseconds in expected.of_fields(self.after, keys, self.program).items():
                found[path] += n * centiseconds
        return dict(found)

    def hours_by_field(self) -> dict[str, float]:
        """The same as hours a year, on average over the years that are planned."""
        return {path: _hours(centiseconds / self.years) for path, centiseconds in self.by_field().items()}


def suggestions(search: Search, near: Mapping[str, Near] | None = None) -> tuple[Suggestion, ...]:
    """The changes that give back most, the best first; none that gives back nothing."""
    priced = [search.saving(change) for change in _worth_trying(search, near or {})]
    priced.append(max((search.reusing(days) for days in reusing.WINDOWS), key=lambda s: s.hours_saved_per_year))
    best = sorted((s for s in priced if s.hours_saved_per_year > 0), key=lambda s: -s.hours_saved_per_year)
    return tuple(best[:KEPT])


def _worth_trying(search: Search, near: Mapping[str, Near]) -> Iterator[Change]:
    spec = search.spec
    yield from _fewer_fields(spec, search.by_field())
    yield from changes.as_collected(spec, near)
    yield from changes.yearly_forms(spec)
    small = search
    if len(search.plans) > SAMPLE:
        step = len(search.plans) // SAMPLE
        some = search.plans[::step], search.weights[::step]
        small = Search(search.after, search.program, *some, today=search.today)
    for kind in (changes.rarer(spec), changes.wider(spec)):
        tried = [(small.saving(change).hours_saved_per_year, n, change) for n, change in enumerate(kind)]
        if tried:
            yield max(tried)[2]


def _fewer_fields(spec: ProgramSpec, cost: Mapping[str, float]) -> Iterator[Change]:
    """The dearest optional fields one by one, and the ten dearest together."""
    asked = [a.field for a in changes.optional(spec) if cost.get(a.field.path)]
    dearest = sorted(asked, key=lambda f: (-cost[f.path], f.order))
    for field in dearest[:BEST_FIELDS]:
        yield changes.drop(spec, [field.path], f"Drop the optional field {field.label or field.path!r}.")
    if len(dearest) > BEST_FIELDS:
        some = dearest[:BUNDLE]
        yield changes.drop(spec, [f.path for f in some], f"Drop the {len(some)} dearest optional fields together.")


def bill(booked: Sequence[Sequence[Booking]], weights: Sequence[float]) -> Bill:
    """How many visits of which entries are due in which year."""
    found: Bill = defaultdict(float)
    for bookings, weight in zip(booked, weights, strict=True):
        for booking in bookings:
            found[booking.year, booking.entries] += weight
    return found


def _with(release: ReleaseSpec, spec: ProgramSpec) -> ReleaseSpec:
    return replace(release, programs={**release.programs, spec.code: spec})


def _hours(centiseconds: float) -> float:
    return round(centiseconds / 360_000, 2)
