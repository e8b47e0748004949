"""Puts a site's forecast together from stored sums, its records, its budgets and what its people expect.

Called by sites.pages; a fixed number of queries, whatever the number of patients and years.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sites import assumptions
from sites.burden import forecast, forecast_words, load_ahead, rates, totals
from sites.burden.calibrate import Pace
from sites.burden.charts import Chart, Segment
from sites.burden.columns import Column, columns_chart
from sites.burden.forecast import Calibration, Facts, Load, Period
from sites.burden.load_ahead import Basis
from sites.burden.rates import Records, Shown
from sites.models import ForecastAssumptions, ForecastBasis, LoadAhead, Site

WEEK = timedelta(weeks=1)
LEGEND = (
    ("ahead-planned", "Planned visits"),
    ("ahead-overdue", "Overdue visits, caught up"),
    ("ahead-joining", "Patients who will join"),
    ("ahead-range", "80 % range"),
    ("ahead-capacity", "Budget less absence"),
)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Everything the forecast page of a site shows. `built_on` is None where nothing was summed yet."""

    site: Site
    built_on: date | None
    facts: Facts
    records: Records
    like: str
    held: ForecastAssumptions | None
    shown: Sequence[Shown]
    weeks: Sequence[Period]
    months: Sequence[Period]
    years: Sequence[Period]

    @property
    def peaks(self) -> Sequence[Period]:
        """The five weeks that most need somebody."""
        return [p for p in forecast.peaks(self.weeks) if p.mid]

    @property
    def absence_lines(self) -> list[str]:
        """Weeks with staff away that are still ahead, one line a run of weeks."""
        later = {week: share for week, share in self.facts.absences.items() if week + WEEK > self.facts.today}
        return assumptions.absence_lines(later).splitlines()

    @property
    def words(self) -> Mapping[str, str]:
        return forecast_words.summary(self.weeks, self.months, self.years)

    @property
    def charts(self) -> Mapping[str, Chart | None]:
        return {"weeks": _weeks_chart(self.weeks), "months": _months_chart(self.months)}


def of_site(site: Site, today: date) -> Outlook:
    """The forecast of a site from a day on. 6 queries."""
    row = ForecastBasis.objects.filter(site=site.code).first()
    basis = load_ahead.basis_of(row) if row else Basis()
    held = held_on(site, today)
    loads = _loads(site.code)
    facts = facts_of(site, today, basis, held, totals.pace(site.code, today - timedelta(days=364), today), loads)
    months = forecast.by_month(facts)
    return Outlook(
        site=site,
        built_on=row.built_on if row else None,
        facts=facts,
        records=basis.records,
        like=basis.newcomers_like,
        held=held,
        shown=[*rates.shown(basis.records, assumptions.chosen_of(held), _who(held)), *_calibrated(facts, basis)],
        weeks=forecast.by_week(facts),
        months=months,
        years=forecast.by_year(facts, months),
    )


def facts_of(
    site: Site,
    today: date,
    basis: Basis,
    held: ForecastAssumptions | None,
    pace: Pace | None,
    loads: Mapping[str, Sequence[Load]],
) -> Facts:
    """What to forecast from; `loads` by grain. 1 query, the budgets."""
    budgets = totals.budgets_of([site]).get(site.pk, [])
    overdue = loads.get(load_ahead.OVERDUE, ())
    return Facts(
        today=today,
        weeks=loads.get(load_ahead.WEEK, ()),
        months=loads.get(load_ahead.MONTH, ()),
        overdue=overdue[0] if overdue else Load(today),
        newcomer=basis.newcomer,
        rates=rates.rates(basis.records, assumptions.chosen_of(held)),
        calibration=calibration(basis, pace),
        absences=assumptions.absences_of(held),
        budget=lambda week: totals.budget_on(budgets, week),
    )


def calibration(basis: Basis, pace: Pace | None) -> Calibration:
    """Planned into spent time by the site's own submitted visits; few of them count little."""
    return Calibration.of(
        visits=basis.visits,
        expected=basis.expected,
        realised=basis.realised,
        copied=basis.copied,
        pace=pace.ratio if pace else 1.0,
        timed=pace.visits if pace else 0,
    )


def held_on(site: Site, day: date) -> ForecastAssumptions | None:
    """The version of the assumptions that holds on a day. 1 query."""
    return ForecastAssumptions.objects.filter(site=site, valid_from__lte=day).order_by("-valid_from").first()


def versions(site: Site) -> list[ForecastAssumptions]:
    """Every version, newest first. 1 query."""
    return list(ForecastAssumptions.objects.filter(site=site).order_by("-valid_from"))


def _loads(site: str) -> Mapping[str, Sequence[Load]]:
    found: dict[str, list[Load]] = defaultdict(list)
    for row in LoadAhead.objects.filter(site=site).order_by("grain", "period"):
        found[row.grain].append(Load(row.period, row.visits, row.predicted, row.squares))
    return found


def _who(held: ForecastAssumptions | None) -> str:
    return f"set by {held.set_by} from {held.valid_from}: {held.reason}" if held else ""


def _calibrated(facts: Facts, basis: Basis) -> list[Shown]:
    used = facts.calibration
    visits = f"{basis.visits} submitted visits here" if basis.visits else "no submitted visits here yet"
    timed = f"{used.timed} timed visits here" if used.timed else "no visit timed here yet"
    prior = f"the default counts as {forecast.PACE_VISITS} visits"
    return [
        Shown("Asked, of what a blank patient is asked", f"{used.realised:.0%}", f"{visits}; {prior}"),
        Shown("Pace, measured over predicted", f"{used.pace:.0%}", f"{timed}; {prior}"),
        Shown("Copying by hand on top", f"{used.copied:.0%}", f"{visits}; {prior}"),
    ]


def _weeks_chart(weeks: Sequence[Period]) -> Chart | None:
    return columns_chart(
        [_column(p, f"{p.start:%b}" if p.start.day <= 7 else "", f"Week from {p.start:%d %b %Y}") for p in weeks],
        id="weeks",
        title="Expected hours of data entry, week by week for a year",
        description="One column a week: planned, overdue and new patients' work, its 80 % range, and the budget.",
        legend=LEGEND,
    )


def _months_chart(months: Sequence[Period]) -> Chart | None:
    first = months[0].start.year if months else 0
    return columns_chart(
        [
            _column(
                p, f"{p.start:%Y}" if p.start.month == 1 and (p.start.year - first) % 3 == 1 else "", f"{p.start:%b %Y}"
            )
            for p in months
        ],
        id="months",
        title="Expected hours of data entry, month by month for 15 years",
        description="One column a month: planned, overdue and new patients' work, its 80 % range, and the budget.",
        legend=LEGEND,
    )


def _column(period: Period, label: str, name: str) -> Column:
    hours = [value / 360_000 for value in (period.planned, period.overdue, period.joining)]
    parts = zip(hours, LEGEND, strict=False)
    return Column(
        label,
        tuple(Segment(value, css, f"{name}, {words.lower()}: {value:.1f} h") for value, (css, words) in parts),
        period.low / 360_000,
        period.high / 360_000,
        None if period.capacity is None else period.capacity / 360_000,
        f"{name}: {forecast_words.range_words(period)}",
    )
