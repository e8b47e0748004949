"""Matching, step 2: the whole catalog as sparse matrices; each channel scores every element for a batch of queries."""

from __future__ import annotations

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


def table(bags: Sequence[Bag], vocabulary: dict[str, int], *, grow: bool) -> Any:
    """Bags as a CSR matrix over `vocabulary`; unknown words are added (grow) or left out."""
    rows, columns, values = [0], [], []
    for bag in bags:
        for word, weight in bag.items():
            column = vocabulary.setdefault(word, len(vocabulary)) if grow else vocabulary.get(word, -1)
            if column >= 0:
                columns.append(column)
                values.append(weight)
        rows.append(len(columns))
    shape = (len(bags), len(vocabulary))
    return sparse.csr_matrix((np.array(values, np.float32), np.array(columns, np.int32), np.array(rows)), shape=shape)


def inverse_frequency(matrix: Any) -> Floats:
    """BM25's idf of each column, never below 0.05."""
    n = matrix.shape[0]
    df = np.bincount(matrix.indices, minlength=matrix.shape[1])
    idf: Floats = np.maximum(np.log(1 + (n - df + 0.5) / (df + 0.5)), 0.05).astype(np.float32)
    return idf


def normalised(matrix: Any) -> Any:
    """The matrix with each row scaled to length 1."""
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    norms[norms == 0] = 1
    return sparse.diags((1 / norms).astype(np.float32)) @ matrix


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
    def build(cls, bags: Sequence[Bag]) -> Bm25:
        """An index of one bag per element."""
        vocabulary: dict[str, int] = {}
        matrix = table(bags, vocabulary, grow=True)
        idf = inverse_frequency(matrix)
        lengths = np.asarray(matrix.sum(axis=1)).ravel()
        norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if len(bags) else 0.0, 1e-6))
        per_value = np.repeat(norm, np.diff(matrix.indptr)).astype(np.float32)
        matrix.data = matrix.data * (K1 + 1) / (matrix.data + per_value) * idf[matrix.indices]
        return cls(vocabulary, idf, matrix.T.tocsr())

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
    """Cosine over idf-weighted word counts, or over the character n-grams of those words (`spell`)."""

    vocabulary: dict[str, int]
    idf: Floats
    transposed: Any
    spell: Callable[[Bag], Bag]

    @classmethod
    def build(
        cls, bags: Sequence[Bag], vocabulary: dict[str, int], idf: Floats, spell: Callable[[Bag], Bag] = dict
    ) -> Cosine:
        """An index of one bag per element over words whose weights are known."""
        matrix = table([spell(bag) for bag in bags], vocabulary, grow=False)
        return cls(vocabulary, idf, normalised(matrix @ sparse.diags(idf)).T.tocsr(), spell)

    @classmethod
    def spelled(cls, bags: Sequence[Bag], spell: Callable[[Bag], Bag]) -> Cosine:
        """An index over character n-grams, weighted by how few elements have them."""
        vocabulary: dict[str, int] = {}
        matrix = table([spell(bag) for bag in bags], vocabulary, grow=True)
        idf = inverse_frequency(matrix)
        return cls(vocabulary, idf, normalised(matrix @ sparse.diags(idf)).T.tocsr(), spell)

    def beside(self, bags: Sequence[Bag]) -> Cosine:
        """An index of other texts of the same elements over the same words and weights."""
        return Cosine.build(bags, self.vocabulary, self.idf, self.spell)

    def score(self, queries: Sequence[Bag]) -> Floats:
        """(queries x elements) cosines, 0..1."""
        return self.of(self.normalised(queries))

    def normalised(self, queries: Sequence[Bag]) -> Any:
        """The queries as rows of length 1; words no element uses count as its rarest."""
        spelled = [self.spell(query) for query in queries]
        asked = table(spelled, self.vocabulary, grow=False) @ sparse.diags(self.idf)
        missing = _unknown_squared(spelled, self.vocabulary, float(self.idf.max(initial=1)))
        norms: Floats = np.sqrt(np.asarray(asked.multiply(asked).sum(axis=1), np.float32).ravel() + missing)
        norms[norms == 0] = 1
        return sparse.diags((1 / norms).astype(np.float32)) @ asked

    def of(self, asked: Any) -> Floats:
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
