"""Matching, step 2e: what wordings are known to mean: the elements' own, and those a curator confirmed before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from . import profiles
from .entries import CatalogEntry, Remembered
from .index import Rows
from .profiles import QueryProfile, weighted
from .tables import Tables
from .words import Lexicon


class Memory:
    """The wordings of one catalog by their keys (see `Lexicon.key`)."""

    def __init__(
        self, catalog: Sequence[CatalogEntry], tables: Tables, remembered: Iterable[Remembered], lexicon: Lexicon
    ) -> None:
        self._catalog, self._lexicon, self._own = catalog, lexicon, tables.keys
        self._known: dict[str, tuple[Remembered, int]] = {}
        self._said: dict[int, list[str]] = {
            n: list(entry.wordings) for n, entry in enumerate(catalog) if entry.wordings
        }
        self._learn(remembered)

    def _learn(self, remembered: Iterable[Remembered]) -> None:
        given = list(remembered)
        places = {entry.id: column for column, entry in enumerate(self._catalog)} if given else {}
        for one in given:
            place = places.get(one.element)
            if place is not None:
                self._said.setdefault(place, []).append(one.wording)
                self._known[self._key(profiles.told(one.wording))] = (one, place)
        self._known.pop("", None)  # a wording without one Latin letter or digit says nothing that can be compared

    def table(self, words: dict[str, int]) -> tuple[dict[str, int], Any]:
        """(vocabulary, CSR matrix): a row an element with the words of its confirmed wordings; the catalog's `words`
        keep their columns."""
        rows = Rows(dict(words), grow=True)
        for place in range(len(self._catalog)):
            said = [weighted(self._lexicon.words(profiles.told(wording))) for wording in self._said.get(place, ())]
            rows.add(profiles.add(*said))
        return rows.vocabulary, rows.matrix()

    def of(self, query: QueryProfile) -> Remembered | None:
        """What a curator confirmed for this wording."""
        found = self._known.get(self._key(query.text))
        return found[0] if found else None

    def place(self, query: QueryProfile) -> int:
        """The place of the element a curator confirmed for this wording, -1 where there is none."""
        found = self._known.get(self._key(query.text))
        return found[1] if found else -1

    def same(self, query: QueryProfile) -> tuple[int, ...]:
        """The places of all elements whose own or confirmed wording is the query's."""
        if not query.query.label:
            return ()
        key = self._key(query.text)
        if key in self._known:
            return (self._known[key][1],)
        return self._own.get(key, ()) if key else ()

    def _key(self, text: str) -> str:
        return " ".join(self._lexicon.key(text))
