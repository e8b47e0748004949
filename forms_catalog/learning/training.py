"""Learning, the whole step: examples in, the model file out, with the figures of a cross-validation beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from forms_catalog.learning import cross_validation, fitting, measuring
from forms_catalog.learning.cross_validation import Progress, Tops, merged
from forms_catalog.learning.examples import Decided, Examples, collect, one_remembered, together
from forms_catalog.matching import CatalogEntry, tables
from forms_catalog.matching.ranking import Ranker

CONTENT_WEIGHT = 2.0  # few decisions, but they alone have units, options and types
REMEMBERED_WEIGHT = 0.15  # more of it ranks other requests worse: .5 took one point of top-1


@dataclass(frozen=True)
class Named:
    """Examples with the name and the number of folds their figures are given under, and what they were made of."""

    name: str
    examples: Examples
    folds: int
    catalog: Sequence[CatalogEntry]
    decided: Sequence[Decided]


def of_files(name: str, catalog: Sequence[CatalogEntry], decided: Sequence[Decided]) -> list[Named]:
    """A catalog's decided requests as they are, and those that are left when one wording of each element is remembered;
    in five folds by element."""
    known, others = one_remembered(decided)
    read = tables.read(catalog)
    found = [Named(name, collect(catalog, decided, tables=read), cross_validation.FOLDS, catalog, decided)]
    if len(others) >= cross_validation.FOLDS:
        told = collect(catalog, others, REMEMBERED_WEIGHT, known, read)
        found.append(Named(f"{name}, one wording remembered", told, cross_validation.FOLDS, catalog, others))
    return found


def of_programs(catalog: Sequence[CatalogEntry], decided: Sequence[Decided]) -> Named:
    """The shipped programs; each is held out as a whole."""
    examples = collect(catalog, decided, CONTENT_WEIGHT)
    return Named("shipped programs, each left out in turn", examples, len(set(examples.groups)), catalog, decided)


@dataclass(frozen=True)
class Trained:
    """The model file, the figures of each set, and its requests whose element did not come first while held out."""

    model: dict[str, Any]
    figures: list[dict[str, Any]]
    misses: list[dict[str, Any]]


def train(sets: Sequence[Named], say: Progress = lambda _: None) -> Trained:
    """Ranking figures, misses and confidence come from models that did not see the request's target; the model itself
    from all examples."""
    examples = [one.examples for one in sets]
    ranks = cross_validation.out_of_fold(examples, [one.folds for one in sets], say)
    present = [cross_validation.tops(one, found) for one, found in zip(examples, ranks, strict=True)]
    absent = [cross_validation.tops(one, found, removed=True) for one, found in zip(examples, ranks, strict=True)]
    both = [merged(pair) for pair in zip(present, absent, strict=True)]
    say("the model itself")
    model = fitting.fit(*together(examples))
    model["confidence"] = cross_validation.confidence(both)
    figures = [
        figures_of(one, found, here, gone, [t for n, t in enumerate(both) if n != at])
        for at, (one, found, here, gone) in enumerate(zip(sets, ranks, present, absent, strict=True))
    ]
    return Trained(
        model, figures, [miss for one, found in zip(sets, ranks, strict=True) for miss in misses(one, found)]
    )


def misses(one: Named, ranks: Any) -> Iterator[dict[str, Any]]:
    """The requests of a set whose element does not come first: the place it has (0 = no candidate), what came first."""
    pairs, answered = one.examples.pairs, one.examples.answered
    place = measuring.places(pairs.query, ranks, one.examples.right, len(answered))
    starts = pairs.starts().tolist()
    labels = {entry.id: entry.label for entry in one.catalog}
    for start, end in zip(starts, [*starts[1:], len(ranks)], strict=True):
        row = int(pairs.query[start])
        if answered[row] and place[row] != 1:
            first = one.catalog[int(pairs.element[start + int(np.argmax(ranks[start:end]))])]
            yield {
                "set": one.name,
                "row": row,
                "label": one.decided[row].query.label,
                "place": int(place[row]) if place[row] != measuring.NOT_FOUND else 0,
                "first": {"id": first.id, "label": first.label},
                "right": [{"id": id, "label": labels.get(id, "")} for id in sorted(one.decided[row].targets)],
            }


def figures_of(one: Named, ranks: Any, here: Tops, gone: Tops, beside: Sequence[Tops] = ()) -> dict[str, Any]:
    """What cross-validated `ranks` of one set are worth: top-1 and so on beside the hand-set weights; how well
    confidence tells requests whose element is there from those where it was removed and from those that never had one;
    how true it is."""
    pairs, right, answered = one.examples.pairs, one.examples.right, one.examples.answered
    by_hand = Ranker(model={}).by_hand(pairs)
    both = merged([here, gone])
    sure = cross_validation.sure_out_of_fold(both, beside)
    came = np.array(both.right)
    cut, hits, taken = measuring.band(sure, came, 0.98)
    table = measuring.reliability(sure, came)
    there, has = sure[: len(here.rows)], answered[here.rows]
    return {
        "set": one.name,
        "by hand": asdict(measuring.ranked(measuring.places(pairs.query, by_hand, right, len(answered))[answered])),
        "trained": asdict(measuring.ranked(measuring.places(pairs.query, ranks, right, len(answered))[answered])),
        "removed auc": measuring.auc(there[has].tolist(), sure[len(here.rows) :].tolist()),
        "nothing fits": int((~has).sum()),
        "nothing fits auc": measuring.auc(there[has].tolist(), there[~has].tolist()),
        "calibration error": measuring.expected_calibration_error(table),
        "reliability": [asdict(row) for row in table],
        "band .98": {"cut": cut, "right": hits, "accepted": taken, "wilson": measuring.wilson(hits, taken)},
    }
