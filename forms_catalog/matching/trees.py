"""Matching, step 3g: a forest of decision trees as arrays. Training grows it (learning); ranking only asks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


LEAVES = 30  # the most a tree may have: one bit each
FULL = (1 << LEAVES) - 1


@dataclass(frozen=True)
class Tree:
    """Nodes as rows: (feature's column, threshold, the leaves still possible where feature > threshold); leaves are
    bits from the left, so that the lowest one left is the tree's answer (QuickScorer, Lucchese et al. 2015)."""

    nodes: tuple[tuple[int, float, int], ...]
    values: Floats

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> Tree:
        """From {"feature", "threshold", "left", "right", "value"}: go left where feature <= threshold; a node without
        feature (-1) is a leaf. Raises ValueError above LEAVES leaves."""
        nodes: list[tuple[int, float, int]] = []
        values: list[float] = []

        def walk(at: int) -> None:
            feature = int(table["feature"][at])
            if feature < 0:
                values.append(float(table["value"][at]))
                return
            first = len(values)
            walk(int(table["left"][at]))
            lost = (1 << len(values)) - (1 << first)
            nodes.append((feature, float(table["threshold"][at]), FULL & ~lost))
            walk(int(table["right"][at]))

        walk(0)
        if len(values) > LEAVES:
            raise ValueError(f"A tree has {len(values)} leaves; {LEAVES} are the most.")
        return cls(tuple(nodes), np.array(values))

    def score(self, columns: Floats) -> Floats:
        """Each row's value; `columns` has one row a feature."""
        left = np.full(columns.shape[1], FULL, np.int32)
        for feature, threshold, still in self.nodes:
            left &= np.where(columns[feature] > threshold, np.int32(still), np.int32(FULL))
        lowest = left & -left
        leaf = np.frexp(lowest.astype(np.float64))[1] - 1
        found: Floats = self.values[leaf]
        return found


@dataclass(frozen=True)
class Forest:
    """Trees over the features `names`."""

    names: tuple[str, ...]
    trees: tuple[Tree, ...]

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> Forest:
        """From {"features": [names], "trees": [as in Tree.read]}."""
        return cls(tuple(table["features"]), tuple(Tree.read(tree) for tree in table["trees"]))

    def score(self, columns: Floats) -> Floats:
        """The sum of the trees' values for each row; `columns` has one column a name."""
        by_feature = np.ascontiguousarray(columns.T)
        total = np.zeros(len(columns))
        for tree in self.trees:
            total += tree.score(by_feature)
        return total
