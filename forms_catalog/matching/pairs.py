"""Matching, step 3f: what is true of many (query, element) pairs at once, as numbers. A ranker only weighs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from . import units, values
from .channels import NAMES, Channels, Scores
from .profiles import ElementProfile, QueryProfile
from .sides import ElementSide, QuerySide, Vocabulary
from .sides import of_queries as side_of_queries
from .traits import CLASSES, HEADS, INTENTS, QUALIFIERS, Array
from .words import Lexicon


@dataclass(frozen=True)
class Pairs:
    """Pairs in order of their queries: places of query (in the batch) and element (in the catalog), and by name the
    feature of each pair."""

    query: Array
    element: Array
    features: dict[str, Array]

    def starts(self) -> Array:
        """Where each query's pairs begin."""
        return np.flatnonzero(np.r_[True, self.query[1:] != self.query[:-1]]) if len(self.query) else np.array([], int)


class Comparer:
    """Turns the candidates of a batch into features."""

    def __init__(
        self,
        elements: Sequence[ElementProfile],
        side: ElementSide,
        channels: Channels,
        lexicon: Lexicon,
        table: Any,
    ) -> None:
        self._elements, self.side, self._lexicon, self._table = elements, side, lexicon, table
        self._words = Vocabulary(channels.vocabulary)
        self._idf = channels.bm25.idf
        self._weights = sparse.diags(self._idf)
        self._rarest = float(self._idf.max(initial=1.0))
        self._said_as = channels.said_as

    def compare(self, queries: Sequence[QueryProfile], scores: Scores, best: Sequence[Array]) -> Pairs:
        """The features of each query beside each of its candidates `best`."""
        row = np.repeat(np.arange(len(queries)), [len(one) for one in best])
        column = np.concatenate([*best, np.array([], np.int64)]).astype(np.int64)
        asked = side_of_queries(queries, self.side, self._lexicon, self._words, self._rarest)
        out = _channel_features(scores, best, row, column)
        out |= self._coverage(asked, row, column)
        out |= self._other_words(asked, row, column)
        out |= self._shape(asked, row, column)
        out |= self._answers(asked, queries, row, column)
        out |= _marked(asked.marks[row], self.side.marks[column])
        out |= {f"head {word}": self.side.heads[column, n] for n, word in enumerate(HEADS)}
        return Pairs(row, column, out)

    def _coverage(self, asked: QuerySide, row: Array, column: Array) -> dict[str, Array]:
        """How much of the query the element says, and the other way, words weighed by how rare they are."""
        own = self.side
        stems, unknown = (asked.stems @ self._weights)[row], asked.unknown[row]
        total = _some(_sum(stems) + unknown)
        out: dict[str, Array] = {}
        fields = ("label", "question", "asked", "texts", "everything", "definition", "concept")
        for name in fields:
            hit = stems.multiply(getattr(own, name)[column])
            out[f"asked in {name}"] = _sum(hit) / total
            if name in ("label", "asked", "everything"):
                left = _max(stems - hit)
                out[f"rarest not in {name}"] = np.maximum(left, np.where(unknown > 0, self._rarest, 0)) / self._rarest
        known = asked.known[row]
        for name in ("label_stems", "question_stems", "concept"):
            said = (getattr(own, name) @ self._weights)[column]
            hit = said.multiply(known)
            out[f"{name} asked"] = _sum(hit) / _some(_sum(said))
            out[f"rarest of {name} unasked"] = _max(said - hit) / self._rarest
        for name, words in (("name", asked.name), ("hint", asked.hint)):
            said = (words @ self._weights)[row]
            whole = _some(_sum(said))
            out[f"{name} in asked"] = _sum(said.multiply(own.asked[column])) / whole
            out[f"{name} in everything"] = _sum(said.multiply(own.everything[column])) / whole
        full = [(out[f"asked in {n}"] > 0.999) & (out[f"{n}_stems asked"] > 0.999) for n in ("label", "question")]
        return {**out, "same wording": (full[0] | full[1]).astype(np.float32)}

    def _other_words(self, asked: QuerySide, row: Array, column: Array) -> dict[str, Array]:
        """How much of the element the query says in words the catalog uses for it elsewhere."""
        said_as = (asked.words @ self._said_as)[row].minimum(1)
        out = {}
        for name in ("label_stems", "question_stems"):
            said = (getattr(self.side, name) @ self._weights)[column]
            out[f"{name} in other words"] = _sum(said.multiply(said_as)) / _some(_sum(said))
        return out

    def _shape(self, asked: QuerySide, row: Array, column: Array) -> dict[str, Array]:
        """Word order, lengths, numbers."""
        own = self.side
        pairs = _sum(asked.pairs[row].multiply(own.pairs[column]))
        numbers = _sum(asked.numbers[row].multiply(own.numbers[column]))
        label, question, length = _sum(own.label_stems[column]), _sum(own.question_stems[column]), asked.length[row]
        by_label, by_question = np.log((length + 1) / (label + 1)), np.log((length + 1) / (question + 1))
        return {
            "word pairs": pairs / asked.pair_count[row],
            "word pairs counted": np.minimum(pairs, 4),
            "first word": _sum(asked.first[row].multiply(own.asked[column])),
            "last word": _sum(asked.last[row].multiply(own.asked[column])),
            "length to label": by_label,
            "length to question": by_question,
            "length from label": np.abs(by_label),
            "length from question": np.abs(by_question),
            "label length": label,
            "query length": length,
            "numbers shared": numbers,
            "numbers unmet": asked.number_count[row] - numbers,
            "numbers unasked": _sum(own.numbers[column]) - numbers,
            "twins": np.log(own.twins[column]),
            "has question": own.has_question[column],
            "has name": asked.has_name[row],
            "hinted": asked.hinted[row],
            "question mark": asked.question_mark[row],
        }

    def _answers(
        self, asked: QuerySide, queries: Sequence[QueryProfile], row: Array, column: Array
    ) -> dict[str, Array]:
        """Class of answer, options, units, and what kind of fact the wording asks for."""
        own, intent = self.side, asked.intents[row]
        shared = _sum(asked.answers[row].multiply(own.answers[column]))
        theirs, ours = asked.answer_count[row], _sum(own.answers[column])
        union = _some(theirs + ours - shared)
        fits = {
            "unit wording": (intent == INTENTS.index("unit")) == (own.unit_of_measure[column] > 0),
            "missing wording": asked.says_missing[row] == own.missing_value[column],
            "specify wording": (intent == INTENTS.index("specify")) == (own.specify[column] > 0),
            "options apart": (theirs > 0) & (ours > 0) & (shared == 0),
        }
        return {
            "intent": intent,
            "own class": own.classes[column],
            "asked class": asked.classes[row],
            "class fit": _class_fit(self._table, intent, asked.classes[row], own.classes[column]),
            "options shared": np.where(theirs > 0, shared / union, 0),
            "answer named": _sum(asked.named[row].multiply(own.answers[column])),
            "options counted": np.log1p(own.options[column]),
            **{name: fit.astype(np.float32) for name, fit in fits.items()},
            **self._typed(queries, row, column),
        }

    def _typed(self, queries: Sequence[QueryProfile], row: Array, column: Array) -> dict[str, Array]:
        """What only typed fields say: units that agree, a yes or no about one of the element's answers."""
        unit, names = np.zeros(len(row), np.float32), np.zeros(len(row), np.float32)
        with_unit = {n for n, query in enumerate(queries) if query.unit is not None}
        two_way = {n for n, query in enumerate(queries) if query.value_class == "yesno"}
        for at, (n, c) in enumerate(zip(row.tolist(), column.tolist(), strict=True)):
            if n in with_unit:
                unit[at] = unit_fit(queries[n], self._elements[c])
            if n in two_way and self.side.options[c] > 2:
                names[at] = bool(values.named(queries[n].text, self._elements[c].entry.options))
        return {"unit fit": unit, "names an answer": names}


