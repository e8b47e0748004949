"""Step 3: what a program would cost if it were accepted, as the difference between two releases. Pure.

Every entry of the program is compared for one patient of the chosen sites: the joint visits with it and without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from capture.ask import expected
from capture.ask.expected import ANCHOR, CONDITIONAL
from capture.plan.windows import of_schedule, plan
from forms_catalog.specs import ProgramSchedule, ProgramSpec, ReleaseSpec
from sites.burden import cost

FTE_HOURS_YEAR = 1720
KINDS = ("covered", "derivable", "near_duplicate", "new")


@dataclass(frozen=True, slots=True)
class Population:
    """The consented patients of one site: how many, and in which programs each set of them already is."""

    site: str
    groups: tuple[tuple[tuple[str, ...], int], ...]  # (other programs of the patient, number of such patients)

    @property
    def patients(self) -> int:
        return sum(n for _, n in self.groups)


@dataclass(frozen=True, slots=True)
class Effect:
    """Centiseconds a visit year by year for one patient, with and without the program."""

    per_year: tuple[int, ...]
    visits_before: int
    visits_after: int


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


def difference(before: ReleaseSpec, after: ReleaseSpec, program: str, populations: Sequence[Population]) -> Result:
    """The cost of adding `program`: fields by kind, minutes a visit, hours a site and year."""
    spec = after.programs[program]
    lists = classify(before, spec)
    effects = {others: _effect(before, after, program, others) for p in populations for others, _ in p.groups}
    alone = _effect(before, after, program, ())
    hours = {p.site: _hours(p, effects) for p in populations}
    mids = [h["mid"] for h in hours.values()]
    visits = max((e.visits_after - e.visits_before for e in effects.values()), default=alone.visits_after)
    some = next(iter(effects.values()), alone)
    return Result(
        fields={"total": sum(len(v) for v in lists.values()), **{k: len(lists[k]) for k in KINDS}},
        lists={k: tuple(v) for k, v in lists.items()},
        minutes_per_visit=_minutes(effects or {(): alone}, spec),
        hours_per_site_year=hours,
        fte={site: round(h["mid"] / FTE_HOURS_YEAR, 3) for site, h in hours.items()},
        years=_years(populations, effects),
        visits=(some.visits_before, some.visits_after, visits),
        patients={p.site: p.patients for p in populations},
        assumptions=_assumptions(sum(mids)),
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


def _kind(mapping: object, asked: set[str]) -> str:
    from forms_catalog.specs import MappingSpec

    if not isinstance(mapping, MappingSpec) or mapping.relation in ("new", "not_same"):
        return "new"
    elements = {s.element for s in mapping.sources}
    if not elements & asked:
        return "new"
    if mapping.relation == "narrower" or not elements <= asked:
        return "near_duplicate"
    return "covered" if mapping.relation in ("exact", "recode", "unit_conversion") else "derivable"


def _effect(before: ReleaseSpec, after: ReleaseSpec, program: str, others: tuple[str, ...]) -> Effect:
    old = _course(before, others)
    new = _course(after, (*others, program))
    years = max(len(old[0]), len(new[0]))
    padded = [o + [0] * (years - len(o)) for o in (old[0], new[0])]
    return Effect(tuple(n - o for o, n in zip(*padded, strict=True)), old[1], new[1])


def _course(release: ReleaseSpec, programs: tuple[str, ...]) -> tuple[list[int], int]:
    """Expected centiseconds in each year of follow-up of one patient in these programs, and the number of visits."""
    present = [release.programs[p] for p in programs if p in release.programs]
    windows = [w for p in present for w in of_schedule(_schedule(p), ANCHOR.toordinal())]
    years: list[int] = []
    visits = plan(windows)
    for planned in visits:
        number = max(0, (planned.date - ANCHOR.toordinal() - 1) // 365)
        years += [0] * (number + 1 - len(years))
        on = date.fromordinal(planned.date)
        years[number] += expected.centiseconds_of(release, tuple(sorted(planned.keys)), on)
    return years, len(visits)


def _schedule(program: ProgramSpec) -> ProgramSchedule:
    return ProgramSchedule(program.code, program.title, "", 0, program.entries, program.tracks, program.rules)


def _hours(population: Population, effects: Mapping[tuple[str, ...], Effect]) -> dict[str, float]:
    """Hours in the first full year for the consented patients of a site, with the stated range."""
    total = sum(n * effects[others].per_year[0] for others, n in population.groups if effects[others].per_year)
    spread = cost.spread(total)
    return {"low": _h(spread.low), "mid": _h(spread.mid), "high": _h(spread.high)}


def _years(populations: Sequence[Population], effects: Mapping[tuple[str, ...], Effect]) -> dict[str, float]:
    def year(index: int) -> int:
        return sum(
            n * (e.per_year[index] if index < len(e.per_year) else 0)
            for p in populations
            for others, n in p.groups
            for e in [effects[others]]
        )

    return {"1": _h(year(0)), "5": _h(year(4)), "15": _h(year(14)), "total": _h(sum(year(i) for i in range(16)))}


def _minutes(effects: Mapping[tuple[str, ...], Effect], spec: ProgramSpec) -> dict[str, float]:
    """Added minutes at one of the program's visits, on average over its timepoints."""
    visits = sum(1 for e in spec.entries if e.kind == "followup") or 1
    mid = round(sum(sum(e.per_year) for e in effects.values()) / len(effects) / visits)
    spread = cost.spread(mid)
    return {name: round(getattr(spread, name) / 6000, 1) for name in ("low", "mid", "high")}


def _h(centiseconds: int) -> float:
    return round(centiseconds / 360000, 1)


def _assumptions(total: float) -> tuple[str, ...]:
    low, high = cost.RANGE
    return (
        f"The range is {low} to {high} times the middle: an assumption until this site's own times are measured.",
        f"{cost.VISIT_MINUTES} minutes a visit, each element's own seconds, "
        f"{cost.QUERY_RATE:.1%} of values queried at {cost.QUERY_MINUTES} minutes.",
        f"A question behind a condition is asked at {CONDITIONAL:.0%} of visits.",
        "Hours are those added by this program beside the programs each patient is already in, in the first year.",
    )
