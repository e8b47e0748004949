"""When work is done, who is still followed by then, and how far chance spreads a sum. Pure; forecast calls it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp, log, sqrt

from sites.burden.rates import Rates

YEAR = 365.25
Z80 = 1.2816  # one in ten lies below the low end, one in ten above the high end


def survival(rates: Rates, days: float) -> float:
    """The share of patients still alive and followed after so many days, at constant yearly rates."""
    return exp(-(rates.death_year + rates.loss_year) * max(0.0, days) / YEAR)


def delay_of(rates: Rates) -> float:
    """The mean delay in days: nine tenths of overdue work are done in the weeks that catching up takes."""
    return 7 * rates.catch_up_weeks / log(10)


def done(start: int, long: int, days: Sequence[int], place: int, delay: float) -> Iterator[tuple[int, float]]:
    """The share of work planned evenly over `start..start + long` that is done in each period from `place` on."""
    before = 0.0
    for n in range(place, len(days) - 1):
        by = min(1.0, grown(days[n + 1] - start, delay) / long - grown(days[n + 1] - start - long, delay) / long)
        yield n, by - before
        before = by
        if by > 0.9999:
            return


def grown(days: float, delay: float) -> float:
    """How many days' worth is done by then, of work that falls due evenly and is done late by `delay` days on average.

    Delays are exponential: what is overdue today is done at the same pace as what falls due later.
    """
    return 0.0 if days <= 0 else days - delay * (1 - exp(-days / delay)) if delay else days


def limits(mean: float, variance: float) -> tuple[float, float]:
    """The 10 % and 90 % points of a gamma distribution (Wilson and Hilferty 1931): never below zero, longer to the top.

    Below a shape of 1 (a period with less than a visit) the formula gives out: the low end is then 0.
    """
    if mean <= 0 or variance <= 0:
        return max(mean, 0.0), max(mean, 0.0)
    shape = mean * mean / variance
    middle, side = 1 - 1 / (9 * shape), Z80 / (3 * sqrt(shape))
    low = mean * max(0.0, middle - side) ** 3 if shape >= 1 else 0.0
    return low, max(mean, mean * (middle + side) ** 3)
