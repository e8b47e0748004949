"""Matching, requests against each other: which asks of many programs are alike, scored both ways with the channels.

Called by find_duplicates and by the duplicates page's finding. Memory is requests x `keep`, whatever is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from . import abbreviations, profiles, sameness, words
from . import tables as reading
from .channels import Channels
from .entries import CatalogEntry, Query
from .index import Floats, Rows
from .profiles import QueryProfile
from .sameness import Verdict

BATCH = 128  # requests scored together: bounds memory at batch x requests floats a channel
KEEP = 50  # neighbours kept of each request; nobody reads on
CROWD = 20  # neighbours that tell how crowded a request's surroundings are
CROWDED = 0.5  # what a partner loses of it: a wording near to everything tells little (measured on public pairs)


@dataclass(frozen=True, slots=True)
class Alike:
    """Two requests by their places (a < b) and how alike they are, 0..1; 1 is the same text and the same answers."""

    a: int
    b: int
    score: float


class Comparison:
    """Requests, each compared with all others. `periods` are their recall periods where their texts do not say them
    ('' = unknown); order matters where a label continues the one before it ("of which treated")."""

    def __init__(self, queries: Sequence[Query], periods: Sequence[str] = (), keep: int = KEEP) -> None:
        texts = [text for q in queries for text in (q.label, *(o.label for o in q.options))]
        lexicon = words.build(abbreviations.mine(texts))
        self.read = _read(queries, lexicon, periods)
        self._near, self._scores = _neighbours(self.read, lexicon, keep)

    def pairs(self, least: float = 0.0) -> list[Alike]:
        """Every pair that at least one side keeps as a neighbour and that scores `least`, best first."""
        found: dict[tuple[int, int], float] = {}
        for a, (columns, scores) in enumerate(zip(self._near, self._scores, strict=True)):
            for b, score in zip(columns.tolist(), scores.tolist(), strict=True):
                pair = (min(a, b), max(a, b))
                found[pair] = found.get(pair, 0.0) + score / 2
                if not (self._near[b] == a).any():  # the other side keeps only what is nearer
                    found[pair] += min(score, float(self._scores[b][-1])) / 2
        alike = [Alike(a, b, round(score, 4)) for (a, b), score in found.items() if score >= least]
        return sorted(alike, key=lambda one: (-one.score, one.a, one.b))

    def partners(self, pairs: Sequence[Alike], most: int) -> list[list[Alike]]:
        """The best partners of each request, in order. A partner that is near to everything comes later."""
        crowd = [float(scores[:CROWD].mean()) if len(scores) else 0.0 for scores in self._scores]
        found: list[list[Alike]] = [[] for _ in self.read]
        for pair in pairs:
            found[pair.a].append(pair)
            found[pair.b].append(pair)
        return [
            sorted(mine, key=lambda p: -(p.score - CROWDED * crowd[p.b if p.a == at else p.a]))[:most]
            for at, mine in enumerate(found)
        ]

    def verdict(self, pair: Alike) -> Verdict:
        """What kind of pair it is, why, and what would unite the two."""
        return sameness.verdict(self.read[pair.a], self.read[pair.b])


def _read(queries: Sequence[Query], lexicon: words.Lexicon, periods: Sequence[str]) -> list[QueryProfile]:
    out: list[QueryProfile] = []
    before = ""
    for at, query in enumerate(queries):
        found = profiles.of_query(query, lexicon, before)
        out.append(replace(found, recall=found.recall or periods[at]) if periods else found)
        if not profiles.continues(query):
            before = query.label
    return out


def _neighbours(
    read: Sequence[QueryProfile], lexicon: words.Lexicon, keep: int
) -> tuple[list[npt.NDArray[np.int64]], list[Floats]]:
    """The places and scores of each request's nearest others, best first; a score is the share of its own with
    itself."""
    tables = reading.read([_entry(one) for one in read])
    none = Rows(tables.vocabularies["words"], grow=False)
    none.skip(len(read))
    channels = Channels(tables, lexicon, none.vocabulary, none.matrix())
    near: list[npt.NDArray[np.int64]] = []
    scores: list[Floats] = []
    for start in range(0, len(read), BATCH):
        blend = channels.score(read[start : start + BATCH], keep=1).blend
        for row, alike in enumerate(blend):
            at = start + row
            own = float(alike[at]) or 1.0
            alike[at] = -1.0  # never its own partner
            best = _best(alike, min(keep, len(read) - 1))
            near.append(best)
            scores.append(np.clip(alike[best] / own, 0, 1).astype(np.float32))
    return near, scores


def _best(scores: Floats, keep: int) -> npt.NDArray[np.int64]:
    """The places of the `keep` highest scores, best first, the earlier one first where they are equal."""
    if keep < len(scores) - 1:
        chosen = np.sort(np.argpartition(-scores, keep)[:keep])
    else:
        chosen = np.flatnonzero(scores >= 0)
    return chosen[np.argsort(-scores[chosen], kind="stable")]


def _entry(read: QueryProfile) -> CatalogEntry:
    """A request as something to be found: its text without period and unit, like the text that looks for it."""
    return CatalogEntry(id="", label=read.text, datatype=read.query.kind, options=read.query.options)
