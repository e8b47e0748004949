"""Matching, step 3d: elements and queries as arrays, so that pairs of them compare many at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import profiles, values
from .index import Bag, grown, table
from .profiles import QueryProfile, bag, weighted
from .tables import OWN, WORDS, Tables
from .traits import CLASSES, INTENTS, Array, marks, neighbours, numbers, real_answers
from .words import Lexicon

ASKS_WHY_MISSING = re.compile(r"\b(unknown|not applicable|reason)\b")


class Vocabulary:
    """The catalog's words as columns; bags and sets of words become rows over them."""

    def __init__(self, words: dict[str, int]) -> None:
        self.words = words

    def rows(self, bags: Sequence[Bag]) -> Any:
        """Bags as CSR rows; words the catalog does not use are left out."""
        return table(bags, self.words, grow=False)

    def sets(self, sets: Iterable[Iterable[str]]) -> Any:
        """Sets of words as CSR rows of ones; function words are left out."""
        return ones(self.rows([bag(dict.fromkeys(words)) for words in sets]))


def ones(matrix: Any) -> Any:
    """The matrix with every stored value 1."""
    out = matrix.copy()
    out.data = np.ones_like(out.data)
    return out


@dataclass(frozen=True)
class ElementSide:
    """The elements of a catalog; matrices have one row an element."""

    label: Any
    question: Any
    definition: Any
    concept: Any
    asked: Any  # label, question and remembered wordings
    texts: Any  # those and definition and concept
    everything: Any  # those and the options
    label_stems: Any
    question_stems: Any
    pairs: Any
    numbers: Any
    answers: Any
    pair_words: dict[str, int]
    number_words: dict[str, int]
    answer_words: dict[str, int]
    classes: Array
    marks: Array
    heads: Array
    has_question: Array
    options: Array
    unit_of_measure: Array
    missing_value: Array
    specify: Array
    twins: Array


def of_elements(tables: Tables, words: dict[str, int], remembered: Any) -> ElementSide:
    """Everything the pair features need to know about a catalog; `remembered` wordings belong to what is asked."""
    wide = {name: grown(tables.matrices[name], remembered.shape[0], len(words)) for name in WORDS}
    asked = ones(wide["label"] + wide["question"] + remembered)
    texts = ones(asked + wide["definition"] + wide["concept"])
    return ElementSide(
        **{name: ones(wide[name]) for name in ("label", "question", "definition", "concept")},
        asked=asked,
        texts=texts,
        everything=ones(texts + wide["options"]),
        label_stems=ones(wide["label_stems"]),
        question_stems=ones(wide["question_stems"]),
        **{name: tables.matrices[name] for name in OWN},
        pair_words=tables.vocabularies["pairs"],
        number_words=tables.vocabularies["numbers"],
        answer_words=tables.vocabularies["answers"],
        **tables.arrays,
    )


@dataclass(frozen=True)
class QuerySide:
    """The queries of a batch; matrices have one row a query."""

    words: Any
    stems: Any
    known: Any
    name: Any
    hint: Any
    pairs: Any
    numbers: Any
    answers: Any
    named: Any
    first: Any
    last: Any
    intents: Array
    classes: Array
    marks: Array
    unknown: Array  # what the words no element uses would weigh
    length: Array
    pair_count: Array
    number_count: Array
    answer_count: Array
    has_name: Array
    hinted: Array
    says_missing: Array
    question_mark: Array


def of_queries(
    queries: Sequence[QueryProfile], elements: ElementSide, lexicon: Lexicon, words: Vocabulary, rarest: float
) -> QuerySide:
    """The same for queries; `rarest` is the weight of a word that no element uses."""
    said = [weighted(q.words) for q in queries]
    hints = [lexicon.words(profiles.hint(q.query)) for q in queries]
    answers = [real_answers(o.label for o in q.query.options) for q in queries]
    digits = [numbers(sorted(q.known)) for q in queries]
    return QuerySide(
        words=ones(words.rows(said)),
        stems=words.sets(q.words.stems for q in queries),
        known=words.sets((*sorted(q.known), *q.name) for q in queries),
        name=words.sets(q.name for q in queries),
        hint=words.sets((*h.stems, *h.added) for h in hints),
        pairs=table([neighbours(q.words.content) for q in queries], elements.pair_words, grow=False),
        numbers=table(digits, elements.number_words, grow=False),
        answers=table(answers, elements.answer_words, grow=False),
        named=table([{values.answer(q.text): 1.0} for q in queries], elements.answer_words, grow=False),
        first=words.sets(q.words.content[:1] for q in queries),
        last=words.sets(q.words.content[-1:] for q in queries),
        intents=np.array([INTENTS.index(q.intent) for q in queries], np.int64),
        classes=np.array([CLASSES.index(q.value_class) for q in queries], np.int64),
        marks=marks([(*q.known, *q.name) for q in queries]),
        unknown=_sums(said, lambda w, v: 0.0 if w in words.words else rarest * v),
        length=np.array([len(set(q.words.content)) for q in queries], np.float32),
        pair_count=np.array([max(len(neighbours(q.words.content)), 1) for q in queries], np.float32),
        number_count=np.array([len(found) for found in digits], np.float32),
        answer_count=np.array([len(found) for found in answers], np.float32),
        has_name=np.array([bool(q.query.name) for q in queries], np.float32),
        hinted=np.array([bool(h.stems) for h in hints], np.float32),
        says_missing=np.array([bool(ASKS_WHY_MISSING.search(q.text.lower())) for q in queries], np.float32),
        question_mark=np.array([q.query.label.strip().endswith("?") for q in queries], np.float32),
    )


def _sums(bags: Sequence[Bag], weigh: Callable[[str, float], float]) -> Array:
    return np.array([sum(weigh(word, weight) for word, weight in one.items()) for one in bags], np.float32)
