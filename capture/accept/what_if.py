"""Step 3: what a program would cost if it were accepted, as the difference between two releases. Pure.

Each consented patient of the chosen sites is planned from today on, with the program and without it; the difference
is summed by site and by year. ADR 0012 says why it is exact, and how long it takes; 0024 when a sample stands for all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from capture.accept import cheaper, courses, kinds
from capture.accept.cheaper import Suggestion
from capture.accept.courses import Booking, Course, Price, Prices
from capture.ask.expected import CONDITIONAL
from capture.plan.delta import PatientPlan
from forms_catalog import triggering
from forms_catalog.specs import ProgramSpec, ReleaseSpec
from sites.burden import cost
from sites.burden.spreading import Z80


@dataclass(frozen=True, slots=True)
class Population:
    """The consented patients of one site, each as planning sees them with the program accepted today.

    `assumed` where nobody consented yet and these are the patients of a program much like it. Of a large network the
    same sampled patients are planned for every site; `weights` says how many of the site's each stands for (() = one).
    """

    site: str
    plans: tuple[PatientPlan, ...]
    assumed: bool = False
    weights: tuple[float, ...] = ()

    @property
    def patients(self) -> int:
        return round(sum(self.weights)) if self.weights else len(self.plans)

    @property
    def standing_for(self) -> Iterator[tuple[PatientPlan, float]]:
        """Each plan with the number of the site's patients that it stands for, where there is any."""
        pairs = zip(self.plans, self.weights or (1,) * len(self.plans), strict=True)
        return ((plan, weight) for plan, weight in pairs if weight)


@dataclass(frozen=True, slots=True)
class Effect:
    """What the program adds for one patient: centiseconds by year from today; the visits without and with it."""

    per_year: tuple[int, ...]
    visits_before: int
    visits_after: int
    own: int  # reports of the program itself


@dataclass(frozen=True, slots=True)
class OverBudget:
    """A site that would be over its weekly budget: minutes a week of the budget, expected now, and with the request."""

    site: str
    budget: int
    now: float
    then: float


@dataclass(frozen=True, slots=True)
class Result:
    """What the cost page shows. Hours are per site and year; a range is an assumption, stated as one.

    `by_field` is field path → hours a year that go if it alone goes, over all sites: to rank by.
    """

    fields: Mapping[str, int]
    lists: Mapping[str, tuple[str, ...]]
    minutes_per_visit: Mapping[str, float]
    hours_per_site_year: Mapping[str, Mapping[str, float]]
    fte: Mapping[str, float]
    years: Mapping[str, float]
    visits: tuple[int, int, int]
    patients: Mapping[str, int]
    assumptions: tuple[str, ...] = field(default_factory=tuple)
    near: Mapping[str, str] = field(default_factory=dict)
    undecided: int = 0
    suggestions: tuple[Suggestion, ...] = ()
    by_field: Mapping[str, float] = field(default_factory=dict)
    over_budget: tuple[OverBudget, ...] = ()


def difference(
    before: ReleaseSpec,
    after: ReleaseSpec,
    program: str,
    populations: Sequence[Population],
    objections: Mapping[str, tuple[str, str]] | None = None,
    *,
    today: date,
) -> Result:
    """The cost of adding `program`: fields by kind, minutes a visit, hours a site and year, what would be cheaper.

    `objections`: what the matcher holds against fields nobody decided (see kinds.near_of).
    """
    spec, day = after.programs[program], today.toordinal()
    near = kinds.near_of(before, after, program, objections or {})
    lists = kinds.classify(before, spec, near)
    pool = list({id(plan): plan for p in populations for plan in p.plans}.values())
    weight = Counter[int]()
    for p in populations:
        weight.update({id(plan): n for plan, n in p.standing_for})
    search = cheaper.Search(after, program, pool, [weight[id(plan)] for plan in pool], today=day)
    new = search.prices
    old = new if _same_without(before, after, program) else Prices(before)
    of_plan = {
        id(plan): _effect(plan, booked, program, old, new, today=day)
        for plan, booked in zip(pool, search.booked, strict=False)
    }
    by_site = {p.site: [Part(of_plan[id(plan)], n) for plan, n in p.standing_for] for p in populations}
    effects = [Part(of_plan[id(plan)], weight[id(plan)]) for plan in pool]
    hours = {site: _hours(found) for site, found in by_site.items()}
    alone = effect(courses.newcomer(after, program, day), program, old, new, today=day)
    return Result(
        fields={"total": sum(len(v) for v in lists.values()), **{k: len(lists[k]) for k in kinds.KINDS}},
        lists={k: tuple(v) for k, v in lists.items()},
        minutes_per_visit=_minutes([e for e in effects if e.effect.own] or [Part(alone)]),
        hours_per_site_year=hours,
        fte={site: round(h["mid"] / cost.FTE_HOURS_YEAR, 3) for site, h in hours.items()},
        years=_years(effects),
        visits=(
            round(sum(e.effect.visits_before * e.patients for e in effects)),
            round(sum(e.effect.visits_after * e.patients for e in effects)),
            max((e.effect.visits_after - e.effect.visits_before for e in effects), default=alone.visits_after),
        ),
        patients={p.site: p.patients for p in populations},
        assumptions=(*_assumptions(), *_assumed(populations), *_sampled(effects, populations), *_not_priced(spec)),
        near={path: f"{found.label}: {found.reason}" for path, found in near.items()},
        suggestions=cheaper.suggestions(search, near),
        by_field=search.hours_by_field(),
    )


