"""Learning, step 1: decided requests of one catalog as examples: the matcher's pairs, the right ones marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from forms_catalog.matching import CatalogEntry, Matcher, Query, Remembered
from forms_catalog.matching.matcher import BATCH
from forms_catalog.matching.pairs import Pairs
from forms_catalog.matching.tables import Tables
from forms_catalog.matching.traits import Array


@dataclass(frozen=True, slots=True)
class Decided:
    """One request and every element that is right for it; none where nothing fits. `held` names what it is held out
    with, where that is not its target ('')."""

    query: Query
    targets: frozenset[str]
    held: str = ""


@dataclass(frozen=True)
class Examples:
    """All candidate pairs of many requests. `right` marks the right ones; by request, `groups` names what it is held
    out with, so that no target is trained on and tested, and `answered` says whether it has an element at all."""

    pairs: Pairs
    right: Array
    groups: tuple[str, ...]
    answered: Array
    weight: float = 1.0

    def of(self, rows: Array) -> Examples:
        """The examples of the pairs that `rows` (a mask) keeps."""
        kept = Pairs(
            self.pairs.query[rows], self.pairs.element[rows], {n: f[rows] for n, f in self.pairs.features.items()}
        )
        return Examples(kept, self.right[rows], self.groups, self.answered, self.weight)


def collect(
    catalog: Sequence[CatalogEntry],
    decided: Sequence[Decided],
    weight: float = 1.0,
    remembered: Sequence[Remembered] = (),
    tables: Tables | None = None,
) -> Examples:
    """Examples of one catalog, whose matcher knows the `remembered` wordings; `tables` as in Matcher."""
    matcher = Matcher(catalog, remembered, tables=tables)
    parts, start = [], 0
    for pairs in matcher.compared(one.query for one in decided):
        parts.append(Pairs(pairs.query + start, pairs.element, pairs.features))
        start += BATCH
    whole = joined(parts)
    ids = matcher.ids
    right = np.array(
        [ids[e] in decided[q].targets for q, e in zip(whole.query.tolist(), whole.element.tolist(), strict=True)],
        bool,
    )
    groups = tuple(one.held or min(one.targets, default=f"nothing {n}") for n, one in enumerate(decided))
    return Examples(whole, right, groups, np.array([bool(one.targets) for one in decided], bool), weight)


def one_remembered(decided: Sequence[Decided]) -> tuple[list[Remembered], list[Decided]]:
    """The first wording of each element as confirmed before, and the other requests of these elements."""
    first: dict[str, Decided] = {}
    others = []
    for one in decided:
        target = min(one.targets, default="")
        if target and target not in first:
            first[target] = one
        elif target:
            others.append(one)
    return [Remembered(one.query.label, target) for target, one in first.items()], others


def joined(parts: Sequence[Pairs]) -> Pairs:
    """Pairs of many batches one after another."""
    return Pairs(
        np.concatenate([p.query for p in parts]),
        np.concatenate([p.element for p in parts]),
        {name: np.concatenate([p.features[name] for p in parts]) for name in parts[0].features},
    )


def together(many: Iterable[Examples]) -> tuple[Pairs, Array, Array]:
    """Pairs, right and weight of several examples, queries numbered on."""
    parts, rights, weights, start = [], [], [], 0
    for one in many:
        parts.append(Pairs(one.pairs.query + start, one.pairs.element, one.pairs.features))
        rights.append(one.right)
        weights.append(np.full(len(one.right), one.weight))
        start += len(one.groups)
    return joined(parts), np.concatenate(rights), np.concatenate(weights)
