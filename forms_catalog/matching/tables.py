"""Matching, step 2: a catalog read into tables, one row an element.

Reading every text is slow and needed once a catalog; `forms_catalog.matching_index` keeps what was read. Weighing and
remembered wordings come later and are quick.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import abbreviations, data, profiles, translation, words
from .entries import CatalogEntry
from .index import Bag, Rows, Speller, inverse_frequency, normalised, weighed
from .profiles import ElementProfile, add, answer_words, bag, weighted
from .traits import CLASSES, HEADS, QUALIFIERS, Array, marks, neighbours, numbers, real_answers, twins
from .words import Lexicon

LETTERS = ("letters", "letters_asked", "everything")
WORDS = ("bag", "label", "question", "definition", "concept", "options", "answered", "label_stems", "question_stems")
OWN = ("pairs", "numbers", "answers")  # each over words of its own


@dataclass(frozen=True)
class Tables:
    """`matrices` are CSR with one row an element, over `vocabularies` (word → column): the ones named in WORDS over
    "words", those in OWN over the one of their name; those in LETTERS are ready to be multiplied with (n-gram x
    element), `gram_weights` weigh their rows; "said_as" (word x word) see `translation`. `arrays` have one value or row
    an element. `keys` are the elements' own wordings as keys (see `Lexicon.key`), joined by a blank, with the places of
    those who say them. `mined` are the short forms that the catalog explains."""

    digest: str
    mined: tuple[tuple[str, str], ...]
    vocabularies: Mapping[str, dict[str, int]]
    matrices: Mapping[str, Any]
    gram_weights: Array
    arrays: Mapping[str, Array]
    keys: Mapping[str, tuple[int, ...]]


def digest(catalog: Sequence[CatalogEntry]) -> str:
    """What names a catalog's tables: changes with every text of it and with what reads them."""
    found = hashlib.sha256(data.digest().encode())
    for entry in catalog:
        found.update(repr(entry).encode())
    return found.hexdigest()[:32]


def read(catalog: Sequence[CatalogEntry]) -> Tables:
    """Read a catalog. `wordings` of its entries are not read: they may change while the catalog stays."""
    mined = tuple(abbreviations.mine(_texts(catalog)))
    lexicon = words.build(mined)
    reading = _Reading(lexicon)
    for entry in catalog:
        reading.add(profiles.of_entry(entry, lexicon))
    return reading.tables(digest(catalog), mined)


def _texts(catalog: Sequence[CatalogEntry]) -> Any:
    for entry in catalog:
        yield from (entry.label, entry.question_text, entry.definition, *(o.label for o in entry.options))


class _Reading:
    """Tables as they grow, element by element."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon, self._spell = lexicon, Speller()
        self._words: dict[str, int] = {}
        self._grams: dict[str, int] = {}
        self._rows = {name: Rows(self._words, grow=name == "bag") for name in WORDS}
        self._rows |= {name: Rows({}, grow=True) for name in OWN}
        self._letters = {name: Rows(self._grams, grow=name == "everything") for name in reversed(LETTERS)}
        self._pairs: list[translation.Pair] = []
        self._keys: dict[str, dict[int, None]] = {}
        self._facts: list[tuple[Any, ...]] = []
        self._marks: list[Array] = []
        self._asked: list[tuple[str, ...]] = []

    def add(self, element: ElementProfile) -> None:
        """One element into every table."""
        for name, row in self._bags(element).items():
            self._rows[name].add(row)
        for name, spelled in self._spelled(element).items():
            self._letters[name].add(self._spell(spelled))
        self._pairs += translation.sides(element.label.content, element.question.content, element.definition.content)
        self._know(element)

    def _bags(self, element: ElementProfile) -> dict[str, Bag]:
        entry, lexicon = element.entry, self._lexicon
        labels = [option.label for option in entry.options]
        return {
            "bag": self._bag(element),  # first: it holds every word, so that the others find them
            "label": weighted(element.label),
            "question": weighted(element.question),
            "definition": weighted(element.definition),
            "concept": weighted(lexicon.words(f"{entry.object_class} {entry.property}".strip())),
            "options": weighted(lexicon.words(" ; ".join(labels))),
            "answered": answer_words(entry.options, lexicon),
            "label_stems": bag(dict.fromkeys(element.label.stems)),
            "question_stems": bag(dict.fromkeys(element.question.stems)),
            "pairs": {**neighbours(element.label.content), **neighbours(element.question.content)},
            "numbers": numbers(sorted(element.known)),
            "answers": real_answers(labels),
        }

    def _bag(self, element: ElementProfile) -> dict[str, float]:
        entry, lexicon = element.entry, self._lexicon
        parts = [weighted(element.label, 2), weighted(element.definition, 0.7)]
        if entry.question_text:
            parts.append(weighted(element.question, 2))
        parts += [weighted(lexicon.words(text), 0.5) for text in (entry.object_class, entry.property) if text]
        parts += [weighted(lexicon.words(option.label), 0.35) for option in entry.options]
        return add(*parts)

    def _spelled(self, element: ElementProfile) -> dict[str, dict[str, float]]:
        label, asked = element.label.surface, element.question.surface
        return {
            "everything": bag((*label, *asked, *element.definition.surface)),
            "letters_asked": bag(asked),
            "letters": bag(label),
        }

    def _know(self, element: ElementProfile) -> None:
        entry, place = element.entry, len(self._facts)
        for text in (entry.label, entry.question_text):
            if text:
                self._keys.setdefault(" ".join(self._lexicon.key(text)), {})[place] = None
        low = entry.label.lower()
        says = ("unit of measure" in low, "missing value" in low, "specify" in low)
        heads = [word in element.label_stems for word in HEADS]
        self._facts.append(
            (CLASSES.index(element.value_class), bool(entry.question_text), len(entry.options), *says, *heads)
        )
        self._marks.append(marks([element.known])[0])
        self._asked.append(tuple(sorted(element.question.content)))

    def tables(self, digest: str, mined: tuple[tuple[str, str], ...]) -> Tables:
        """What was read."""
        matrices = {name: rows.matrix() for name, rows in self._rows.items()}
        everything = self._letters["everything"].matrix()
        weights = inverse_frequency(everything)
        matrices["everything"] = normalised(weighed(everything, weights)).T.tocsr()
        for name in ("letters", "letters_asked"):
            matrices[name] = normalised(weighed(self._letters[name].matrix(), weights)).T.tocsr()
        matrices["said_as"] = translation.learn(self._pairs, self._words)
        return Tables(
            digest=digest,
            mined=mined,
            vocabularies={
                "words": self._words,
                "grams": self._grams,
                **{name: self._rows[name].vocabulary for name in OWN},
            },
            matrices=matrices,
            gram_weights=weights,
            arrays=self._arrays(),
            keys={key: tuple(places) for key, places in self._keys.items()},
        )

    def _arrays(self) -> dict[str, Array]:
        facts = np.array(self._facts, np.float32).reshape(len(self._facts), 6 + len(HEADS))
        return {
            "classes": facts[:, 0].astype(np.int64),
            "has_question": facts[:, 1],
            "options": facts[:, 2],
            "unit_of_measure": facts[:, 3],
            "missing_value": facts[:, 4],
            "specify": facts[:, 5],
            "heads": facts[:, 6:],
            "marks": np.array(self._marks, np.int8).reshape(len(self._marks), len(QUALIFIERS)),
            "twins": twins(self._asked),
        }
