"""What data entry will take: week by week for a year, month by month for 15, with a range, against the budget. Pure.

Sums in, sums out; outlooks fills `Facts` from rows. docs/forecast.md states the method, its assumptions and its limits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import exp, sqrt

from sites.burden import calibrate, cost, spreading
from sites.burden.figures import monday
from sites.burden.rates import Rates
from sites.burden.spreading import YEAR

WEEKS, MONTHS = 53, 180
MONTH = YEAR / 12
VISIT_CV = 0.5  # spread of one visit around its mean, relative: an assumption, see docs/forecast.md
PACE_CV = 0.37  # spread of a site's pace while nothing is timed: 0.6 to 1.6 times as an 80 % range
PACE_VISITS = 20  # timed visits after which that uncertainty (its variance) has halved


@dataclass(frozen=True, slots=True)
class Load:
    """Planned visits of one period: how many, their centiseconds, and the sum of each visit's centiseconds squared."""

    period: date
    visits: int = 0
    predicted: int = 0
    squares: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """One visit of an average newcomer: days since the infusion, its mean centiseconds, and its mean square."""

    day: int
    mean: float
    square: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How planned time becomes spent time. `realised`: what forms then asked, of what a blank patient would be asked;
    `pace`: measured over predicted; `copied`: copying by hand on top, of the blank time; `timed` visits behind it.
    """

    realised: float = 1.0
    pace: float = 1.0
    copied: float = 0.0
    timed: int = 0

    @classmethod
    def of(cls, *, visits: int, expected: int, realised: int, copied: int, pace: float, timed: int) -> Calibration:
        """From sums over submitted visits (centiseconds) and the pace to expect; the default weighs `PACE_VISITS`."""
        if not expected:
            return cls(pace=pace, timed=timed)
        asked = calibrate.shrink(1.0, realised / expected, visits, PACE_VISITS)
        return cls(asked, pace, calibrate.shrink(0.0, copied / expected, visits, PACE_VISITS), timed)

    @property
    def factor(self) -> float:
        return self.realised * self.pace + self.copied

    @property
    def cv(self) -> float:
        """Relative uncertainty of the factor; it falls as visits are timed."""
        return PACE_CV * sqrt(PACE_VISITS / (PACE_VISITS + self.timed))


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a forecast looks at. `overdue` is planned before today and still open; `budget` gives the minutes a
    week that hold in the week of a Monday; `absences` the share of staff away, by Monday.
    """

    today: date
    weeks: Sequence[Load] = ()
    months: Sequence[Load] = ()
    overdue: Load = Load(date.min)
    newcomer: Sequence[Step] = ()
    rates: Rates = field(default_factory=Rates)
    calibration: Calibration = Calibration()
    absences: Mapping[date, float] = field(default_factory=dict)
    budget: Callable[[date], int | None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Period:
    """One week or month, `end` not included. Centiseconds; `noise` is the variance of what chance alone does.

    `planned` and `overdue` are of patients here today, after death and loss; `joining` of those expected to join.
    `capacity` is the budget less absence, in centiseconds; None where no budget is set.
    """

    start: date
    end: date
    planned: float
    overdue: float
    joining: float
    noise: float
    low: float
    high: float
    capacity: float | None = None

    @property
    def mid(self) -> float:
        return self.planned + self.overdue + self.joining

    @property
    def over(self) -> float | None:
        """Centiseconds over the capacity (below zero: left); None without a budget."""
        return None if self.capacity is None else self.mid - self.capacity

    @property
    def state(self) -> str:
        """'over', 'may' (the high end passes the capacity), 'done' (within) or 'none' (no budget)."""
        if self.capacity is None:
            return "none"
        return "over" if self.mid > self.capacity else "may" if self.high > self.capacity else "done"

    @property
    def fte(self) -> float:
        """Full-time people at 1,720 hours a year, if every week were like this period."""
        return fte(self.mid, (self.end - self.start).days)


def by_week(facts: Facts, count: int = WEEKS) -> list[Period]:
    """The rest of this week and the weeks after it."""
    first = monday(facts.today)
    edges = [facts.today, *(first + timedelta(weeks=n) for n in range(1, count + 1))]
    return _periods(facts, edges, facts.weeks)


def by_month(facts: Facts, count: int = MONTHS) -> list[Period]:
    """The rest of this month and the months after it."""
    edges = [facts.today, *(month_after(facts.today, n) for n in range(1, count + 1))]
    return _periods(facts, edges, facts.months)


def by_year(facts: Facts, months: Sequence[Period]) -> list[Period]:
    """Every 12 months in one: the chance parts add up as variances, pace and enrolment do not even out."""
    return [together(facts, months[n : n + 12]) for n in range(0, len(months), 12)]


def together(facts: Facts, periods: Sequence[Period]) -> Period:
    """Neighbouring periods as one."""
    whole = [p.capacity for p in periods if p.capacity is not None]
    return _period(
        facts,
        periods[0].start,
        periods[-1].end,
        planned=sum(p.planned for p in periods),
        overdue=sum(p.overdue for p in periods),
        joining=sum(p.joining for p in periods),
        noise=sum(p.noise for p in periods),
        capacity=sum(whole) if len(whole) == len(periods) else None,
    )


def peaks(periods: Iterable[Period], count: int = 5) -> list[Period]:
    """The periods that pass their capacity most, else the fullest ones; earliest first among equals."""
    return sorted(periods, key=lambda p: (-(p.mid if p.over is None else p.over), p.start))[:count]


def busiest(periods: Sequence[Period]) -> Period:
    """The fullest period."""
    return max(periods, key=lambda p: (p.mid, -p.start.toordinal()))


def fte(centiseconds: float, days: int) -> float:
    """Full-time people for this much work in so many days, at 1,720 hours a year."""
    return centiseconds / 360_000 / (cost.FTE_HOURS_YEAR * days / YEAR)


def month_after(day: date, count: int) -> date:
    """The first of the month so many months after the day's own."""
    years, month = divmod(day.month - 1 + count, 12)
    return date(day.year + years, month + 1, 1)


def _periods(facts: Facts, edges: Sequence[date], loads: Sequence[Load]) -> list[Period]:
    """Each load is spread over the periods in which it will be done; loads of earlier periods count from today."""
    periods = len(edges) - 1
    work, squares = [0.0] * periods, [0.0] * periods
    days = [(edge - facts.today).days for edge in edges]
    for load in loads:
        start = max(0, (load.period - facts.today).days)
        place = max(n for n in range(periods) if days[n] <= start)
        if start < days[-1]:
            long = days[place + 1] - start
            alive = spreading.survival(facts.rates, start + long / 2)
            for n, share in spreading.done(start, long, days, place, spreading.delay_of(facts.rates)):
                work[n], squares[n] = (
                    work[n] + alive * share * load.predicted,
                    squares[n] + alive * share * load.squares,
                )
    return [_of(facts, edges[n], edges[n + 1], work[n], squares[n]) for n in range(periods)]


def _of(facts: Facts, start: date, end: date, planned: float, squares: float) -> Period:
    """`planned` and `squares` are already thinned by death and loss."""
    factor, caught = facts.calibration.factor, _caught_up(facts, start, end)
    joining, joined = _joining(facts, start, end)
    chance = factor**2 * (1 + VISIT_CV**2) * (squares + caught * facts.overdue.squares + joined)
    return _period(
        facts,
        start,
        end,
        planned=factor * planned,
        overdue=factor * caught * facts.overdue.predicted,
        joining=factor * joining,
        noise=chance,
        capacity=_capacity(facts, start, end),
    )


def _period(
    facts: Facts,
    start: date,
    end: date,
    *,
    planned: float,
    overdue: float,
    joining: float,
    noise: float,
    capacity: float | None,
) -> Period:
    mid = planned + overdue + joining
    variance = noise + (mid * facts.calibration.cv) ** 2 + (joining * facts.rates.enrolment_cv) ** 2
    return Period(start, end, planned, overdue, joining, noise, *spreading.limits(mid, variance), capacity)


def _caught_up(facts: Facts, start: date, end: date) -> float:
    """The share of overdue work that is done in the period."""
    delay = spreading.delay_of(facts.rates)
    if not delay:
        return 1.0 if start == facts.today else 0.0
    first, last = ((day - facts.today).days for day in (start, end))
    return exp(-first / delay) - exp(-last / delay)


def _joining(facts: Facts, start: date, end: date) -> tuple[float, float]:
    """Expected blank time of patients who join from today on, and the sum of squares of their visits."""
    daily, delay = facts.rates.enrolment_month / MONTH, spreading.delay_of(facts.rates)
    first, last = ((day - facts.today).days for day in (start, end))
    mean = square = 0.0
    for step in facts.newcomer:
        if step.day < last:
            done = spreading.grown(last - step.day, delay) - spreading.grown(first - step.day, delay)
            weight = daily * done * spreading.survival(facts.rates, step.day)
            mean, square = mean + weight * step.mean, square + weight * step.square
    return mean, square


def _capacity(facts: Facts, start: date, end: date) -> float | None:
    """The budget of these days less absence, in centiseconds; None where a week of them has no budget."""
    found = 0.0
    for week, days in _weeks(start, end):
        minutes = facts.budget(week)
        if minutes is None:
            return None
        found += minutes * 6000 * days / 7 * (1 - facts.absences.get(week, 0.0))
    return found


def _weeks(start: date, end: date) -> Iterator[tuple[date, int]]:
    """Each Monday whose week meets the period, with how many days of it."""
    week = monday(start)
    while week < end:
        after = week + timedelta(weeks=1)
        yield week, (min(end, after) - max(start, week)).days
        week = after
