"""Learning, the whole step: examples in, the model file out, with the figures of a cross-validation beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from forms_catalog.learning import cross_validation, fitting, measuring
from forms_catalog.learning.cross_validation import Progress, Tops
from forms_catalog.learning.examples import Examples, together
from forms_catalog.matching.ranking import Ranker


@dataclass(frozen=True)
class Named:
    """Examples with the name and the number of folds their figures are given under."""

    name: str
    examples: Examples
    folds: int


def train(sets: Sequence[Named], say: Progress = lambda _: None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(model file, figures a set). Ranking figures and confidence come from models that did not see the request's
    target; the model itself from all examples."""
    examples = [one.examples for one in sets]
    ranks = cross_validation.out_of_fold(examples, [one.folds for one in sets], say)
    present = [cross_validation.tops(one, found) for one, found in zip(examples, ranks, strict=True)]
    absent = [cross_validation.tops(one, found, removed=True) for one, found in zip(examples, ranks, strict=True)]
    say("the model itself")
    model = fitting.fit(*together(examples))
    model["confidence"] = cross_validation.confidence([*present, *absent])
    figures = [
        _figures(one, found, here, gone, [t for n, t in enumerate([*present, *absent]) if n % len(sets) != at])
        for at, (one, found, here, gone) in enumerate(zip(sets, ranks, present, absent, strict=True))
    ]
    return model, figures


def _figures(one: Named, ranks: Any, here: Tops, gone: Tops, beside: Sequence[Tops]) -> dict[str, Any]:
    """Top-1 and so on beside the hand-set weights; how well confidence tells match from none; how true it is."""
    pairs, right, asked = one.examples.pairs, one.examples.right, one.examples.asked
    by_hand = Ranker(model={}).by_hand(pairs)
    both = Tops(here.summaries + gone.summaries, here.right + gone.right, here.rows + gone.rows)
    sure = cross_validation.sure_out_of_fold(both, one.examples.groups, beside)
    came = np.array(both.right)
    cut, hits, taken = measuring.band(sure, came, 0.98)
    table = measuring.reliability(sure, came)
    split = len(here.rows)
    return {
        "set": one.name,
        "by hand": asdict(measuring.ranked(measuring.places(pairs.query, by_hand, right, asked))),
        "trained": asdict(measuring.ranked(measuring.places(pairs.query, ranks, right, asked))),
        "no-match auc": measuring.auc(sure[:split].tolist(), sure[split:].tolist()),
        "calibration error": measuring.expected_calibration_error(table),
        "reliability": [asdict(row) for row in table],
        "band .98": {"cut": cut, "right": hits, "accepted": taken, "wilson": measuring.wilson(hits, taken)},
    }
