"""Fair split of shared cost: each question's time is split equally among the programs that need it. Pure.

For a cost that is there as soon as one of them needs it, the equal split is the Shapley value. Times in centiseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One cost and the programs that need it."""

    centiseconds: int
    programs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A program's fair share, what would go if it went (marginal), and what it would cost alone."""

    share: int
    marginal: int
    alone: int


def split(items: Iterable[Item], programs: Sequence[str], *, overhead: int = 0) -> dict[str, Share]:
    """Program → its share of all items and of the visit's overhead. The shares sum exactly to the total."""
    every = [*items, Item(overhead, tuple(programs))] if overhead and programs else list(items)
    share = dict.fromkeys(sorted(programs), 0)
    marginal, alone = dict(share), dict(share)
    for item in every:
        for program, part in equal(item.centiseconds, item.programs).items():
            share[program] += part
            alone[program] += item.centiseconds
        if len(item.programs) == 1:
            marginal[item.programs[0]] += item.centiseconds
    return {p: Share(share[p], marginal[p], alone[p]) for p in share}


def equal(total: int, programs: Sequence[str]) -> dict[str, int]:
    """`total` split equally; leftover centiseconds go to the lowest program codes."""
    ordered = sorted(programs)
    if not ordered:
        return {}
    part, left = divmod(total, len(ordered))
    return {program: part + (1 if i < left else 0) for i, program in enumerate(ordered)}


def in_proportion(total: int, shares: Mapping[str, Share]) -> dict[str, int]:
    """`total` split in proportion to the shares, exactly; leftovers to the lowest codes; equal where all are zero."""
    weight = sum(s.share for s in shares.values())
    if not weight:
        return equal(total, list(shares))
    parts = {p: total * s.share // weight for p, s in sorted(shares.items())}
    left = total - sum(parts.values())
    return {p: part + (1 if i < left else 0) for i, (p, part) in enumerate(parts.items())}
