"""A made-up network with known true costs: sites that differ, lognormal noise, failed measurements. Seeded.

True prices differ from the defaults (by kind, for the whole network), then by site (its pace, and by kind). A visit
takes its true expected time times lognormal noise. Some measurements fail: a form left open (4 to 10 times), or
finished elsewhere (a tenth); these are what was measured, not what it cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sites.burden.estimating import Array, Timed
from sites.burden.prices import DEFAULTS, KINDS

NETWORK_SD, PACE_SD, KIND_SD, NOISE, STRAY = 0.35, 0.25, 0.15, 0.45, 0.03
FEW, MANY = 3, 150  # visits a site and year
FORMS: Mapping[str, Array] = {  # asks by kind: visit, confirmed, value, choice, abstracted, text; seconds of effort
    name: np.array(asks, float)
    for name, asks in {
        "baseline": (1, 0, 20, 25, 10, 2, 1800),
        "day 100": (1, 10, 12, 15, 6, 1, 900),
        "month 6": (1, 20, 8, 12, 4, 1, 600),
        "yearly": (1, 25, 6, 10, 3, 0, 500),
        "late yearly": (1, 30, 0, 6, 0, 0, 200),
        "safety": (1, 5, 0, 8, 8, 4, 300),
        "laboratory": (1, 2, 40, 0, 0, 0, 60),
        "death": (1, 8, 0, 6, 4, 1, 240),
    }.items()
}


@dataclass(frozen=True, slots=True)
class Year:
    """One site's visits of one year: what they asked, what they truly took, what was measured (centiseconds)."""

    asks: Array
    true: Array
    measured: Array


@dataclass(frozen=True, slots=True)
class SimulatedSite:
    """True mean prices by kind, and the visits of each year."""

    prices: Array
    years: tuple[Year, ...]

    def timed(self, years: int) -> Timed:
        """What was measured in the first years."""
        seen = self.years[:years]
        return Timed(np.concatenate([y.asks for y in seen]), np.concatenate([y.measured for y in seen]))


def simulate(sites: int, years: int, seed: int = 1) -> dict[str, SimulatedSite]:
    """Site → its true prices and its visits; one site in six has few."""
    random = np.random.default_rng(seed)
    defaults = np.array([float(DEFAULTS[kind]) for kind in KINDS])
    network = defaults * np.exp(random.normal(0, NETWORK_SD, len(KINDS)))
    made = {}
    for number in range(sites):
        own = random.normal(0, PACE_SD) + random.normal(0, KIND_SD, len(KINDS))
        few = number % 6 == 0
        pace = random.uniform(FEW, 8) if few else np.exp(random.uniform(np.log(20), np.log(MANY)))
        prices = network * np.exp(own)
        made[f"s{number:02d}"] = SimulatedSite(prices, tuple(_year(random, prices, pace) for _ in range(years)))
    return made


def _year(random: np.random.Generator, prices: Array, pace: float) -> Year:
    n = max(1, int(random.poisson(pace)))
    forms = np.array(list(FORMS.values()))[random.integers(0, len(FORMS), n)]
    asks = np.concatenate([np.ones((n, 1)), random.poisson(forms[:, 1:])], axis=1).astype(float)
    true = asks @ prices * np.exp(random.normal(-(NOISE**2) / 2, NOISE, n))
    failed = np.where(random.random(n) < 0.5, random.uniform(4, 10, n), 0.1)
    return Year(asks, true, np.where(random.random(n) < STRAY, true * failed, true))
