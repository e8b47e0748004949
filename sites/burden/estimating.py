"""Seconds by kind of answer from active times of whole visits: a robust ridge towards the network, and that towards
the defaults. Pure; docs/cost-model.md gives the method in words.

A site's prices are the defaults times a pace that all kinds share and a factor for each kind, so never negative; the
factors leave the time of a usual visit as it is. The log of a visit's time is the log of the sum of its prices, plus
noise. The pace is drawn to its prior as strongly as `k` visits would, which for a usual visit is calibrate.shrink on
logs; how the kinds stand to each other is as unsure as the ranges of the assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sites.burden.assumptions import ASSUMPTIONS
from sites.burden.calibrate import PRIOR_VISITS
from sites.burden.prices import DEFAULTS, KINDS
from sites.burden.spreading import Z80

Array = NDArray[np.float64]
HUBER = 1.345  # beyond so many standard deviations a visit pulls no harder; 95 % efficient where there are no outliers
STRAYS = 3.0  # beyond so many it is taken for a failed measurement and left out of the mean
NOISE = 0.367  # of the log of one visit while nothing is measured: 0.6 to 1.6 times as an 80 % range
MOST = 50  # visits of one site that count for the network
ENOUGH_SITES, ENOUGH_VISITS = 8, 10  # from so many on, how far sites differ is measured too
STRENGTH = (2.0, 100.0)  # bounds of the measured prior weight, in visits
ROUNDS, STEP, CLOSE = 40, 0.5, 1e-6
DEFAULT_ROW: Array = np.array([float(DEFAULTS[kind]) for kind in KINDS])
UNSURE: Mapping[str, float] = {a.kind: float(np.log(a.high / a.low)) / (2 * Z80) for a in ASSUMPTIONS if a.kind}
OWN = 0.5  # sites differ by kind with half the variance of their pace: an assumption


@dataclass(frozen=True, slots=True)
class Timed:
    """Timed visits of one site: asks by kind (visits x KINDS; effort in seconds) and centiseconds, all above 0."""

    asks: Array
    centiseconds: Array

    @classmethod
    def of(cls, rows: Sequence[tuple[Mapping[str, float], float]]) -> Timed:
        """From rows of (kind → asks, measured centiseconds). Visits without time or asks are left out."""
        kept = [(a, cs) for a, cs in rows if cs > 0 and any(a.values())]
        asks = np.array([[a.get(kind, 0.0) for kind in KINDS] for a, _ in kept], float).reshape(-1, len(KINDS))
        return cls(asks, np.array([cs for _, cs in kept], float))

    def __len__(self) -> int:
        return len(self.centiseconds)


@dataclass(frozen=True, slots=True)
class Fit:
    """Mean prices by kind (centiseconds), how unsure their logs are (covariance), and the noise of one visit's log.

    `sure` is how much of the stated range is measured, 0 to 1; the rest is the assumed range.
    """

    prices: Array
    covariance: Array
    noise: float
    smear: float
    visits: int
    sure: float
    asks: Array = field(default_factory=lambda: np.zeros(len(KINDS)))

    def range_of(self, kind: int) -> tuple[float, float]:
        """The 80 % range of one price."""
        wide = float(np.exp(Z80 * np.sqrt(self.covariance[kind, kind])))
        return float(self.prices[kind]) / wide, float(self.prices[kind]) * wide


@dataclass(frozen=True, slots=True)
class Network:
    """All sites fitted together: each site's fit, the network's own, and what a site without a visit starts from."""

    sites: Mapping[str, Fit]
    whole: Fit
    strength: float
    apart: Array  # covariance of a site around its network


@dataclass(frozen=True, slots=True)
class _Shape:
    """Turns a point (log of the pace, then log of each kind's factor) into prices. `parts`: those of a usual visit."""

    parts: Array

    def prices(self, point: Array) -> Array:
        """The prices at a point; the factors are scaled so that a usual visit takes its default times the pace."""
        factors: Array = np.exp(point[1:])
        found: Array = DEFAULT_ROW * np.exp(point[0]) * factors / (self.parts @ factors)
        return found

    def turned(self, point: Array) -> Array:
        """How the logs of the prices change with the point: kinds x (1 + kinds)."""
        parts = self.parts * np.exp(point[1:])
        own = np.eye(len(KINDS)) - parts / parts.sum()
        return np.concatenate([np.ones((len(KINDS), 1)), own], axis=1)


@dataclass(frozen=True, slots=True)
class _Prior:
    mean: Array
    covariance: Array


@dataclass(frozen=True, slots=True)
class _Solved:
    point: Array
    information: Array  # of the data alone, a visit's noise counted
    pull: Array


def fit(timed: Mapping[str, Timed], *, k: float = PRIOR_VISITS) -> Network:
    """Fit every site. Noise, mean and strength of the prior are measured over the network, then all is fitted again."""
    noise, strength = NOISE, float(k)
    smear = float(np.exp(noise**2 / 2))
    found: dict[str, Fit] = {}
    shape = _Shape(_usual(timed))
    whole = Fit(DEFAULT_ROW, np.zeros((len(KINDS), len(KINDS))), noise, smear, 0, 0.0)
    for _ in range(3):
        whole, priors = _network(timed, shape, noise, smear, (k, strength))
        found = {site: _site(t, shape, priors[site], noise, smear) for site, t in timed.items()}
        left = np.concatenate([_residuals(t, found[s].prices, 1.0) for s, t in timed.items()] or [np.zeros(0)])
        noise, smear = _noise(left, k)
        strength = _strength(timed, whole, noise, k)
    sure = _spread_known(timed)
    sites = {s: _stated(f, 1.0 if sure else f.visits / (f.visits + k)) for s, f in found.items()}
    whole = _stated(whole, 1.0 if sure else whole.visits / (whole.visits + k))
    turned = shape.turned(np.zeros(1 + len(KINDS)))
    return Network(sites, whole, strength, turned @ _of_sites(noise**2 / strength) @ turned.T)


def unmeasured(network: Network) -> Fit:
    """What a site without a timed visit is expected to cost: the network's prices, and how far sites differ."""
    whole = network.whole
    wide = whole.covariance + network.apart
    return Fit(whole.prices, wide, whole.noise, whole.smear, 0, whole.sure if network.sites else 0.0)


def bare() -> Array:
    """The asks of a visit that asks nothing."""
    found: Array = np.eye(len(KINDS))[0]
    return found


def alone(timed: Timed) -> Array:
    """What the visits say without any default, as far as they can tell kinds apart: centiseconds by kind."""
    shape = _Shape(_usual({"": timed}))
    prior = _Prior(np.zeros(1 + len(KINDS)), _of_defaults(1.0))
    solved = _solve(timed, shape, np.ones(len(timed)), prior, (NOISE, float(np.exp(NOISE**2 / 2))))
    return shape.prices(solved.point)


def _usual(timed: Mapping[str, Timed]) -> Array:
    """Each kind's part of the time of a usual visit at the defaults; of a bare visit where none was timed."""
    found: Array = np.zeros(len(KINDS))
    for t in timed.values():
        parts = t.asks * DEFAULT_ROW
        found = found + _shares(t) @ (parts / parts.sum(axis=1, keepdims=True))
    total = float(found.sum())
    return found / total if total else bare()


def _of_defaults(variance: float) -> Array:
    """How unsure the point is around the defaults; `variance` is that of the pace."""
    return np.diag([variance, *(UNSURE[kind] ** 2 for kind in KINDS)])


def _of_sites(variance: float) -> Array:
    """How far a site's point is from its network's."""
    return np.diag([variance, *[OWN * variance] * len(KINDS)])


def _stated(found: Fit, sure: float) -> Fit:
    return Fit(found.prices, found.covariance, found.noise, found.smear, found.visits, sure, found.asks)


def _network(
    timed: Mapping[str, Timed], shape: _Shape, noise: float, smear: float, weights: tuple[float, float]
) -> tuple[Fit, dict[str, _Prior]]:
    """The network's fit, and each site's prior: what all *other* sites say, so that no visit is counted twice.

    `weights`: as how many visits the defaults count, and the network.
    """
    size = 1 + len(KINDS)
    start = _Prior(np.zeros(size), _of_defaults(noise**2 / weights[0]))
    every = Timed(
        np.concatenate([t.asks for t in timed.values()] or [np.zeros((0, len(KINDS)))]),
        np.concatenate([t.centiseconds for t in timed.values()] or [np.zeros(0)]),
    )
    shares = np.concatenate([_shares(t) for t in timed.values()] or [np.zeros(0)])
    solved = _solve(every, shape, shares, start, (noise, smear))
    inverse = _inverse(start.covariance)
    apart = _of_sites(noise**2 / weights[1])
    sites = sum(1 for t in timed.values() if len(t))
    priors = {}
    for site, t in timed.items():
        others = sites - bool(len(t))
        own = _data(t, shape, _shares(t), solved.point, (noise, smear))
        hessian = inverse + solved.information - own.information
        moved = np.clip(np.linalg.solve(hessian, own.pull), -STEP, STEP)
        known = _inverse(hessian)
        priors[site] = _Prior(solved.point - moved, known + apart * (1 + 1 / others)) if others else start
    covariance = _inverse(inverse + solved.information)
    if sites:
        covariance = covariance + apart / sites
    return _fit(every, shape, solved.point, covariance, noise, smear), priors


def _site(timed: Timed, shape: _Shape, prior: _Prior, noise: float, smear: float) -> Fit:
    solved = _solve(timed, shape, np.ones(len(timed)), prior, (noise, smear))
    covariance = _inverse(solved.information + _inverse(prior.covariance))
    return _fit(timed, shape, solved.point, covariance, noise, smear)


def _fit(timed: Timed, shape: _Shape, point: Array, covariance: Array, noise: float, smear: float) -> Fit:
    turned = shape.turned(point)
    prices, wide = shape.prices(point), turned @ covariance @ turned.T
    return Fit(prices, wide, noise, smear, len(timed), 0.0, timed.asks.sum(axis=0))


def _shares(timed: Timed) -> Array:
    """How much each visit counts for the network: a site counts as MOST visits at the most."""
    return np.full(len(timed), min(1.0, MOST / max(1, len(timed))))


def _solve(timed: Timed, shape: _Shape, shares: Array, prior: _Prior, scale: tuple[float, float]) -> _Solved:
    """Gauss-Newton on logs with Huber's weights, from the prior. `scale`: noise, and mean over median."""
    inverse = _inverse(prior.covariance)
    point = prior.mean.copy()
    data = _data(timed, shape, shares, point, scale)
    for _ in range(ROUNDS):
        wanted = np.linalg.solve(data.information + inverse, data.pull - inverse @ (point - prior.mean))
        point = point + np.clip(wanted, -STEP, STEP)
        data = _data(timed, shape, shares, point, scale)
        if np.abs(wanted).max() < CLOSE:
            break
    return data


def _data(timed: Timed, shape: _Shape, shares: Array, point: Array, scale: tuple[float, float]) -> _Solved:
    """What the visits say at a point: their information, and where they pull."""
    noise, smear = scale
    prices = shape.prices(point)
    parts = timed.asks * prices
    left = _residuals(timed, prices, smear)
    slopes = parts / parts.sum(axis=1, keepdims=True) @ shape.turned(point)
    size = np.abs(left) / noise
    weights = shares * np.minimum(1.0, HUBER / np.maximum(size, HUBER)) / noise**2
    return _Solved(point, slopes.T @ (weights[:, None] * slopes), slopes.T @ (weights * left))


def _inverse(matrix: Array) -> Array:
    found: Array = np.asarray(np.linalg.inv(matrix), np.float64)
    return found


def _residuals(timed: Timed, prices: Array, smear: float) -> Array:
    """Log of measured over expected; `smear` is mean over median, for prices are means and logs are about medians."""
    left: Array = np.log(timed.centiseconds) + np.log(smear) - np.log(timed.asks @ prices)
    return left


def _noise(left: Array, k: float) -> tuple[float, float]:
    """The noise of one visit's log, from the median deviation, and mean over median of what is no stray."""
    if not len(left):
        return NOISE, float(np.exp(NOISE**2 / 2))
    centred = left - np.median(left)
    seen = 1.4826 * float(np.median(np.abs(centred)))
    noise = float(np.sqrt((k * NOISE**2 + len(left) * seen**2) / (k + len(left))))
    kept = centred[np.abs(centred) <= STRAYS * noise]
    mean = float(np.mean(np.exp(kept))) if len(kept) else 1.0
    smear = (k * float(np.exp(noise**2 / 2)) + len(left) * mean) / (k + len(left))
    return max(noise, 0.05), smear


def _spread_known(timed: Mapping[str, Timed]) -> bool:
    return sum(len(t) >= ENOUGH_VISITS for t in timed.values()) >= ENOUGH_SITES


def _strength(timed: Mapping[str, Timed], whole: Fit, noise: float, k: float) -> float:
    """How many visits the network counts as at a site: noise over the measured spread of sites; `k` with few sites."""
    if not _spread_known(timed):
        return float(k)
    paces = np.array(
        [[np.median(_residuals(t, whole.prices, 1.0)), len(t)] for t in timed.values() if len(t) >= ENOUGH_VISITS]
    )
    seen = (1.4826 * np.median(np.abs(paces[:, 0] - np.median(paces[:, 0])))) ** 2
    spread = max(seen - float(np.median(noise**2 * np.pi / 2 / paces[:, 1])), 1e-6)
    return float(np.clip(noise**2 / spread, *STRENGTH))
