"""Matching, step 3d: elements and queries as arrays, so that pairs of them compare many at a time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from . import data, profiles, values
from .index import Bag, table
from .profiles import ElementProfile, QueryProfile, bag, weighted
from .words import Lexicon, stem

Array = npt.NDArray[Any]
INTENTS = ("", "unit", "specify", "date", "time", "reason", "method", "grade", "number", "status", "yesno", "type")
CLASSES = ("", "date", "time", "yesno", "list", "number", "text")
QUALIFIERS = {word: n for n, word in enumerate(dict.fromkeys(stem(w) for w, _ in data.pairs("qualifiers.tsv")))}
HEADS = tuple(dict.fromkeys(stem(w) for w, kind in data.pairs("qualifiers.tsv") if kind == "head"))
DIGIT = re.compile(r"\d")
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


def marks(sets: Sequence[Iterable[str]]) -> Array:
    """Which qualifiers each set of words holds (rows x qualifiers, 0 or 1)."""
    found = np.zeros((len(sets), len(QUALIFIERS)), np.int8)
    for row, words in enumerate(sets):
        for word in words:
            if word in QUALIFIERS:
                found[row, QUALIFIERS[word]] = 1
    return found


def neighbours(words: Sequence[str]) -> dict[str, float]:
    """The pairs of neighbouring words of a text."""
    return dict.fromkeys((f"{a} {b}" for a, b in pairwise(words)), 1.0)


def numbers(words: Iterable[str]) -> dict[str, float]:
    """The words with a digit in them."""
    return {word: 1.0 for word in words if DIGIT.search(word)}


def real_answers(labels: Iterable[str]) -> dict[str, float]:
    """The answers on offer in one wording, without those that stand for a missing value."""
    return dict.fromkeys((a for a in map(values.answer, labels) if a not in values.MISSING), 1.0)


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


def of_elements(elements: Sequence[ElementProfile], lexicon: Lexicon, words: Vocabulary) -> ElementSide:
    """Everything the pair features need to know about a catalog."""
    label = words.rows([weighted(e.label) for e in elements])
    question = words.rows([weighted(e.question) for e in elements])
    definition = words.rows([weighted(e.definition) for e in elements])
    concept = words.rows(
        [weighted(lexicon.words(f"{e.entry.object_class} {e.entry.property}".strip())) for e in elements]
    )
    options = words.rows([weighted(lexicon.words(" ; ".join(o.label for o in e.entry.options))) for e in elements])
    remembered = words.rows([profiles.add(*(weighted(w) for w in e.wordings)) for e in elements])
    asked = ones(label + question + remembered)
    texts = ones(asked + definition + concept)
    pair_words: dict[str, int] = {}
    number_words: dict[str, int] = {}
    answer_words: dict[str, int] = {}
    spoken = [{**neighbours(e.label.content), **neighbours(e.question.content)} for e in elements]
    return ElementSide(
        label=ones(label),
        question=ones(question),
        definition=ones(definition),
        concept=ones(concept),
        asked=asked,
        texts=texts,
        everything=ones(texts + options),
        label_stems=words.sets(e.label.stems for e in elements),
        question_stems=words.sets(e.question.stems for e in elements),
        pairs=table(spoken, pair_words, grow=True),
        numbers=table([numbers(sorted(e.known)) for e in elements], number_words, grow=True),
        answers=table([real_answers(o.label for o in e.entry.options) for e in elements], answer_words, grow=True),
        pair_words=pair_words,
        number_words=number_words,
        answer_words=answer_words,
        classes=np.array([CLASSES.index(e.value_class) for e in elements], np.int64),
        marks=marks([e.known for e in elements]),
        heads=np.array([[w in e.label_stems for w in HEADS] for e in elements], np.float32).reshape(-1, len(HEADS)),
        has_question=_flags(elements, lambda e: bool(e.entry.question_text)),
        options=np.array([len(e.entry.options) for e in elements], np.float32),
        unit_of_measure=_flags(elements, lambda e: "unit of measure" in e.entry.label.lower()),
        missing_value=_flags(elements, lambda e: "missing value" in e.entry.label.lower()),
        specify=_flags(elements, lambda e: "specify" in e.entry.label.lower()),
        twins=_twins(elements),
    )


def _flags(elements: Sequence[ElementProfile], says: Callable[[ElementProfile], bool]) -> Array:
    return np.array([says(element) for element in elements], np.float32)


def _twins(elements: Sequence[ElementProfile]) -> Array:
    """How many elements ask in the very same words."""
    keys = [tuple(sorted(e.question.content)) for e in elements]
    counts = Counter(keys)
    return np.array([counts[key] for key in keys], np.float32)


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
