"""Matching, step 2a: sparse matrices; each channel scores every element of a catalog for a batch of queries."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float32]
Bag = Mapping[str, float]
K1, B = 1.2, 0.6


class Rows:
    """A CSR matrix over `vocabulary` as it grows row by row; unknown words are added (grow) or left out."""

    def __init__(self, vocabulary: dict[str, int], *, grow: bool) -> None:
        self.vocabulary, self._grow = vocabulary, grow
        self._ends, self._columns, self._values = array("q", [0]), array("i"), array("f")

    def add(self, bag: Bag) -> None:
        """One more row."""
        known = self.vocabulary
        for word, weight in bag.items():
            column = known.setdefault(word, len(known)) if self._grow else known.get(word, -1)
            if column >= 0:
                self._columns.append(column)
                self._values.append(weight)
        self._ends.append(len(self._columns))

    def skip(self, rows: int) -> None:
        """That many empty rows."""
        self._ends.extend([len(self._columns)] * rows)

    def matrix(self) -> Any:
        """The rows, as wide as the vocabulary is now; no row can be added afterwards."""
        values, columns = np.frombuffer(self._values, np.float32), np.frombuffer(self._columns, np.int32)
        shape = (len(self._ends) - 1, len(self.vocabulary))
        return sparse.csr_matrix((values, columns, np.frombuffer(self._ends, np.int64)), shape=shape)


def table(bags: Iterable[Bag], vocabulary: dict[str, int], *, grow: bool) -> Any:
    """Bags as a CSR matrix over `vocabulary`; unknown words are added (grow) or left out."""
    rows = Rows(vocabulary, grow=grow)
    for bag in bags:
        rows.add(bag)
    return rows.matrix()


def grown(matrix: Any, rows: int, columns: int) -> Any:
    """The matrix with empty rows and columns added at its ends."""
    ends = np.r_[matrix.indptr, np.full(rows - matrix.shape[0], matrix.indptr[-1])]
    return sparse.csr_matrix((matrix.data, matrix.indices, ends), shape=(rows, columns))


def inverse_frequency(matrix: Any) -> Floats:
    """BM25's idf of each column, never below 0.05."""
    n = matrix.shape[0]
    df = np.bincount(matrix.indices, minlength=matrix.shape[1])
    idf: Floats = np.maximum(np.log(1 + (n - df + 0.5) / (df + 0.5)), 0.05).astype(np.float32)
    return idf


def weighed(matrix: Any, weights: Floats) -> Any:
    """The matrix with each column multiplied by its weight."""
    return sparse.csr_matrix((matrix.data * weights[matrix.indices], matrix.indices, matrix.indptr), shape=matrix.shape)


def normalised(matrix: Any) -> Any:
    """The matrix with each row scaled to length 1."""
    counts = np.diff(matrix.indptr)
    norms = np.ones(len(counts), np.float32)
    filled = np.flatnonzero(counts)
    norms[filled] = np.sqrt(np.add.reduceat(matrix.data * matrix.data, matrix.indptr[filled])) if len(filled) else 1
    norms[norms == 0] = 1
    data = matrix.data / np.repeat(norms, counts)
    return sparse.csr_matrix((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def _dense(matrix: Any) -> Floats:
    return np.asarray(matrix.todense(), np.float32)


def grams(word: str, sizes: Iterable[int] = (3, 4, 5)) -> Counter[str]:
    """Character n-grams of one word with a blank on either side (scikit-learn's char_wb)."""
    padded = f" {word} "
    found: Counter[str] = Counter()
    for size in sizes:
        if len(padded) <= size:
            found[padded] += 1
            break
        found.update(padded[i : i + size] for i in range(len(padded) - size + 1))
    return found


@dataclass
class Bm25:
    """Okapi BM25 over weighted bags. A score is the share of what the query could reach, so it compares."""

    vocabulary: dict[str, int]
    idf: Floats
    transposed: Any

    @classmethod
    def of(cls, matrix: Any, vocabulary: dict[str, int]) -> Bm25:
        """An index of a table with one row an element."""
        idf = inverse_frequency(matrix)
        lengths = np.asarray(matrix.sum(axis=1)).ravel()
        norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if len(lengths) else 0.0, 1e-6))
        per_value = np.repeat(norm, np.diff(matrix.indptr)).astype(np.float32)
        reached = matrix.copy()
        reached.data = matrix.data * (K1 + 1) / (matrix.data + per_value) * idf[matrix.indices]
        return cls(vocabulary, idf, reached.T.tocsr())

    def score(self, queries: Sequence[Bag], said: Callable[[Any], Any] = lambda asked: asked) -> Floats:
        """(queries x elements) scores, 0..1 or a little more. `said` turns the queries' words into those looked up."""
        asked = table(queries, self.vocabulary, grow=False)
        best: Floats = np.asarray(asked @ self.idf, np.float32).ravel()
        best = best + _unknown(queries, self.vocabulary, float(self.idf.max(initial=1)))
        best[best == 0] = 1
        found = _dense(said(asked) @ self.transposed)
        reached: Floats = np.divide(found, best[:, None] * (K1 + 1), dtype=np.float32)
        return reached


