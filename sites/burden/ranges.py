"""The 80 % range of a time to come: of one visit, and of many together. Pure; docs/cost-model.md gives the method.

Two parts: what varies from visit to visit evens out in a sum, how unsure the prices are does not. Where nothing is
measured the assumed range (cost.RANGE) is stated, and it gives way as visits are timed.
"""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np

from sites.burden import cost
from sites.burden.cost import Range
from sites.burden.estimating import Array, Fit
from sites.burden.spreading import Z80


def of_visit(fit: Fit, asks: Array) -> Range:
    """One visit with `asks` by kind (in the order of prices.KINDS)."""
    parts = asks * fit.prices
    total = float(parts.sum())
    slopes = parts / total
    deviation = sqrt(fit.noise**2 + float(slopes @ fit.covariance @ slopes))
    return _around(total, log(fit.smear), deviation, fit.sure)


def of_sum(fit: Fit, asks: Array) -> Range:
    """Many visits together; `asks` is visits x kinds."""
    parts = asks * fit.prices
    each = parts.sum(axis=1)
    total = float(each.sum())
    return of_total(fit, parts.sum(axis=0) / total, total, float((each**2).sum()))


def of_total(fit: Fit, mix: Array, total: float, squares: float) -> Range:
    """The same from sums: `mix` is each kind's part of the total, `squares` the sum of each visit's time squared."""
    chance = squares / total**2 * (exp(fit.noise**2) - 1)
    variance = log(1 + chance + float(mix @ fit.covariance @ mix))
    return _around(total, variance / 2, sqrt(variance), fit.sure)


def of_many(fit: Fit, asks: Array) -> Range:
    """The mean of very many visits like this one: only the prices are unsure."""
    parts = asks * fit.prices
    total = float(parts.sum())
    return of_total(fit, parts / total, total, 0.0)


def typical(fit: Fit) -> Array:
    """Each kind's part of the time of the visits that were timed; of a bare visit where none was."""
    parts: Array = fit.asks * fit.prices
    if not parts.sum():
        parts = np.zeros(len(fit.prices))
        parts[0] = 1.0
    mix: Array = parts / parts.sum()
    return mix


def _around(total: float, shift: float, deviation: float, sure: float) -> Range:
    """Limits on logs; the part of the range that is not measured is the assumed one."""
    below = sure * max(0.0, shift + Z80 * deviation) ** 2 + (1 - sure) * log(cost.RANGE[0]) ** 2
    above = sure * max(0.0, Z80 * deviation - shift) ** 2 + (1 - sure) * log(cost.RANGE[1]) ** 2
    return Range(round(total * exp(-sqrt(below))), round(total), round(total * exp(sqrt(above))))
