"""Learning, step 3: every request ranked by a model that never saw its target; what confidence is fitted to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forms_catalog.learning import fitting
from forms_catalog.learning.examples import Examples, together
from forms_catalog.matching.pairs import Pairs
from forms_catalog.matching.ranking import Ranker, summarise
from forms_catalog.matching.traits import Array

FOLDS = 5
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Tops:
    """The best candidate of many requests: what confidence looks at, and whether it is right."""

    summaries: list[dict[str, float]]
    right: list[bool]
    rows: list[int]
    groups: list[str]

    def only(self, kept: Sequence[int]) -> Tops:
        """Those at the given places."""
        return Tops(
            [self.summaries[n] for n in kept],
            [self.right[n] for n in kept],
            [self.rows[n] for n in kept],
            [self.groups[n] for n in kept],
        )


def folds(groups: Sequence[str], count: int = FOLDS, seed: int = 0) -> Array:
    """The fold of each request; requests of one group share it, also with those of other sets with as many folds. With
    `count` groups or fewer each has its own."""
    drawn = {name: int(hashlib.sha256(f"{seed} {name}".encode()).hexdigest(), 16) for name in set(groups)}
    if len(drawn) <= count:
        drawn = {name: n for n, name in enumerate(sorted(drawn))}
    return np.array([drawn[group] % count for group in groups])


def out_of_fold(sets: Sequence[Examples], counts: Sequence[int], say: Progress = lambda _: None) -> list[Array]:
    """The ranks of every pair of every set by a model fitted without its request's fold; `counts` folds a set."""
    parts = [folds(one.groups, count) for one, count in zip(sets, counts, strict=True)]
    out = [np.zeros(len(one.right)) for one in sets]
    for fold in range(max(counts)):
        say(f"fold {fold + 1} of {max(counts)}")
        held = [part[one.pairs.query] == fold for one, part in zip(sets, parts, strict=True)]
        pairs, right, weight = together(one.of(~rows) for one, rows in zip(sets, held, strict=True))
        ranker = Ranker(model=fitting.fit(pairs, right, weight))
        for ranks, one, rows in zip(out, sets, held, strict=True):
            if rows.any():
                ranks[rows] = ranker.ranks(one.of(rows).pairs)
    return out


def tops(examples: Examples, ranks: Array, *, removed: bool = False) -> Tops:
    """The best candidate of each request; with `removed`, of those with an element once it is gone."""
    asked = examples.answered[examples.pairs.query]
    kept = asked & ~examples.right if removed else np.ones(len(ranks), bool)
    pairs: Pairs = examples.of(kept).pairs
    standing, right = ranks[kept], examples.right[kept]
    found = Tops([], [], [], [])
    starts = pairs.starts()
    for start, end in zip(starts, [*starts[1:], len(standing)], strict=True):
        best = start + int(np.argmax(standing[start:end]))
        others = np.array([n for n in range(start, end) if n != best], np.int64)
        found.summaries.append({**summarise(pairs, standing, best, others), "lowered": 0.0})
        found.right.append(bool(right[best]))
        found.rows.append(int(pairs.query[start]))
        found.groups.append(examples.groups[found.rows[-1]])
    return found


def confidence(found: Sequence[Tops]) -> dict[str, float]:
    """Confidence weights fitted to all of `found`; each of them counts the same, however many requests it holds."""
    weight = [1 / len(one.right) for one in found for _ in one.right]
    return fitting.confidence(
        [s for one in found for s in one.summaries], [r for one in found for r in one.right], weight
    )


def merged(found: Sequence[Tops]) -> Tops:
    """Several of one set's requests together."""
    return Tops(
        *([x for one in found for x in getattr(one, name)] for name in ("summaries", "right", "rows", "groups"))
    )


def sure_out_of_fold(found: Tops, beside: Sequence[Tops] = ()) -> Array:
    """The confidence of each of `found` by weights fitted without its fold, and without what `beside` has of it."""
    part = folds(found.groups)
    out = np.zeros(len(found.rows))
    for fold in range(FOLDS):
        held = {group for n, group in enumerate(found.groups) if part[n] == fold}
        rest = [one.only([n for n, g in enumerate(one.groups) if g not in held]) for one in (found, *beside)]
        model: dict[str, Any] = {"confidence": confidence([one for one in rest if one.rows])}
        ranker = Ranker(table=model, model={})
        for n in np.flatnonzero(part == fold).tolist():
            out[n] = ranker.sure(found.summaries[n])
    return out
