"""Matching, the whole step: requests in, ranked candidates with relation, reasons and guards out. Called by mapping."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from . import decisions, guards, profiles, ranking, relations, words
from . import tables as reading
from .channels import Channels
from .decisions import Weighed
from .entries import CatalogEntry, Decision, Query, Remembered
from .memory import Memory
from .pairs import Comparer, Pairs
from .profiles import ElementProfile, QueryProfile
from .ranking import Ranker
from .sides import of_elements
from .tables import Tables
from .traits import Array
from .words import Lexicon

BATCH = 128  # queries scored together: bounds memory at batch x catalog floats a channel


class Elements(Sequence[ElementProfile]):
    """A catalog's elements, each read when it is first looked at: of many thousands only candidates are."""

    def __init__(self, entries: Sequence[CatalogEntry], lexicon: Lexicon, tables: Tables) -> None:
        self.entries, self._lexicon, self._tables = entries, lexicon, tables
        self._words = list(tables.vocabularies["words"])
        self._read: dict[int, ElementProfile] = {}

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, place: Any) -> Any:
        found = self._read.get(place)
        if found is None:
            found = profiles.of_entry(self.entries[place], self._lexicon, self._told(place))
            self._read[place] = found
        return found

    def _told(self, place: int) -> frozenset[str]:
        """All words of label, question and definition, as the tables have them."""
        rows = (self._tables.matrices[name] for name in ("label", "question", "definition"))
        columns = np.concatenate([row.indices[row.indptr[place] : row.indptr[place + 1]] for row in rows])
        return frozenset(self._words[column] for column in columns.tolist())


