"""Intervals of time: which parts of a program's period an answer covers and what is still uncovered.

An interval is (after, upto]: it starts the day after `after` and includes `upto`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """(after, upto]; empty where upto <= after."""

    after: date
    upto: date

    @property
    def empty(self) -> bool:
        return self.upto <= self.after

    def contains(self, day: date) -> bool:
        """True where the day lies inside."""
        return self.after < day <= self.upto

    def inside(self, other: Interval) -> bool:
        """True where this interval lies wholly in `other`."""
        return other.after <= self.after and self.upto <= other.upto


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The union as disjoint intervals in order; touching ones join."""
    result: list[Interval] = []
    for piece in sorted(i for i in intervals if not i.empty):
        if result and piece.after <= result[-1].upto:
            result[-1] = Interval(result[-1].after, max(result[-1].upto, piece.upto))
        else:
            result.append(piece)
    return result


def minus(whole: Interval, covered: Iterable[Interval]) -> list[Interval]:
    """What of `whole` is left uncovered, in order."""
    left: list[Interval] = []
    start = whole.after
    for piece in merged(covered):
        if piece.upto <= start or piece.after >= whole.upto:
            continue
        if piece.after > start:
            left.append(Interval(start, piece.after))
        start = max(start, piece.upto)
    tail = Interval(start, whole.upto)
    return [*left, tail] if not tail.empty else left


def uncovered(periods: Sequence[Interval], covered: Sequence[Interval]) -> list[Interval]:
    """One interval a question: what no answer covers of any asker's period, cut at each asker's end.

    Rule 3 of the core: (earliest start of the askers, latest end], cut at each asker's as-of and the last covered day.
    """
    wanted = merged(periods)
    cuts = {p.upto for p in periods} | ({max(c.upto for c in covered)} if covered else set())
    gaps = [gap for whole in wanted for gap in minus(whole, covered)]
    return [piece for gap in gaps for piece in _cut(gap, cuts)]


def _cut(gap: Interval, cuts: Iterable[date]) -> list[Interval]:
    days = [gap.after, *sorted(d for d in cuts if gap.after < d < gap.upto), gap.upto]
    return [Interval(a, b) for a, b in pairwise(days)]


def covers(period: Interval, covered: Iterable[Interval]) -> bool:
    """True where nothing of `period` is left uncovered."""
    return not minus(period, covered)
