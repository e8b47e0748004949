"""Matching, step 2b: the catalog's channels side by side and their blend; picks the candidates worth a closer look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import translation
from .entries import CatalogEntry
from .index import Bm25, Cosine, Floats, Speller
from .profiles import ElementProfile, QueryProfile, add, answer_words, bag, hint, weighted
from .words import Lexicon

CANDIDATES, OF_EACH = 50, 10
# weight of field name, branching context, section and what the answers are about, beside the label's 1
NAME, CONTEXT, SECTION, ABOUT = 0.5, 0.2, 0.1, 0.6
SAID_AS = 0.06  # a word is looked up under another name where this share of its uses says it so
NAMES = ("bm25", "labels", "questions", "remembered", "letters", "letters_asked", "everything", "translated", "answers")


@dataclass(frozen=True)
class Scores:
    """What each channel gives (queries x elements), 0..1, and their blend; `best` the candidates of each query."""

    by_name: dict[str, Floats]
    blend: Floats
    best: list[npt.NDArray[np.int64]]


class Channels:
    """Indices over one catalog."""

    def __init__(self, elements: Sequence[ElementProfile], lexicon: Lexicon) -> None:
        spell = Speller()
        self._lexicon = lexicon
        self.bm25 = Bm25.build([self._bag(element) for element in elements])
        self.said_as = translation.learn(
            (
                pair
                for e in elements
                for pair in translation.sides(e.label.content, e.question.content, e.definition.content)
            ),
            self.bm25.vocabulary,
        )
        questions = [weighted(e.question) for e in elements]
        wordings = [add(*(weighted(words) for words in e.wordings)) for e in elements]
        labels = [weighted(e.label) for e in elements]
        self._cosines = {
            "labels": Cosine.build(labels, self.vocabulary, self.bm25.idf),
            "questions": Cosine.build(questions, self.vocabulary, self.bm25.idf),
            "remembered": Cosine.build(wordings, self.vocabulary, self.bm25.idf),
        }
        asked = [bag(e.question.surface) for e in elements]
        whole = [bag((*e.label.surface, *e.question.surface, *e.definition.surface)) for e in elements]
        everything = Cosine.spelled(whole, spell)
        self._letters = {
            "letters": everything.beside([bag(e.label.surface) for e in elements]),
            "letters_asked": everything.beside(asked),
            "everything": everything,
        }
        answers = [answer_words(e.entry.options, lexicon) for e in elements]
        self._answers = Cosine.build(answers, self.vocabulary, self.bm25.idf)

    @property
    def vocabulary(self) -> dict[str, int]:
        """Every word of the catalog with its column."""
        return self.bm25.vocabulary

    def score(self, queries: Sequence[QueryProfile], keep: int = CANDIDATES) -> Scores:
        """Every element's channel scores for a batch of queries."""
        asked = [weighted(q.words) for q in queries]
        hinted = [add(a, self._hints(q)) for a, q in zip(asked, queries, strict=True)]
        found = {"bm25": self.bm25.score(hinted), "translated": self.bm25.score(hinted, self._other_words)}
        for name, cosine in self._cosines.items():
            found[name] = cosine.score(asked)
        letters = next(iter(self._letters.values())).normalised([bag(q.words.surface) for q in queries])
        for name, cosine in self._letters.items():
            found[name] = cosine.of(letters)
        found["answers"] = self._answers.score([answer_words(q.query.options, self._lexicon) for q in queries])
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

    def _bag(self, element: ElementProfile) -> dict[str, float]:
        entry: CatalogEntry = element.entry
        parts = [weighted(element.label, 2), weighted(element.definition, 0.7)]
        if entry.question_text:
            parts.append(weighted(element.question, 2))
        parts += [weighted(words, 3) for words in element.wordings]
        parts += [weighted(self._lexicon.words(text), 0.5) for text in (entry.object_class, entry.property) if text]
        parts += [weighted(self._lexicon.words(option.label), 0.35) for option in entry.options]
        return add(*parts)


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
    size = blend.shape[1]
    tops = [_top(blend, min(keep, size))] + [_top(found[n], min(OF_EACH, size)) for n in NAMES if keep > OF_EACH]
    return [_each_once(np.concatenate([top[row] for top in tops]), blend[row]) for row in range(len(blend))]


def _top(scores: Floats, count: int) -> npt.NDArray[np.int64]:
    if count >= scores.shape[1]:
        return np.tile(np.arange(scores.shape[1]), (len(scores), 1))
    return np.argpartition(-scores, count - 1, axis=1)[:, :count]


def _each_once(columns: npt.NDArray[np.int64], blend: Floats) -> npt.NDArray[np.int64]:
    once = np.unique(columns)
    best: npt.NDArray[np.int64] = once[np.argsort(-blend[once], kind="stable")]
    return best
