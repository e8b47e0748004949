"""Matching, step 3h: pair features to a rank, and the best candidate to a probability. The model is a data file.

The rank mixes three opinions, each scaled within its query: a linear model and a forest, both trained on decided pairs,
and weights set by hand, which know what the training pairs are silent about (units, options, types).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import data
from .pairs import Pairs
from .traits import CLASSES, INTENTS, Array
from .trees import Forest

CLIP = 8.0


@dataclass(frozen=True)
class Ranker:
    """Weights set by hand (`table`) and, where there is one, a trained `model`; see forms_catalog/learning."""

    table: Any = field(default_factory=lambda: data.document("weights.json"))
    model: Any = field(default_factory=lambda: data.document("model.json"))

    def __post_init__(self) -> None:
        object.__setattr__(self, "_forest", Forest.read(self.model["forest"]) if self.model else None)

    def ranks(self, pairs: Pairs) -> Array:
        """How well each pair ranks among those of its query; only differences within a query mean something."""
        pairs.features["hand"] = by_hand = self.by_hand(pairs)
        if not self.model or not len(pairs.query):
            return by_hand
        mix = self.model["mix"]
        opinions = {"hand": by_hand, "linear": self.linear(pairs), "forest": self.forest(pairs)}
        total: Array = sum(mix[name] * spread(found, pairs) for name, found in opinions.items())
        return total

    def by_hand(self, pairs: Pairs) -> Array:
        """The sum of features by the weights of weights.json."""
        weights: Mapping[str, float] = self.table["features"]
        total: Array = np.zeros(len(pairs.query))
        for name, weight in weights.items():
            total = total + weight * pairs.features[name]
        return total

    def linear(self, pairs: Pairs) -> Array:
        """The linear model's opinion."""
        table = self.model["linear"]
        scaled = (matrix(pairs, table["features"]) - np.array(table["mean"])) / np.array(table["scale"])
        crossed = np.array(table["crossed"])[pairs.features["intent"], pairs.features["own class"]]
        found: Array = scaled @ np.array(table["weights"]) + crossed
        return found

    def lifts(self, pairs: Pairs, at: int, among: Array, most: int = 8) -> dict[str, float]:
        """What lifts or lowers the pair `at` beside the mean of the pairs `among`: the parts of the linear opinion (of
        the hand-set one where there is no model), the largest first. The forest's opinion has no such parts."""
        if self.model:
            table = self.model["linear"]
            weights = dict(zip(table["features"], np.array(table["weights"]) / np.array(table["scale"]), strict=True))
        else:
            weights = dict(self.table["features"])
        parts = {n: w * float(pairs.features[n][at] - pairs.features[n][among].mean()) for n, w in weights.items()}
        largest = sorted(parts, key=lambda name: -abs(parts[name]))[:most]
        return {name: round(parts[name], 3) for name in largest if round(parts[name], 3)}

    def forest(self, pairs: Pairs) -> Array:
        """The forest's opinion."""
        forest: Forest = self._forest  # type: ignore[attr-defined]
        return forest.score(matrix(pairs, forest.names))

    def sure(self, summary: Mapping[str, float]) -> float:
        """How likely the best candidate is the right one, 0..1, from what `summarise` tells about it."""
        weights: Mapping[str, float] = (self.model or self.table)["confidence"]
        total = sum(weights.get(name, 0.0) * value for name, value in summary.items())
        return float(1 / (1 + np.exp(-np.clip(total, -30, 30))))

    def threshold(self, name: str) -> float:
        """A limit: 'new' (below it nothing fits) or 'margin' (a forbidden twin is this near)."""
        return float({**self.table["thresholds"], **self.model.get("thresholds", {})}[name])

    def guard(self, name: str) -> float:
        """How guards weigh: 'each' rank points a conflict, 'most' in all, 'looked_at' candidates checked."""
        return float(self.table["guard"][name])


def matrix(pairs: Pairs, names: Any) -> Array:
    """The named features as columns."""
    return np.stack([np.asarray(pairs.features[name], np.float64) for name in names], axis=1)


def spread(found: Array, pairs: Pairs) -> Array:
    """Values less their query's mean, in units of the query's standard deviation."""
    starts = pairs.starts()
    counts = np.diff(np.r_[starts, len(found)])
    group = np.repeat(np.arange(len(starts)), counts)
    mean = np.add.reduceat(found, starts) / counts
    variance = np.add.reduceat(found * found, starts) / counts - mean * mean
    out: Array = (found - mean[group]) / np.sqrt(np.maximum(variance, 1e-9))[group]
    return np.clip(out, -CLIP, CLIP)


SUMMARY = (
    "bm25", "labels", "questions", "letters", "letters_asked", "everything", "remembered", "answers",
    "asked in asked", "asked in texts", "asked in label", "label_stems asked", "question_stems asked",
    "rarest not in asked", "rarest not in everything", "rarest of label_stems unasked",
    "rarest of question_stems unasked", "class fit", "options shared", "options apart", "unit fit", "same wording",
    "word pairs", "query length", "qualifiers unmet", "qualifiers unasked", "numbers unmet", "twins", "name in asked",
    "has name", "label_stems in other words", "question mark",
)  # fmt: skip


def summarise(pairs: Pairs, ranks: Array, at: int, others: Array) -> dict[str, float]:
    """What confidence looks at: features of the pair `at`, and how it stands among the pairs of its query."""
    best, rest = float(ranks[at]), np.sort(ranks[others])[::-1]
    second = float(rest[0]) if len(rest) else best - CLIP
    among = np.exp(2 * (np.r_[best, rest[:20]] - best))
    share = among / among.sum()
    summary = {name: float(pairs.features[name][at]) for name in SUMMARY}
    tops = [pairs.features[f"{n} rank"][at] == 1 for n in ("bm25", "labels", "questions", "letters", "everything")]
    return {
        **summary,
        "one": 1.0,
        "height": best,
        "lead": min(best - second, 3.0),
        "lead to fifth": min(best - float(rest[3]), 4.0) if len(rest) > 3 else 4.0,
        "share": float(share[0]),
        "entropy": float(-(share * np.log(share + 1e-12)).sum()),
        "channels agree": float(sum(tops)),
        "one word": float(pairs.features["query length"][at] <= 1),
    }


CROSSED = (len(INTENTS), len(CLASSES))
