"""Learning, step 3: every request ranked by a model that never saw its target; what confidence is fitted to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forms_catalog.learning import fitting
from forms_catalog.learning.examples import Examples, together
from forms_catalog.matching import data
from forms_catalog.matching.pairs import Pairs
from forms_catalog.matching.ranking import Ranker, summarise
from forms_catalog.matching.traits import Array

FOLDS = 5
FITTED = 0.75  # the share of the fitted weights in confidence
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Tops:
    """The best candidate of many requests: what confidence looks at, and whether it is right."""

    summaries: list[dict[str, float]]
    right: list[bool]
    rows: list[int]


def folds(groups: Sequence[str], count: int = FOLDS, seed: int = 0) -> Array:
    """The fold of each request; requests of one group share it. With `count` groups or fewer each has its own."""
    names = sorted(set(groups), key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).hexdigest())
    place = {name: n % count for n, name in enumerate(names)}
    return np.array([place[group] for group in groups])


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
    """The best candidate of each request; with `removed`, of what is left when the right elements are gone."""
    kept = ~examples.right if removed else np.ones(len(ranks), bool)
    pairs: Pairs = examples.of(kept).pairs
    standing, right = ranks[kept], examples.right[kept]
    found = Tops([], [], [])
    starts = pairs.starts()
    for start, end in zip(starts, [*starts[1:], len(standing)], strict=True):
        best = start + int(np.argmax(standing[start:end]))
        others = np.array([n for n in range(start, end) if n != best], np.int64)
        found.summaries.append({**summarise(pairs, standing, best, others), "lowered": 0.0})
        found.right.append(bool(right[best]))
        found.rows.append(int(pairs.query[start]))
    return found


def confidence(found: Sequence[Tops]) -> dict[str, float]:
    """Confidence weights fitted to all of `found`, drawn towards those set by hand: training pairs hold hardly any
    request that truly has no element, and fitted alone the weights tell such requests apart less well."""
    fitted = fitting.confidence([s for one in found for s in one.summaries], [r for one in found for r in one.right])
    by_hand = data.document("weights.json")["confidence"]
    return {
        name: float(f"{FITTED * fitted.get(name, 0.0) + (1 - FITTED) * by_hand.get(name, 0.0):.6g}")
        for name in sorted({*fitted, *by_hand})
    }


def sure_out_of_fold(found: Tops, groups: Sequence[str], beside: Sequence[Tops] = ()) -> Array:
    """The confidence of each of `found` by weights fitted without its fold, `beside` always among the rest."""
    part = folds(groups)[found.rows]
    out = np.zeros(len(found.rows))
    for fold in range(FOLDS):
        rest = [n for n in range(len(part)) if part[n] != fold]
        known = Tops([found.summaries[n] for n in rest], [found.right[n] for n in rest], [])
        model: dict[str, Any] = {"confidence": confidence([known, *beside])}
        ranker = Ranker(table=model, model={})
        for n in np.flatnonzero(part == fold).tolist():
            out[n] = ranker.sure(found.summaries[n])
    return out
