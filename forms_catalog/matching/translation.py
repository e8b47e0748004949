"""Matching, step 2c: which words stand for which, learnt from the catalog itself (its labels, questions, definitions).

IBM model 1 (Brown et al. 1993) without a null word: a question and the label beside it say the same thing twice.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

Pair = tuple[Sequence[str], Sequence[str]]
ROUNDS, LONGEST, LEAST = 5, 40, 0.02
Ints = npt.NDArray[np.int64]


def learn(pairs: Iterable[Pair], vocabulary: Mapping[str, int]) -> Any:
    """A CSR matrix (words x words): how likely the row's word is said as the column's, without itself."""
    size = len(vocabulary)
    texts, said, by = _triples(pairs, vocabulary)
    if not len(texts):
        return sparse.csr_matrix((size, size), dtype=np.float32)
    asked = np.unique(texts * size + by, return_inverse=True)[1]
    both, which = np.unique(said * size + by, return_inverse=True)
    source = both // size
    share = np.ones(len(both)) / np.bincount(source, minlength=size)[source]
    for _ in range(ROUNDS):
        expected = share[which]
        expected = expected / np.bincount(asked, expected)[asked]
        counts = np.bincount(which, expected, minlength=len(both))
        share = counts / np.bincount(source, counts, minlength=size)[source]
    kept = (share > LEAST) & (source != both % size)
    values = share[kept].astype(np.float32)
    return sparse.csr_matrix((values, (source[kept], (both % size)[kept])), shape=(size, size))


def _triples(pairs: Iterable[Pair], vocabulary: Mapping[str, int]) -> tuple[Ints, Ints, Ints]:
    """Every word of a text's first side beside every word of its second: (text, first word, second word)."""
    texts, said, by = array("i"), array("i"), array("i")
    for number, (left, right) in enumerate(pairs):
        sources, targets = _places(left, vocabulary), _places(right, vocabulary)
        for target in targets:
            said.extend(sources)
            by.extend([target] * len(sources))
        texts.extend([number] * (len(sources) * len(targets)))
    return np.array(texts, np.int64), np.array(said, np.int64), np.array(by, np.int64)


def _places(words: Sequence[str], vocabulary: Mapping[str, int]) -> list[int]:
    return [vocabulary[word] for word in dict.fromkeys(words) if word in vocabulary][:LONGEST]


def sides(label: Sequence[str], question: Sequence[str], definition: Sequence[str]) -> list[Pair]:
    """What one element says twice: label and question both ways, definition and label."""
    out: list[Pair] = []
    if question and question != label:
        out += [(label, question), (question, label)]
    if definition:
        out.append((definition, label))
    return out