def unit_fit(query: QueryProfile, element: ElementProfile) -> float:
    """1 where units agree, 0.7 where one converts into the other, -1 where it cannot, 0 where either is silent."""
    if query.unit is None or element.unit is None:
        return 0.0
    rule = units.factor(query.unit, element.unit, element.entry.convertible)
    return -1.0 if rule is None else 0.7 if rule else 1.0


def _channel_features(scores: Scores, best: Sequence[Array], row: Array, column: Array) -> dict[str, Array]:
    """Each channel's score, what it is below that channel's best, and the rank among the candidates."""
    out: dict[str, Array] = {}
    for name, found in (*((n, scores.by_name[n]) for n in NAMES), ("blend", scores.blend)):
        values_of = found[row, column]
        out[name] = values_of
        out[f"{name} gap"] = values_of - found.max(axis=1, initial=0)[row]
        out[f"{name} rank"] = np.concatenate([_ranks(found[n, one]) for n, one in enumerate(best)] or [values_of])
    return out


def _ranks(found: Array) -> Array:
    order = np.empty(len(found), np.int64)
    order[np.argsort(-found, kind="stable")] = np.arange(len(found))
    return 1 / (1 + order)


def _class_fit(table: Any, intent: Array, asked: Array, own: Array) -> Array:
    """How well the element's class of answer suits what the wording asks for and, where known, the field's type."""
    by_wording = np.array([[_look_up(table["class"], i, c) for c in CLASSES] for i in INTENTS])
    by_type = np.array([[_look_up(table["typed"], a, c) if a else 0.0 for c in CLASSES] for a in CLASSES])
    fit: Array = np.where(asked == 0, by_wording[intent, own], 0.5 * by_wording[intent, own] + by_type[asked, own])
    return fit


def _look_up(table: Any, row: str, column: str) -> float:
    return float(table[row].get(column, table[row]["*"]))


def _marked(asked: Array, own: Array) -> dict[str, Array]:
    """Qualifiers both say, only one says: counted, and each by itself."""
    only_asked, only_own = asked & ~own & 1, own & ~asked & 1
    out: dict[str, Array] = {
        "qualifiers shared": (asked & own).sum(axis=1),
        "qualifiers unmet": only_asked.sum(axis=1),
        "qualifiers unasked": only_own.sum(axis=1),
    }
    for word, n in QUALIFIERS.items():
        out[f"only asked {word}"] = only_asked[:, n]
        out[f"only own {word}"] = only_own[:, n]
    return out


def _sum(matrix: Any) -> Array:
    found: Array = np.asarray(matrix.sum(axis=1), np.float32).ravel()
    return found


def _max(matrix: Any) -> Array:
    found = matrix.tocsr().max(axis=1)
    return np.asarray(found.todense(), np.float32).ravel()


def _some(total: Array) -> Array:
    """Totals to divide by: 1 where there is nothing."""
    return np.where(total == 0, 1, total)
