"""Matching, step 2b: the catalog's channels side by side and their blend; picks the candidates worth a closer look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .entries import CatalogEntry
from .index import Bm25, Cosine, Floats, Speller
from .profiles import ElementProfile, QueryProfile, add, answer_words, bag, hint, weighted
from .words import Lexicon

CANDIDATES = 40
# weight of field name, branching context, section and what the answers are about, beside the label's 1
NAME, CONTEXT, SECTION, ABOUT = 0.5, 0.2, 0.1, 0.6


@dataclass(frozen=True)
class Scores:
    """What each channel gives (queries x elements), 0..1, and their blend; `best` the candidates, best first."""

    bm25: Floats
    words: Floats
    letters: Floats
    everything: Floats
    answers: Floats
    blend: Floats
    best: npt.NDArray[np.int64]


class Channels:
    """Indices over one catalog."""

    def __init__(self, elements: Sequence[ElementProfile], lexicon: Lexicon) -> None:
        spell = Speller()
        self._lexicon = lexicon
        self._bm25 = Bm25.build([self._bag(element) for element in elements])
        self._weights = {word: float(self._bm25.idf[column]) for word, column in self._bm25.vocabulary.items()}
        self._rarest = max(self._weights.values(), default=1.0)
        self._labels = Cosine.build([weighted(e.label) for e in elements])
        self._questions = Cosine.build([weighted(e.question) for e in elements])
        self._letters = Cosine.build([bag(e.label.surface) for e in elements], spell)
        self._letters_asked = Cosine.build([bag(e.question.surface) for e in elements], spell)
        self._letters_all = Cosine.build(
            [bag((*e.label.surface, *e.question.surface, *e.definition.surface)) for e in elements], spell
        )
        self._answers = Cosine.build([answer_words(e.entry.options, lexicon) for e in elements])

    @property
    def vocabulary(self) -> dict[str, int]:
        """Every word of the catalog with its column."""
        return self._bm25.vocabulary

    def weight(self, word: str) -> float:
        """The idf of a word; a word the catalog does not use weighs as its rarest."""
        return self._weights.get(word, self._rarest)

    def score(self, queries: Sequence[QueryProfile], keep: int = CANDIDATES) -> Scores:
        """Every element's channel scores for a batch of queries."""
        asked = [weighted(q.words) for q in queries]
        spelled = [bag(q.words.surface) for q in queries]
        bm25 = self._bm25.score([add(a, self._hints(q)) for a, q in zip(asked, queries, strict=True)])
        words = np.maximum(self._labels.score(asked), self._questions.score(asked))
        letters = np.maximum(self._letters.score(spelled), self._letters_asked.score(spelled))
        everything = self._letters_all.score(spelled)
        answers = self._answers.score([answer_words(q.query.options, self._lexicon) for q in queries])
        top = np.maximum(bm25.max(axis=1, keepdims=True, initial=0), 1e-6)
        blend = 0.8 * bm25 / top + 0.6 * words + 0.9 * letters + 0.5 * everything + 0.5 * answers
        best = np.argsort(-blend, axis=1, kind="stable")[:, :keep]
        return Scores(bm25, words, letters, everything, answers, blend, best)

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

    def _bag(self, element: ElementProfile) -> dict[str, float]:
        entry: CatalogEntry = element.entry
        parts = [weighted(element.label, 2), weighted(element.definition, 0.7)]
        if entry.question_text:
            parts.append(weighted(element.question, 2))
        parts += [weighted(self._lexicon.words(text), 0.5) for text in (entry.object_class, entry.property) if text]
        parts += [weighted(self._lexicon.words(option.label), 0.35) for option in entry.options]
        return add(*parts)
