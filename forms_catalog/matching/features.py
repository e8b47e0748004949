"""Matching, step 3d: what is true of one (query, element) pair. Deterministic; a ranker only weighs these numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from . import units, values
from .channels import Channels, Scores
from .profiles import ElementProfile, QueryProfile
from .words import stem

QUALIFIERS = frozenset(
    stem(word)
    for word in (
        *("first", "last", "prior", "ever", "since", "planned", "start", "stop", "donor", "acute", "chronic", "best"),
        *("maximum", "minimum", "unit", "other", "specify", "rate", "known", "missing", "reason", "method", "status"),
        *("type", "count", "date", "time", "percent", "value", "grade", "not", "negation", "current", "total", "least"),
        *("relapse", "history", "family", "second", "subsequent", "new", "upper", "lower", "absolute", "post", "pre"),
        *("during", "mother", "father", "left", "right", "score"),
    )
)
DIGIT = re.compile(r"\d")


def pair(
    query: QueryProfile, element: ElementProfile, row: int, column: int, scores: Scores, channels: Channels, table: Any
) -> dict[str, float]:
    """The features of one pair; `row`, `column` place it in the channel scores, `table` is the weights file."""
    label = element.entry.label.lower()
    asked_answer = values.answer(query.text)
    return {
        "blend": float(scores.blend[row, column] + 0.8 * (scores.blend[row, column] - scores.blend[row].max())),
        "bm25": float(scores.bm25[row, column]),
        "words": float(scores.words[row, column]),
        "letters": float(scores.letters[row, column]),
        "everything": float(scores.everything[row, column]),
        "value_class": class_fit(query, element, table),
        "label_covered": covered(element.label_stems, query.known, channels),
        "question_covered": covered(element.question_stems, query.known, channels),
        "asked_covered": covered(query.stems, element.all_words, channels),
        "unit_wording": float((query.intent == "unit") == ("unit of measure" in label)),
        "missing_wording": float(_says_missing(query.text) == ("missing value" in label)),
        "qualifiers_unasked": float(len((element.question_stems & QUALIFIERS) - query.known)),
        "numbers_shared": float(len(_numbers(query.stems) & _numbers(element.known))),
        "word_pairs": word_pairs(query, element),
        "answers": float(scores.answers[row, column]),
        "options": values.overlap(element.entry.options, query.query.options),
        "options_apart": float(values.apart(element.entry.options, query.query.options)),
        "names_answer": float(query.value_class == "yesno" and bool(values.named(query.text, element.entry.options))),
        "answer_named": float(
            asked_answer in element.answers and asked_answer not in ("yes", "no", "other", "unknown")
        ),
        "unit": unit_fit(query, element),
        "same_wording": float(query.stems in (element.label_stems, element.question_stems)),
    }


def class_fit(query: QueryProfile, element: ElementProfile, table: Any) -> float:
    """How well the element's class of answer suits what the wording asks for and, where known, the field's type."""
    wording = _look_up(table["class"], query.intent, element.value_class)
    if not query.value_class:
        return wording
    return 0.5 * wording + _look_up(table["typed"], query.value_class, element.value_class)


def _look_up(table: Mapping[str, Mapping[str, float]], row: str, column: str) -> float:
    found = table[row]
    return found.get(column, found["*"])


def covered(words: Iterable[str], by: Iterable[str], channels: Channels) -> float:
    """The share of `words`, weighed by rarity, that `by` holds."""
    weights = {word: channels.weight(word) for word in words}
    total = sum(weights.values())
    return sum(weight for word, weight in weights.items() if word in by) / total if total else 0.0


def word_pairs(query: QueryProfile, element: ElementProfile) -> float:
    """The share of the query's neighbouring words that are neighbours in the label or question too."""
    asked = _neighbours(query.words.content)
    own = _neighbours(element.label.content) | _neighbours(element.question.content)
    return len(asked & own) / len(asked) if asked else 0.0


def unit_fit(query: QueryProfile, element: ElementProfile) -> float:
    """1 where units agree, 0.7 where one converts into the other, -1 where it cannot, 0 where either is silent."""
    if query.unit is None or element.unit is None:
        return 0.0
    rule = units.factor(query.unit, element.unit, element.entry.convertible)
    return -1.0 if rule is None else 0.7 if rule else 1.0


def _neighbours(words: tuple[str, ...]) -> set[tuple[str, str]]:
    return set(pairwise(words))


def _numbers(words: Iterable[str]) -> set[str]:
    return {word for word in words if DIGIT.search(word)}


def _says_missing(text: str) -> bool:
    return bool(re.search(r"\b(unknown|not applicable|reason)\b", text.lower()))
