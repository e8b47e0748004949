"""Matching, step 1d: what is counted of a text beside its words: qualifiers, neighbours, numbers, answers on offer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from . import data, values
from .words import stem

Array = npt.NDArray[Any]
INTENTS = ("", "unit", "specify", "date", "time", "reason", "method", "grade", "number", "status", "yesno", "type")
CLASSES = ("", "date", "time", "yesno", "list", "number", "text")
QUALIFIERS = {word: n for n, word in enumerate(dict.fromkeys(stem(w) for w, _ in data.pairs("qualifiers.tsv")))}
HEADS = tuple(dict.fromkeys(stem(w) for w, kind in data.pairs("qualifiers.tsv") if kind == "head"))
DIGIT = re.compile(r"\d")


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


def twins(texts: Sequence[Hashable]) -> Array:
    """How many of `texts` are the same as each."""
    counts = Counter(texts)
    return np.array([counts[text] for text in texts], np.float32)