def _unknown(queries: Sequence[Bag], vocabulary: Mapping[str, int], weight: float) -> Floats:
    """What the words no element uses would have weighed: they make a full score unreachable."""
    return np.array([weight * sum(v for w, v in q.items() if w not in vocabulary) for q in queries], np.float32)


@dataclass
class Cosine:
    """Cosine over idf-weighted word counts, or over the character n-grams of those words (`spell`). `transposed` is
    (word x element), each element's column of length 1."""

    vocabulary: dict[str, int]
    idf: Floats
    transposed: Any
    spell: Callable[[Bag], Bag] = dict

    @classmethod
    def of(cls, matrix: Any, vocabulary: dict[str, int], idf: Floats) -> Cosine:
        """An index of a table with one row an element, over words whose weights are known."""
        return cls(vocabulary, idf, normalised(weighed(matrix, idf)).T.tocsr())

    def score(self, queries: Sequence[Bag]) -> Floats:
        """(queries x elements) cosines, 0..1."""
        return self.among(self.normalised(queries))

    def normalised(self, queries: Sequence[Bag]) -> Any:
        """The queries as rows of length 1; words no element uses count as its rarest."""
        spelled = [self.spell(query) for query in queries]
        asked = weighed(table(spelled, self.vocabulary, grow=False), self.idf)
        missing = _unknown_squared(spelled, self.vocabulary, float(self.idf.max(initial=1)))
        norms: Floats = np.sqrt(np.asarray(asked.multiply(asked).sum(axis=1), np.float32).ravel() + missing)
        norms[norms == 0] = 1
        return sparse.diags((1 / norms).astype(np.float32)) @ asked

    def among(self, asked: Any) -> Floats:
        """(queries x elements) cosines of `normalised` queries."""
        return _dense(asked @ self.transposed)


def _unknown_squared(queries: Sequence[Bag], vocabulary: Mapping[str, int], weight: float) -> Floats:
    sums = [sum((weight * v) ** 2 for w, v in q.items() if w not in vocabulary) for q in queries]
    return np.array(sums, np.float32)


class Speller:
    """Turns a bag of words into a bag of their n-grams; each word is cut once."""

    def __init__(self) -> None:
        self._known: dict[str, Counter[str]] = {}

    def __call__(self, bag: Bag) -> Bag:
        out: dict[str, float] = {}
        for word, weight in bag.items():
            cut = self._known.get(word)
            if cut is None:
                cut = self._known[word] = grams(word)
            for gram, count in cut.items():
                out[gram] = out.get(gram, 0.0) + count * weight
        return out


BLOCK = 64  # columns whose highest score is looked at first


def tops(scores: Floats, count: int) -> npt.NDArray[np.int64]:
    """The columns of each row's `count` highest scores, in no order. The highest lie in the blocks of columns whose
    own highest is among the `count` highest of all blocks, so that only those are parted."""
    rows, size = scores.shape
    if count >= size:
        return np.tile(np.arange(size), (rows, 1))
    blocks = -(-size // BLOCK)
    if blocks <= 2 * count:
        return np.argpartition(-scores, count - 1, axis=1)[:, :count]
    full = size // BLOCK
    highest = scores[:, : full * BLOCK].reshape(rows, full, BLOCK).max(axis=2)
    if full < blocks:
        highest = np.hstack([highest, scores[:, full * BLOCK :].max(axis=1, keepdims=True)])
    chosen = np.argpartition(-highest, count - 1, axis=1)[:, :count]
    columns = (chosen[:, :, None] * BLOCK + np.arange(BLOCK)).reshape(rows, -1)
    found = np.take_along_axis(scores, np.minimum(columns, size - 1), axis=1)
    found[columns >= size] = -np.inf
    best = np.argpartition(-found, count - 1, axis=1)[:, :count]
    return np.take_along_axis(columns, best, axis=1)
