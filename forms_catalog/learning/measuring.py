"""Learning, step 4: what a ranking and its confidence are worth: top-1, top-5, AUC, calibration, Wilson's bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forms_catalog.matching.traits import Array

NOT_FOUND = 10**6


@dataclass(frozen=True, slots=True)
class Ranked:
    """Shares of requests whose element comes first, among the first five, and the mean of 1/place."""

    requests: int
    top1: float
    top5: float
    mrr: float


def places(query: Array, ranks: Array, right: Array, asked: int) -> Array:
    """The place (from 1) of the first right candidate of each request; NOT_FOUND where none is."""
    found = np.full(asked, NOT_FOUND)
    order = np.lexsort((-ranks, query))
    starts = np.flatnonzero(np.r_[len(order) > 0, query[order][1:] != query[order][:-1]]).tolist()
    for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
        hits = np.flatnonzero(right[order[start:end]])
        if len(hits):
            found[query[order[start]]] = hits[0] + 1
    return found


def ranked(place: Array) -> Ranked:
    """The figures of `places`."""
    n = max(len(place), 1)
    inverse = np.where(place < NOT_FOUND, 1 / place, 0.0)
    return Ranked(len(place), float((place == 1).sum() / n), float((place <= 5).sum() / n), float(inverse.sum() / n))


def auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """The chance that a positive scores above a negative; ties count half."""
    if not len(positive) or not len(negative):
        return float("nan")
    order = np.searchsorted(np.sort(negative), positive, "left"), np.searchsorted(np.sort(negative), positive, "right")
    return float((order[0] + order[1]).sum() / 2 / (len(positive) * len(negative)))


@dataclass(frozen=True, slots=True)
class Bin:
    """Requests whose confidence lies in [low, high): how many, the mean said and the share that was right."""

    low: float
    high: float
    count: int
    said: float
    right: float


def reliability(sure: Array, right: Array, bins: int = 10) -> list[Bin]:
    """Confidence beside what came true, in bins of equal width; empty bins are left out."""
    place = np.minimum((sure * bins).astype(int), bins - 1)
    found = [(b, place == b) for b in range(bins)]
    return [
        Bin(b / bins, (b + 1) / bins, int(mine.sum()), float(sure[mine].mean()), float(right[mine].mean()))
        for b, mine in found
        if mine.any()
    ]


def expected_calibration_error(table: Sequence[Bin]) -> float:
    """The mean distance of said and right, bins weighed by their requests."""
    total = sum(one.count for one in table)
    return sum(one.count * abs(one.said - one.right) for one in table) / total if total else 0.0


def wilson(right: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's 95 % bounds of a share; (0, 1) of nothing."""
    if not of:
        return 0.0, 1.0
    share, spread = right / of, z * z / of
    middle = (share + spread / 2) / (1 + spread)
    half = z * np.sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))


def band(sure: Array, right: Array, precision: float, least: int = 30) -> tuple[float, int, int]:
    """The lowest cut above which at least `precision` was right: (cut, right, accepted); cut 2.0 where there is none.

    Chosen among cuts that accept `least` or more, so that a few lucky rows make no band."""
    order = np.argsort(-sure, kind="stable")
    hits = np.cumsum(right[order])
    count = np.arange(1, len(order) + 1)
    good = np.flatnonzero((hits / count >= precision) & (count >= least))
    if not len(good):
        return 2.0, 0, 0
    at = int(good[-1])
    return float(sure[order[at]]), int(hits[at]), at + 1
