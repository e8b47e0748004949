"""A past forecast held against what then happened, beside two naive ones: mean absolute error a week. Pure.

Called by the command backtest_forecast and by the simulation; docs/forecast.md says what cannot be rewound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sites.burden import forecast
from sites.burden.forecast import Calibration, Facts
from sites.burden.rates import Rates

WAYS = ("ours", "last_week", "defaults")


@dataclass(frozen=True, slots=True)
class Week:
    """One week in centiseconds: what was spent, our forecast with its range, and the naive ones."""

    monday: date
    spent: float
    ours: float
    low: float
    high: float
    last_week: float
    defaults: float

    @property
    def inside(self) -> bool:
        """Whether what was spent lies in the range."""
        return self.low <= self.spent <= self.high


@dataclass(frozen=True, slots=True)
class Score:
    """The weeks of one or of many back-tests."""

    weeks: tuple[Week, ...]

    def __add__(self, other: Score) -> Score:
        return Score(self.weeks + other.weeks)

    def error(self, way: str) -> float:
        """Mean absolute error a week of one of `WAYS`, in centiseconds."""
        missed = [abs(float(getattr(w, way)) - w.spent) for w in self.weeks]
        return sum(missed) / len(missed)

    @property
    def coverage(self) -> float:
        """The share of weeks inside the 80 % range."""
        return sum(w.inside for w in self.weeks) / len(self.weeks)

    @property
    def best(self) -> bool:
        """Whether ours is nearer than both naive ones."""
        return self.error("ours") < min(self.error("last_week"), self.error("defaults"))


def score(facts: Facts, spent: Mapping[date, float], last_week: float, weeks: int) -> Score:
    """Forecast from `facts`, whose day is a Monday, and hold each week against `spent` (Monday → centiseconds)."""
    ours = forecast.by_week(facts, weeks)
    plain = forecast.by_week(defaults(facts), weeks)
    return Score(
        tuple(
            Week(p.start, spent.get(p.start, 0.0), p.mid, p.low, p.high, last_week, d.mid)
            for p, d in zip(ours, plain, strict=True)
        )
    )


def defaults(facts: Facts) -> Facts:
    """The same plan at default times: nobody dies, is lost or joins, nothing is learned from the site's own visits."""
    still = Rates(0.0, 0.0, 0.0, facts.rates.catch_up_weeks, 0.0)
    return replace(facts, rates=still, newcomer=(), calibration=Calibration())
