"""Matching, the whole step: requests in, ranked candidates with relation, reasons and guards out. Called by mapping."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from . import abbreviations, decisions, features, guards, profiles, relations, words
from .channels import Channels, Scores
from .decisions import Weighed
from .entries import CatalogEntry, Decision, Query, Remembered
from .profiles import ElementProfile, QueryProfile
from .ranking import Ranker

BATCH = 128  # queries scored together: bounds memory at batch x catalog floats a channel


@dataclass(frozen=True)
class Wordings:
    """Normalised wordings: which elements say each, and which a curator confirmed before."""

    own: Mapping[tuple[str, ...], frozenset[int]]
    remembered: Mapping[tuple[str, ...], int]


class Matcher:
    """One catalog, ready for many batches of queries. Building reads the whole catalog once.

    `remembered` are confirmed wordings. `rejected` are (query key, element id) pairs that must not
    be proposed again (see `Query.key`). `ranker` replaces the hand-set weights.
    """

    def __init__(
        self,
        catalog: Sequence[CatalogEntry],
        remembered: Iterable[Remembered] = (),
        rejected: Collection[tuple[str, str]] = (),
        ranker: Ranker | None = None,
    ) -> None:
        self._lexicon = words.build(abbreviations.mine(_texts(catalog)))
        self._elements = [profiles.of_entry(entry, self._lexicon) for entry in catalog]
        self._channels = Channels(self._elements, self._lexicon)
        self._rejected = frozenset(rejected)
        self._ranker = ranker or Ranker()
        self._wordings = self._known_wordings(remembered)

    def match(self, queries: Sequence[Query], top: int = 5) -> list[Decision]:
        """One decision a query, in order, each with up to `top` candidates, best first.

        The order matters where a label continues the one before it ("of which treated").
        """
        return [decision for batch in _batches(self._profiles(queries)) for decision in self._match(batch, top)]

    def _profiles(self, queries: Sequence[Query]) -> list[QueryProfile]:
        out, before = [], ""
        for query in queries:
            out.append(profiles.of_query(query, self._lexicon, before))
            if not profiles.continues(query):
                before = query.label
        return out

    def _match(self, batch: Sequence[QueryProfile], top: int) -> Iterator[Decision]:
        if not self._elements:
            yield from (Decision("new", ()) for _ in batch)
            return
        scores = self._channels.score(batch)
        for row, query in enumerate(batch):
            weighed = self._weigh(query, row, scores)
            yield decisions.decide(query, weighed[: max(top, 2)], self._same(query), self._ranker, top)

    def _weigh(self, query: QueryProfile, row: int, scores: Scores) -> list[Weighed]:
        """The candidates of one query, best first, guards looked at for the leading ones."""
        remembered = self._wordings.remembered.get(self._key(query))
        columns = dict.fromkeys(int(column) for column in scores.best[row])
        columns.update(dict.fromkeys([remembered] if remembered is not None else [], None))
        found = [
            self._pair(query, self._elements[column], row, column, scores, column == remembered)
            for column in columns
            if self._allowed(query, self._elements[column])
        ]
        found.sort(key=lambda one: -one.rank)
        looked_at = int(self._ranker.guard("looked_at"))
        checked = [self._guarded(query, one) for one in found[:looked_at]]
        return sorted(checked, key=lambda one: -one.rank)

    def _allowed(self, query: QueryProfile, element: ElementProfile) -> bool:
        """Elements inside records only serve repeating requests; rejected pairs stay rejected."""
        if element.entry.record_only and not query.query.repeating:
            return False
        return (query.query.key, element.entry.id) not in self._rejected

    def _pair(
        self, query: QueryProfile, element: ElementProfile, row: int, column: int, scores: Scores, remembered: bool
    ) -> Weighed:
        found = features.pair(query, element, row, column, scores, self._channels, self._ranker.table)
        found["remembered"] = float(remembered)
        return Weighed(element, column, found, self._ranker.rank(found))

    def _guarded(self, query: QueryProfile, one: Weighed) -> Weighed:
        value_class = "date" if "date" in (query.value_class, query.intent) else query.value_class
        hits = (
            *guards.compare(query.said, one.element.said, value_class if one.element.value_class == "date" else ""),
            *relations.period_hits(query, one.element),
        )
        proposal = relations.propose(query, one.element, hits)
        hits = (*hits, *proposal.hits, *decisions.context_hits(query, one.element))
        lowered = guards.penalty(hits, self._ranker.guard("each"), self._ranker.guard("most"))
        return Weighed(one.element, one.column, one.features, one.rank - lowered, hits, proposal, lowered)

    def _known_wordings(self, given: Iterable[Remembered]) -> Wordings:
        own: dict[tuple[str, ...], set[int]] = {}
        for column, element in enumerate(self._elements):
            for text in (element.entry.label, element.entry.question_text):
                if text:
                    own.setdefault(self._lexicon.key(text), set()).add(column)
        places = {element.entry.id: column for column, element in enumerate(self._elements)}
        known = (one for one in given if one.element in places)
        remembered = {self._lexicon.key(profiles.told(one.wording)): places[one.element] for one in known}
        return Wordings({key: frozenset(columns) for key, columns in own.items()}, remembered)

    def _key(self, query: QueryProfile) -> tuple[str, ...]:
        return self._lexicon.key(query.text)

    def _same(self, query: QueryProfile) -> frozenset[int]:
        """The elements whose own or remembered wording is the query's, all of them."""
        if not query.query.label:
            return frozenset()
        key = self._key(query)
        remembered = self._wordings.remembered.get(key)
        if remembered is not None:
            return frozenset({remembered})
        columns = self._wordings.own.get(key, frozenset()) if key else frozenset()
        return frozenset(column for column in columns if self._allowed(query, self._elements[column]))


def _texts(catalog: Sequence[CatalogEntry]) -> Iterator[str]:
    for entry in catalog:
        yield from (entry.label, entry.question_text, entry.definition, *(o.label for o in entry.options))


def _batches(queries: list[QueryProfile]) -> Iterator[list[QueryProfile]]:
    for start in range(0, len(queries), BATCH):
        yield queries[start : start + BATCH]
