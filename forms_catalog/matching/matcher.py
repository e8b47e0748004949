"""Matching, the whole step: requests in, ranked candidates with relation, reasons and guards out. Called by mapping."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from . import abbreviations, decisions, guards, profiles, ranking, relations, words
from .channels import Channels
from .decisions import Weighed
from .entries import CatalogEntry, Decision, Query, Remembered
from .pairs import Comparer, Pairs
from .profiles import QueryProfile
from .ranking import Ranker
from .sides import Array

BATCH = 128  # queries scored together: bounds memory at batch x catalog floats a channel


@dataclass(frozen=True)
class Wordings:
    """Normalised wordings: which elements say each, and which a curator confirmed before."""

    own: Mapping[tuple[str, ...], frozenset[int]]
    remembered: Mapping[tuple[str, ...], Remembered]
    places: Mapping[tuple[str, ...], int]


class Matcher:
    """One catalog, ready for many batches of queries. Building reads the whole catalog once.

    `remembered` are confirmed wordings. `rejected` are (query key, element id) pairs that must not be proposed again
    (see `Query.key`). `ranker` replaces the shipped model.
    """

    def __init__(
        self,
        catalog: Sequence[CatalogEntry],
        remembered: Iterable[Remembered] = (),
        rejected: Collection[tuple[str, str]] = (),
        ranker: Ranker | None = None,
    ) -> None:
        known = list(remembered)
        self._lexicon = words.build(abbreviations.mine(_texts(catalog)))
        said = _said_for(known)
        entries = [replace(e, wordings=(*e.wordings, *said[e.id])) if e.id in said else e for e in catalog]
        self._elements = [profiles.of_entry(entry, self._lexicon) for entry in entries]
        self._rejected = frozenset(rejected)
        self._ranker = ranker or Ranker()
        self._channels = Channels(self._elements, self._lexicon)
        self._comparer = Comparer(self._elements, self._channels, self._lexicon, self._ranker.table)
        self._wordings = self._known_wordings(known)

    @property
    def ids(self) -> tuple[str, ...]:
        """The elements' ids, in the order that `Pairs.element` counts."""
        return tuple(element.entry.id for element in self._elements)

    def match(self, queries: Sequence[Query], top: int = 5) -> list[Decision]:
        """One decision a query, in order, each with up to `top` candidates, best first.

        The order matters where a label continues the one before it ("of which treated").
        """
        return list(self.stream(queries, top))

    def stream(self, queries: Iterable[Query], top: int = 5) -> Iterator[Decision]:
        """The same, each decision as soon as its batch is done."""
        for batch in _batches(self._profiles(queries)):
            yield from self._match(batch, top)

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

    def _match(self, batch: Sequence[QueryProfile], top: int) -> Iterator[Decision]:
        if not self._elements:
            yield from (Decision("new", ()) for _ in batch)
            return
        pairs = self._pairs(batch)
        ranks = self._ranker.ranks(pairs)
        for row, query in enumerate(batch):
            at = np.flatnonzero(pairs.query == row)
            weighed = self._weigh(query, pairs, ranks, at)
            sure = self._sure(weighed, pairs, ranks, at)
            known = self._memory(query)
            yield decisions.decide(query, weighed[: max(top, 2)], self._same(query), known, sure, self._ranker, top)

    def _pairs(self, batch: Sequence[QueryProfile]) -> Pairs:
        """Every query beside its candidates; a remembered element is always one, a refused one never."""
        scores = self._channels.score(batch)
        places = [self._wordings.places.get(self._key(query), -1) for query in batch]
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
        entry = self._elements[column].entry
        if entry.record_only and not query.query.repeating:
            return False
        return (query.query.key, entry.id) not in self._rejected

    def _weigh(self, query: QueryProfile, pairs: Pairs, ranks: Array, at: Array) -> list[Weighed]:
        """The candidates of one query, best first, guards looked at for the leading ones."""
        order = at[np.argsort(-ranks[at], kind="stable")][: int(self._ranker.guard("looked_at"))]
        found = [
            Weighed(self._elements[int(pairs.element[i])], int(i), int(pairs.element[i]), float(ranks[i]))
            for i in order
        ]
        remembered = pairs.features["known wording"]
        checked = [self._guarded(query, replace(one, remembered=bool(remembered[one.at]))) for one in found]
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

    def _known_wordings(self, given: Iterable[Remembered]) -> Wordings:
        own: dict[tuple[str, ...], set[int]] = {}
        for column, element in enumerate(self._elements):
            for text in (element.entry.label, element.entry.question_text):
                if text:
                    own.setdefault(self._lexicon.key(text), set()).add(column)
        places = {element.entry.id: column for column, element in enumerate(self._elements)}
        known = {self._lexicon.key(profiles.told(o.wording)): o for o in given if o.element in places}
        known.pop((), None)  # a wording without one Latin letter or digit says nothing that can be compared
        return Wordings(
            {key: frozenset(columns) for key, columns in own.items()},
            known,
            {key: places[one.element] for key, one in known.items()},
        )

    def _memory(self, query: QueryProfile) -> Remembered | None:
        return self._wordings.remembered.get(self._key(query))

    def _key(self, query: QueryProfile) -> tuple[str, ...]:
        return self._lexicon.key(query.text)

    def _same(self, query: QueryProfile) -> frozenset[int]:
        """The elements whose own or remembered wording is the query's, all of them."""
        if not query.query.label:
            return frozenset()
        key = self._key(query)
        if key in self._wordings.places:
            return frozenset({self._wordings.places[key]})
        columns = self._wordings.own.get(key, frozenset()) if key else frozenset()
        return frozenset(column for column in columns if self._allowed(query, column))


def _texts(catalog: Sequence[CatalogEntry]) -> Iterator[str]:
    for entry in catalog:
        yield from (entry.label, entry.question_text, entry.definition, *(o.label for o in entry.options))


def _said_for(known: Iterable[Remembered]) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for one in known:
        said.setdefault(one.element, []).append(one.wording)
    return said


def _batches(queries: Iterator[QueryProfile]) -> Iterator[list[QueryProfile]]:
    while batch := list(islice(queries, BATCH)):
        yield batch
