"""Matching, step 3g: a forest of decision trees as arrays. Training grows it (learning); ranking only asks it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Forest:
    """Trees by node: go left where feature <= threshold; a node without feature (-1) is a leaf with a value."""

    names: tuple[str, ...]
    feature: list[npt.NDArray[np.int64]]
    threshold: list[Floats]
    left: list[npt.NDArray[np.int64]]
    right: list[npt.NDArray[np.int64]]
    value: list[Floats]

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> Forest:
        """From {"features": [names], "trees": [{"feature", "threshold", "left", "right", "value"}]}."""
        trees: Sequence[Mapping[str, Any]] = table["trees"]
        return cls(
            names=tuple(table["features"]),
            feature=[np.array(tree["feature"], np.int64) for tree in trees],
            threshold=[np.array(tree["threshold"], np.float64) for tree in trees],
            left=[np.array(tree["left"], np.int64) for tree in trees],
            right=[np.array(tree["right"], np.int64) for tree in trees],
            value=[np.array(tree["value"], np.float64) for tree in trees],
        )

    def score(self, columns: Floats) -> Floats:
        """The sum of the trees' values for each row; `columns` has one column a name."""
        total = np.zeros(len(columns))
        rows = np.arange(len(columns))
        for feature, threshold, left, right, value in zip(
            self.feature, self.threshold, self.left, self.right, self.value, strict=True
        ):
            node = np.zeros(len(columns), np.int64)
            while True:
                asked = feature[node]
                inside = asked >= 0
                if not inside.any():
                    break
                low = columns[rows, asked] <= threshold[node]
                node = np.where(inside, np.where(low, left[node], right[node]), node)
            total += value[node]
        return total