class Matcher:
    """One catalog, ready for many batches of queries.

    `remembered` are confirmed wordings. `rejected` are (query key, element id) pairs that must not be proposed again
    (see `Query.key`). `ranker` replaces the shipped model. `tables` are what was read of this catalog before (see
    `tables.read`); without them the whole catalog is read. Raises ValueError where they are another catalog's.
    """

    def __init__(
        self,
        catalog: Sequence[CatalogEntry],
        remembered: Iterable[Remembered] = (),
        rejected: Collection[tuple[str, str]] = (),
        ranker: Ranker | None = None,
        tables: Tables | None = None,
    ) -> None:
        read = tables or reading.read(catalog)
        if len(read.arrays["classes"]) != len(catalog):
            raise ValueError("These tables were read from another catalog.")
        self._lexicon = words.build(read.mined)
        self._elements = Elements(catalog, self._lexicon, read)
        self._rejected = frozenset(rejected)
        self._ranker = ranker or Ranker()
        self._memory = Memory(catalog, read, remembered, self._lexicon)
        vocabulary, wordings = self._memory.table(read.vocabularies["words"])
        self._channels = Channels(read, self._lexicon, vocabulary, wordings)
        side = of_elements(read, vocabulary, wordings)
        self._comparer = Comparer(self._elements, side, self._channels, self._lexicon, self._ranker.table)

    @property
    def ids(self) -> tuple[str, ...]:
        """The elements' ids, in the order that `Pairs.element` counts."""
        return tuple(entry.id for entry in self._elements.entries)

    def match(self, queries: Sequence[Query], top: int = 5) -> list[Decision]:
        """One decision a query, in order, each with up to `top` candidates, best first.

        The order matters where a label continues the one before it ("of which treated").
        """
        return list(self.stream(queries, top))

    def stream(self, queries: Iterable[Query], top: int = 5, *, explain: bool = False) -> Iterator[Decision]:
        """The same, each decision as soon as its batch is done; `explain` fills `Candidate.lifts`."""
        for batch in _batches(self._profiles(queries)):
            yield from self._match(batch, top, explain)

    def compared(self, queries: Iterable[Query]) -> Iterator[Pairs]:
        """The features of every candidate, batch by batch: what training learns from."""
        for batch in _batches(self._profiles(queries)):
            yield self._pairs(batch)

    def _profiles(self, queries: Iterable[Query]) -> Iterator[QueryProfile]:
        before = ""
        for query in queries:
            yield profiles.of_query(query, self._lexicon, before)
            if not profiles.continues(query):
                before = query.label

    def _match(self, batch: Sequence[QueryProfile], top: int, explain: bool) -> Iterator[Decision]:
        if not self._elements:
            yield from (Decision("new", ()) for _ in batch)
            return
        pairs = self._pairs(batch)
        ranks = self._ranker.ranks(pairs)
        for row, query in enumerate(batch):
            at = np.flatnonzero(pairs.query == row)
            weighed = self._weigh(query, pairs, ranks, at, max(top, 2))
            sure = self._sure(weighed, pairs, ranks, at)
            known = self._memory.of(query)
            same = frozenset(column for column in self._memory.same(query) if self._allowed(query, column))
            weighed = weighed[: max(top, 2)]
            lifts = [self._ranker.lifts(pairs, one.at, at) for one in weighed] if explain else []
            yield decisions.decide(query, weighed, same, known, sure, self._ranker, top).explained(lifts)

    def _pairs(self, batch: Sequence[QueryProfile]) -> Pairs:
        """Every query beside its candidates; a remembered element is always one, a refused one never."""
        scores = self._channels.score(batch)
        places = [self._memory.place(query) for query in batch]
        best = [
            np.array([c for c in self._with(place, scores.best[row]) if self._allowed(query, c)], np.int64)
            for row, (query, place) in enumerate(zip(batch, places, strict=True))
        ]
        pairs = self._comparer.compare(batch, scores, best)
        pairs.features["known wording"] = (np.array(places)[pairs.query] == pairs.element).astype(np.float32)
        return pairs

    @staticmethod
    def _with(place: int, columns: Array) -> Iterator[int]:
        if place >= 0 and place not in columns:
            yield place
        yield from columns.tolist()

    def _allowed(self, query: QueryProfile, column: int) -> bool:
        """Elements inside records only serve repeating requests; rejected pairs stay rejected."""
        entry = self._elements.entries[column]
        if entry.record_only and not query.query.repeating:
            return False
        return (query.query.key, entry.id) not in self._rejected

    def _weigh(self, query: QueryProfile, pairs: Pairs, ranks: Array, at: Array, top: int) -> list[Weighed]:
        """The best `top` candidates of one query, best first, with guards: they only lower a rank, so that the search
        ends where what is left cannot rise any more."""
        order = at[np.argsort(-ranks[at], kind="stable")][: int(self._ranker.guard("looked_at"))]
        remembered = pairs.features["known wording"]
        checked: list[Weighed] = []
        for i in order.tolist():
            if len(checked) >= top and sorted(one.rank for one in checked)[-top] >= ranks[i]:
                break
            column = int(pairs.element[i])
            one = Weighed(self._elements[column], i, column, float(ranks[i]), bool(remembered[i]))
            checked.append(self._guarded(query, one))
        return sorted(checked, key=lambda one: -one.rank)

    def _sure(self, weighed: Sequence[Weighed], pairs: Pairs, ranks: Array, at: Array) -> float:
        if not weighed:
            return 0.0
        best = weighed[0]
        summary = ranking.summarise(pairs, ranks, best.at, at[at != best.at])
        return self._ranker.sure({**summary, "lowered": best.lowered})

    def _guarded(self, query: QueryProfile, one: Weighed) -> Weighed:
        value_class = "date" if "date" in (query.value_class, query.intent) else query.value_class
        hits = (
            *guards.compare(query.said, one.element.said, value_class if one.element.value_class == "date" else ""),
            *relations.period_hits(query, one.element),
        )
        proposal = relations.propose(query, one.element, hits)
        hits = (*hits, *proposal.hits, *decisions.context_hits(query, one.element))
        lowered = guards.penalty(hits, self._ranker.guard("each"), self._ranker.guard("most"))
        return replace(one, rank=one.rank - lowered, hits=hits, proposal=proposal, lowered=lowered)


def _batches(queries: Iterator[QueryProfile]) -> Iterator[list[QueryProfile]]:
    while batch := list(islice(queries, BATCH)):
        yield batch
