"""Matching, step 2b: the catalog's channels side by side and their blend; picks the candidates worth a closer look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .index import Bm25, Cosine, Floats, Speller, grown, tops
from .profiles import QueryProfile, add, answer_words, bag, hint, weighted
from .tables import LETTERS, Tables
from .words import Lexicon

CANDIDATES, OF_EACH = 50, 10
# weight of field name, branching context, section and what the answers are about, beside the label's 1
NAME, CONTEXT, SECTION, ABOUT = 0.5, 0.2, 0.1, 0.6
REMEMBERED = 3.0  # weight of a confirmed wording beside the definition's 0.7
SAID_AS = 0.06  # a word is looked up under another name where this share of its uses says it so
NAMES = ("bm25", "labels", "questions", "remembered", "letters", "letters_asked", "everything", "translated", "answers")


@dataclass(frozen=True)
class Scores:
    """What each channel gives (queries x elements), 0..1, and their blend; `best` the candidates of each query."""

    by_name: dict[str, Floats]
    blend: Floats
    best: list[npt.NDArray[np.int64]]


class Channels:
    """Indices over one catalog's tables; `remembered` has a row of confirmed wordings for each element over
    `vocabulary`, which goes on from the tables' own words."""

    def __init__(self, tables: Tables, lexicon: Lexicon, vocabulary: dict[str, int], remembered: Any) -> None:
        self._lexicon = lexicon
        rows, columns = remembered.shape
        self.said_as = grown(tables.matrices["said_as"], columns, columns)  # which words stand for which (word x word)
        self.bm25 = Bm25.of(grown(tables.matrices["bag"], rows, columns) + REMEMBERED * remembered, vocabulary)
        words = {
            "labels": tables.matrices["label"],
            "questions": tables.matrices["question"],
            "remembered": remembered,
            "answers": tables.matrices["answered"],
        }
        self._cosines = {
            name: Cosine.of(grown(matrix, rows, columns), vocabulary, self.bm25.idf) for name, matrix in words.items()
        }
        spell, grams = Speller(), tables.vocabularies["grams"]
        self._letters = {name: Cosine(grams, tables.gram_weights, tables.matrices[name], spell) for name in LETTERS}

    @property
    def vocabulary(self) -> dict[str, int]:
        """Every word of the catalog and of remembered wordings with its column."""
        return self.bm25.vocabulary

    def score(self, queries: Sequence[QueryProfile], keep: int = CANDIDATES) -> Scores:
        """Every element's channel scores for a batch of queries."""
        asked = [weighted(q.words) for q in queries]
        hinted = [add(a, self._hints(q)) for a, q in zip(asked, queries, strict=True)]
        found = {"bm25": self.bm25.score(hinted), "translated": self.bm25.score(hinted, self._other_words)}
        words = dict.fromkeys(self._cosines, asked)
        words["answers"] = [answer_words(q.query.options, self._lexicon) for q in queries]
        for name, cosine in self._cosines.items():
            found[name] = cosine.score(words[name])
        letters = next(iter(self._letters.values())).normalised([bag(q.words.surface) for q in queries])
        for name, cosine in self._letters.items():
            found[name] = cosine.among(letters)
        blend = _blend(found)
        return Scores(found, blend, _candidates(found, blend, keep))

    def _other_words(self, asked: Any) -> Any:
        """What the words of queries are also called in this catalog."""
        said = asked @ self.said_as
        said.data[said.data < SAID_AS] = 0
        said.eliminate_zeros()
        return said

    def _hints(self, query: QueryProfile) -> dict[str, float]:
        section = self._lexicon.words(query.query.section)
        about = self._lexicon.words(hint(query.query))
        hints = add(
            bag(query.name, NAME),
            weighted(query.context, CONTEXT),
            bag(section.stems, SECTION),
            weighted(about, ABOUT),
        )
        return {word: weight for word, weight in hints.items() if word in self.vocabulary}


def _blend(found: dict[str, Floats]) -> Floats:
    words = np.maximum(np.maximum(found["labels"], found["questions"]), found["remembered"])
    letters = np.maximum(found["letters"], found["letters_asked"])
    plain = 0.6 * words + 0.9 * letters + 0.5 * found["everything"] + 0.5 * found["answers"]
    blend: Floats = 0.8 * _to_one(found["bm25"]) + 0.4 * _to_one(found["translated"]) + plain
    return blend


def _to_one(scores: Floats) -> Floats:
    """Scores as a share of the best of their query."""
    share: Floats = scores / np.maximum(scores.max(axis=1, keepdims=True, initial=0), 1e-6)
    return share


def _candidates(found: dict[str, Floats], blend: Floats, keep: int) -> list[npt.NDArray[np.int64]]:
    """The best of the blend, best first, then those that one channel puts on top and the blend does not."""
    best = [tops(blend, keep)] + [_above_nothing(found[n], tops(found[n], OF_EACH)) for n in NAMES if keep > OF_EACH]
    together = np.hstack(best)
    return [_each_once(columns[columns >= 0], blend[row]) for row, columns in enumerate(together)]


def _above_nothing(scores: Floats, columns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The columns, -1 where the channel says nothing of them: among zeros none is on top."""
    return np.where(np.take_along_axis(scores, columns, axis=1) > 0, columns, -1)


def _each_once(columns: npt.NDArray[np.int64], blend: Floats) -> npt.NDArray[np.int64]:
    once = np.unique(columns)
    best: npt.NDArray[np.int64] = once[np.argsort(-blend[once], kind="stable")]
    return best
