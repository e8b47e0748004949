"""How measured time replaces the defaults, by shrinkage: few measurements count little. Pure; aggregated per site."""

from __future__ import annotations

from dataclasses import dataclass

PRIOR_VISITS = 20  # the defaults weigh as much as this many measured visits: an assumption


@dataclass(frozen=True, slots=True)
class Pace:
    """A site's measured time beside the predicted time of the same visits, and the ratio to expect from now on."""

    visits: int
    predicted: int
    measured: int
    ratio: float

    @property
    def percent_measured(self) -> int:
        """Measured time in percent of the predicted time of the same visits."""
        return round(100 * self.measured / self.predicted)

    @property
    def percent_expected(self) -> int:
        """The pace to expect, in percent of the defaults."""
        return round(100 * self.ratio)


def shrink(default: float, measured: float, n: int, k: int = PRIOR_VISITS) -> float:
    """(k * default + n * measured) / (k + n): the default without measurements, the measured value with many."""
    return (k * default + n * measured) / (k + n)


def pace(visits: int, predicted: int, measured: int) -> Pace | None:
    """The pace of a site from its totals in centiseconds; None where nothing was measured yet."""
    if not visits or not predicted or not measured:
        return None
    return Pace(visits, predicted, measured, shrink(1.0, measured / predicted, visits))
