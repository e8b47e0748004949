"""Matching, step 3e: pair features to a rank and to a score of 0..1, by a weights file (hand-set here, trainable)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import data


@dataclass(frozen=True)
class Ranker:
    """Linear weights. Another file of the same shape (a trained one) can be given to the matcher."""

    table: Any = field(default_factory=lambda: data.document("weights.json"))

    def rank(self, features: Mapping[str, float]) -> float:
        """How well the pair ranks among the candidates of its query; only differences mean something."""
        weights = self.table["features"]
        return float(sum(weights[name] * value for name, value in features.items() if name in weights))

    def score(self, features: Mapping[str, float], penalty: float) -> float:
        """How sure the pair is by itself, 0..1, from features that compare across queries, less the guards."""
        weights = self.table["score"]
        total = weights["bias"] + weights["penalty"] * penalty
        total += sum(weights[name] * value for name, value in features.items() if name in weights)
        return 1 / (1 + math.exp(-total))

    def threshold(self, name: str) -> float:
        """A limit of the weights file: 'new' (below it nothing fits) or 'margin' (a forbidden twin is this near)."""
        return float(self.table["thresholds"][name])

    def guard(self, name: str) -> float:
        """How guards weigh: 'each' rank points a conflict, 'most' in all, 'looked_at' candidates checked."""
        return float(self.table["guard"][name])
