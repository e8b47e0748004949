"""Step 3: what a program would cost if it were accepted, as the difference between two releases. Pure.

Each consented patient of the chosen sites is planned from today on, with the program and without it; the difference
is summed by site and by year. ADR 0012 says why it is exact, and how long it takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from capture.accept import courses
from capture.accept.courses import Course, Price, Prices
from capture.ask.expected import CONDITIONAL
from capture.plan.delta import PatientPlan
from forms_catalog import triggering
from forms_catalog.specs import MappingSpec, ProgramSpec, ReleaseSpec
from sites.burden import cost

FTE_HOURS_YEAR = 1720
KINDS = ("covered", "derivable", "near_duplicate", "new")


@dataclass(frozen=True, slots=True)
class Population:
    """The consented patients of one site, each as planning sees them with the program accepted today."""

    site: str
    plans: tuple[PatientPlan, ...]

    @property
    def patients(self) -> int:
        return len(self.plans)


@dataclass(frozen=True, slots=True)
class Effect:
    """What the program adds for one patient: centiseconds by year from today; the visits without and with it."""

    per_year: tuple[int, ...]
    visits_before: int
    visits_after: int
    own: int  # reports of the program itself


@dataclass(frozen=True, slots=True)
class Result:
    """What the cost page shows. Hours are per site and year; a range is an assumption, stated as one."""

    fields: Mapping[str, int]
    lists: Mapping[str, tuple[str, ...]]
    minutes_per_visit: Mapping[str, float]
    hours_per_site_year: Mapping[str, Mapping[str, float]]
    fte: Mapping[str, float]
    years: Mapping[str, float]
    visits: tuple[int, int, int]
    patients: Mapping[str, int]
    assumptions: tuple[str, ...] = field(default_factory=tuple)


def difference(
    before: ReleaseSpec, after: ReleaseSpec, program: str, populations: Sequence[Population], *, today: date
) -> Result:
    """The cost of adding `program`: fields by kind, minutes a visit, hours a site and year."""
    spec, day = after.programs[program], today.toordinal()
    lists = classify(before, spec)
    new = Prices(after)
    old = new if _same_without(before, after, program) else Prices(before)
    by_site = {p.site: [effect(plan, program, old, new, today=day) for plan in p.plans] for p in populations}
    effects = [e for found in by_site.values() for e in found]
    hours = {site: _hours(found) for site, found in by_site.items()}
    alone = effect(courses.newcomer(after, program, day), program, old, new, today=day)
    return Result(
        fields={"total": sum(len(v) for v in lists.values()), **{k: len(lists[k]) for k in KINDS}},
        lists={k: tuple(v) for k, v in lists.items()},
        minutes_per_visit=_minutes([e for e in effects if e.own] or [alone]),
        hours_per_site_year=hours,
        fte={site: round(h["mid"] / FTE_HOURS_YEAR, 3) for site, h in hours.items()},
        years=_years(effects),
        visits=(
            sum(e.visits_before for e in effects),
            sum(e.visits_after for e in effects),
            max((e.visits_after - e.visits_before for e in effects), default=alone.visits_after),
        ),
        patients={p.site: p.patients for p in populations},
        assumptions=(*_assumptions(), *_not_priced(spec)),
    )


def effect(plan: PatientPlan, program: str, old: Price, new: Price, *, today: int) -> Effect:
    """What the program adds for one patient. `old` prices visits without it, `new` with it."""
    had = courses.course(courses.without(plan, program), program, old, today=today)
    has = courses.course(plan, program, new, today=today)
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


def classify(before: ReleaseSpec, spec: ProgramSpec) -> dict[str, list[str]]:
    """Each question of the program: already collected, derivable from what is, near to it, or new."""
    asked = {
        s.element
        for p in before.programs.values()
        if p.code != spec.code
        for a in p.asks
        if a.mapping
        for s in a.mapping.sources
    }
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for ask in spec.asks:
        if not ask.field.asks:
            continue
        found[_kind(ask.mapping, asked)].append(ask.field.path)
    return found


def _kind(mapping: MappingSpec | None, asked: set[str]) -> str:
    if mapping is None or mapping.relation in ("new", "not_same"):
        return "new"
    elements = {s.element for s in mapping.sources}
    if not elements & asked:
        return "new"
    if mapping.relation == "narrower" or not elements <= asked:
        return "near_duplicate"
    return "covered" if mapping.relation in ("exact", "recode", "unit_conversion") else "derivable"


def _hours(effects: Sequence[Effect]) -> dict[str, float]:
    """Hours in the coming year for the consented patients of a site, with the stated range."""
    spread = cost.spread(_year(effects, 0))
    return {"low": _h(spread.low), "mid": _h(spread.mid), "high": _h(spread.high)}


def _years(effects: Sequence[Effect]) -> dict[str, float]:
    longest = max((len(e.per_year) for e in effects), default=0)
    total = sum(_year(effects, i) for i in range(longest))
    return {**{name: _h(_year(effects, i)) for name, i in (("1", 0), ("5", 4), ("15", 14))}, "total": _h(total)}


def _year(effects: Sequence[Effect], index: int) -> int:
    return sum(e.per_year[index] for e in effects if index < len(e.per_year))


def _minutes(effects: Sequence[Effect]) -> dict[str, float]:
    """Added minutes a report of the program, on average over all that are open."""
    reports = sum(e.own for e in effects) or 1
    spread = cost.spread(round(sum(sum(e.per_year) for e in effects) / reports))
    return {name: round(getattr(spread, name) / 6000, 1) for name in ("low", "mid", "high")}


def _h(centiseconds: int) -> float:
    return round(centiseconds / 360000, 1)


def _not_priced(program: ProgramSpec) -> tuple[str, ...]:
    """Forms that come due by answers are named: nobody knows beforehand how often something happens."""
    found = [f"{t.label} (within {t.due_in_words})" for t in triggering.of_program(program)]
    return (f"Not priced, for they come due only when something happens: {', '.join(found)}.",) if found else ()


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