@dataclass(frozen=True, slots=True)
class Part:
    """What the program adds for one planned patient, and how many patients that stands for."""

    effect: Effect
    patients: float = 1


def effect(plan: PatientPlan, program: str, old: Price, new: Price, *, today: int) -> Effect:
    """What the program adds for one patient. `old` prices visits without it, `new` with it."""
    return _effect(plan, courses.bookings(plan, today=today), program, old, new, today=today)


def _effect(
    plan: PatientPlan, booked: Sequence[Booking], program: str, old: Price, new: Price, *, today: int
) -> Effect:
    had = courses.course(courses.without(plan, program), program, old, today=today)
    has = courses.priced(booked, program, new)
    return Effect(_added(had, has), had.visits, has.visits, has.own)


def _added(had: Course, has: Course) -> tuple[int, ...]:
    years = max(len(had.per_year), len(has.per_year))
    padded = [c.per_year + (0,) * (years - len(c.per_year)) for c in (had, has)]
    return tuple(new - old for old, new in zip(*padded, strict=True))


def _same_without(before: ReleaseSpec, after: ReleaseSpec, program: str) -> bool:
    """Whether the visits without the program cost the same under both releases, so that one list of prices does."""
    others = {code: spec for code, spec in after.programs.items() if code != program}
    return (
        {code: spec for code, spec in before.programs.items() if code != program} == others
        and all(after.elements.get(key) == element for key, element in before.elements.items())
        and all(after.groups.get(key) == group for key, group in before.groups.items())
    )


def _hours(parts: Sequence[Part]) -> dict[str, float]:
    """Hours in the coming year for the consented patients of a site, with the stated range."""
    spread = cost.spread(_year(parts, 0))
    return {"low": _h(spread.low), "mid": _h(spread.mid), "high": _h(spread.high)}


def _years(parts: Sequence[Part]) -> dict[str, float]:
    longest = max((len(p.effect.per_year) for p in parts), default=0)
    total = sum(_year(parts, i) for i in range(longest))
    return {**{name: _h(_year(parts, i)) for name, i in (("1", 0), ("5", 4), ("15", 14))}, "total": _h(total)}


def _year(parts: Sequence[Part], index: int) -> int:
    found = ((p.effect.per_year, p.patients) for p in parts)
    return round(sum(years[index] * patients for years, patients in found if index < len(years)))


def _minutes(parts: Sequence[Part]) -> dict[str, float]:
    """Added minutes a report of the program, on average over all that are open."""
    reports = sum(p.effect.own * p.patients for p in parts) or 1
    spread = cost.spread(round(sum(sum(p.effect.per_year) * p.patients for p in parts) / reports))
    return {name: round(getattr(spread, name) / 6000, 1) for name in ("low", "mid", "high")}


def _h(centiseconds: int) -> float:
    return round(centiseconds / 360000, 1)


def _not_priced(program: ProgramSpec) -> tuple[str, ...]:
    """Forms that come due by answers are named: nobody knows beforehand how often something happens."""
    found = [f"{t.label} (within {t.due_in_words})" for t in triggering.of_program(program)]
    return (f"Not priced, for they come due only when something happens: {', '.join(found)}.",) if found else ()


def _assumed(populations: Sequence[Population]) -> tuple[str, ...]:
    if not any(p.assumed for p in populations):
        return ()
    return ("Nobody has consented yet: counted are the patients of the live program that asks most of the same.",)


def _sampled(parts: Sequence[Part], populations: Sequence[Population]) -> tuple[str, ...]:
    """Of a large network: how many patients were planned, and how well the whole is known by them."""
    if not any(p.weights for p in populations):
        return ()
    there = sum(p.patients for p in populations)
    mean = sum(sum(p.effect.per_year) * p.patients for p in parts) / there
    spread = sum(p.patients * (sum(p.effect.per_year) - mean) ** 2 for p in parts) / there
    error = Z80 * (spread / len(parts)) ** 0.5 / abs(mean) if mean else 0.0
    return (
        f"Planned were {len(parts):,} of {there:,} patients, taken evenly by years since the infusion and number of "
        f"programs; by them the hours of the whole network are known within {error:.1%} (80 %), those of one site less "
        "well.",
    )


def _assumptions() -> tuple[str, ...]:
    low, high = cost.RANGE
    return (
        f"The range is {low} to {high} times the middle: an assumption until this site's own times are measured.",
        f"{cost.VISIT_MINUTES} minutes a visit, each element's own seconds, "
        f"{cost.QUERY_RATE:.1%} of values queried at {cost.QUERY_MINUTES} minutes.",
        f"A question behind a condition is asked at {CONDITIONAL:.0%} of visits.",
        "Hours are those added by this program beside the programs each patient is already in. Year 1 is the coming "
        "year and holds what is overdue; each patient is planned from their own infusion, reports and events.",
        "Copying by hand and patients who join later are not in these figures.",
    )
