"""The only writer of LoadAhead and ForecastBasis: a site's open work to the end of its schedules, rebuilt whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from sites.burden.figures import monday
from sites.burden.forecast import Load, Step
from sites.burden.rates import Records
from sites.models import ForecastBasis, LoadAhead, Site

WEEK, MONTH, OVERDUE = LoadAhead.Grain.WEEK, LoadAhead.Grain.MONTH, LoadAhead.Grain.OVERDUE


@dataclass(frozen=True, slots=True)
class Basis:
    """What a site's records say on a day: rates, what a newcomer costs, what forms asked of what was expected."""

    records: Records = field(default_factory=Records)
    newcomer: tuple[Step, ...] = ()
    newcomers_like: str = ""
    visits: int = 0
    expected: int = 0
    realised: int = 0
    copied: int = 0


@dataclass(slots=True)
class Sums:
    """Sums of open visits by period as they come, one after another; nothing of a visit is kept."""

    today: date
    cells: dict[tuple[str, date], list[int]] = field(default_factory=dict)

    def add(self, planned_on: date, centiseconds: int) -> None:
        """Count one whole open visit."""
        if planned_on < self.today:
            self._into(OVERDUE, self.today, centiseconds)
            return
        self._into(WEEK, monday(planned_on), centiseconds)
        self._into(MONTH, planned_on.replace(day=1), centiseconds)

    def loads(self, grain: str) -> list[Load]:
        """The sums of one grain, earliest first."""
        return [Load(p, n, cs, float(sq)) for (g, p), (n, cs, sq) in sorted(self.cells.items()) if g == grain]

    @property
    def visits(self) -> int:
        """All visits counted so far, each once."""
        return sum(n for (grain, _), (n, _, _) in self.cells.items() if grain != WEEK)

    def _into(self, grain: str, period: date, centiseconds: int) -> None:
        cell = self.cells.setdefault((grain, period), [0, 0, 0])
        cell[0], cell[1], cell[2] = cell[0] + 1, cell[1] + centiseconds, cell[2] + centiseconds**2


@transaction.atomic
def replace(site: str, sums: Sums, basis: Basis, *, weeks: int, months: int) -> None:
    """Replace what is stored of the site; only so many weeks and months are kept."""
    Site.objects.select_for_update().filter(code=site).first()  # two rebuilds of one site take turns
    LoadAhead.objects.filter(site=site).delete()
    kept = [(WEEK, sums.loads(WEEK)[:weeks]), (MONTH, sums.loads(MONTH)[:months]), (OVERDUE, sums.loads(OVERDUE))]
    LoadAhead.objects.bulk_create(_rows(site, kept))
    records = basis.records
    ForecastBasis.objects.update_or_create(
        site=site,
        defaults={
            "built_on": sums.today,
            "months": records.months,
            "joined": records.joined,
            "patient_years": records.patient_years,
            "deaths": records.deaths,
            "losses": records.losses,
            "newcomer": [[s.day, s.mean, s.square] for s in basis.newcomer],
            "newcomers_like": basis.newcomers_like[:300],
            "visits": basis.visits,
            "expected": basis.expected,
            "realised": basis.realised,
            "copied": basis.copied,
        },
    )


def built_on(site: str) -> date | None:
    """The day for which the site's sums were made last; None before the first time. 1 query."""
    return ForecastBasis.objects.filter(site=site).values_list("built_on", flat=True).first()


def basis_of(row: ForecastBasis) -> Basis:
    """A stored basis as facts."""
    return Basis(
        Records(row.months, row.joined, row.patient_years, row.deaths, row.losses),
        tuple(Step(int(day), mean, square) for day, mean, square in row.newcomer),
        row.newcomers_like,
        row.visits,
        row.expected,
        row.realised,
        row.copied,
    )


def _rows(site: str, kept: Iterable[tuple[str, list[Load]]]) -> list[LoadAhead]:
    return [
        LoadAhead(site=site, grain=g, period=x.period, visits=x.visits, predicted=x.predicted, squares=x.squares)
        for g, loads in kept
        for x in loads
    ]
