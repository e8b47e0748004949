"""Learning, step 7: the shipped model drawn towards one installation's own decisions, and what that is worth there.

The forest stays as shipped: a few hundred decisions grow no trees. Adapted are the linear opinion, how the opinions are
mixed, and how sure the model says it is; all hold on to what they were, the more the fewer decisions there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from scipy.optimize import minimize

from forms_catalog.learning import cross_validation, fitting, measuring
from forms_catalog.learning.cross_validation import Tops, folds, merged
from forms_catalog.learning.examples import Examples
from forms_catalog.matching.ranking import Ranker, spread
from forms_catalog.matching.traits import Array

LEAST = 30  # decisions with an element; fewer say nothing
FOLDS = 5
PULL = 20.0  # decisions that weigh as much as the shipped weights
OPINIONS = ("hand", "linear", "forest")
ADAPTED = ("linear", "mix", "confidence")


class TooFewDecisions(Exception):
    """There are fewer own decisions than can be learnt from; the message says how many."""


def adapt(own: Examples, shipped: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of the model that change (ADAPTED), from own decisions. Raises TooFewDecisions."""
    if own.answered.sum() < LEAST:
        raise TooFewDecisions(f"{own.answered.sum()} decisions name an element; {LEAST} are the least to learn from.")
    pull = PULL / float(own.answered.sum())
    weight = np.ones(len(own.right))
    own.pairs.features["hand"] = Ranker(model={}).by_hand(own.pairs)
    linear = fitting.drawn(shipped["linear"], own.pairs, own.right, weight, pull)
    mix = _mix({**shipped, "linear": linear}, own, pull)
    return {"linear": linear, "mix": mix, "confidence": _confidence({**shipped, "linear": linear, "mix": mix}, own)}


def _mix(model: Mapping[str, Any], own: Examples, pull: float) -> dict[str, float]:
    """The weights of the opinions. They are learnt on what the linear opinion was drawn to, so they move little."""
    ranker = Ranker(model=model)
    opinions = (ranker.by_hand(own.pairs), ranker.linear(own.pairs), ranker.forest(own.pairs))
    columns = np.stack([spread(found, own.pairs) for found in opinions], axis=1)
    start = np.array([model["mix"][name] for name in OPINIONS])
    found = fitting.softmax(columns, own.pairs, own.right, np.ones(len(own.right)), start, 10 * pull)
    kept = np.maximum(found, 0.0)
    return {name: float(f"{share:.6g}") for name, share in zip(OPINIONS, kept / kept.sum(), strict=True)}


def _confidence(model: Mapping[str, Any], own: Examples) -> dict[str, float]:
    """Confidence made surer or less sure by two numbers, so that it says what came true here (Platt 1999)."""
    ranks = Ranker(model=model).ranks(own.pairs)
    told = merged([cross_validation.tops(own, ranks), cross_validation.tops(own, ranks, removed=True)])
    weights = model["confidence"]
    said = np.array([sum(weights.get(name, 0.0) * value for name, value in one.items()) for one in told.summaries])
    hits, each = np.array(told.right, float), 1 / len(told.right)
    pull = PULL / len(told.right)

    def loss(two: Array) -> tuple[float, Array]:
        score = two[0] * said + two[1]
        value = each * float((np.logaddexp(0, score) - hits * score).sum()) + pull * float(
            (two[0] - 1) ** 2 + two[1] ** 2
        )
        off = each * (1 / (1 + np.exp(-score)) - hits)
        return value, np.array([off @ said + 2 * pull * (two[0] - 1), off.sum() + 2 * pull * two[1]])

    slope, height = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B").x
    found = {name: slope * weight for name, weight in weights.items()}
    found["one"] = found.get("one", 0.0) + height
    return {name: float(f"{weight:.6g}") for name, weight in found.items()}


def before_and_after(own: Examples, shipped: Mapping[str, Any]) -> dict[str, Any]:
    """What the shipped and the adapted model are worth on own decisions that the adapted one did not see: held out in
    folds by `own.groups`. Raises TooFewDecisions."""
    part = folds(own.groups, FOLDS)
    before, after = np.zeros(len(own.right)), np.zeros(len(own.right))
    sure: dict[str, list[tuple[float, bool]]] = {"before": [], "after": []}
    for fold in sorted(set(part.tolist())):
        held = part[own.pairs.query] == fold
        test = own.of(held)
        model = {**shipped, **adapt(_less(own, part != fold), shipped)}
        for name, ranker, ranks in (("before", Ranker(model=shipped), before), ("after", Ranker(model=model), after)):
            ranks[held] = ranker.ranks(test.pairs)
            sure[name] += _said(ranker, test, ranks[held])
    return {
        "decisions": int(own.answered.sum()),
        "nothing fits": int((~own.answered).sum()),
        "held out": f"{len(set(own.groups))} groups in {len(set(part.tolist()))} folds",
        **{name: _figures(own, ranks, sure[name]) for name, ranks in (("before", before), ("after", after))},
    }


def _less(own: Examples, kept: Array) -> Examples:
    """The examples of the requests that `kept` (a mask of requests) keeps."""
    found = own.of(kept[own.pairs.query])
    return Examples(found.pairs, found.right, own.groups, own.answered & kept, own.weight)


def _said(ranker: Ranker, test: Examples, ranks: Array) -> list[tuple[float, bool]]:
    found: Tops = merged([cross_validation.tops(test, ranks), cross_validation.tops(test, ranks, removed=True)])
    return [(ranker.sure(one), right) for one, right in zip(found.summaries, found.right, strict=True)]


def _figures(own: Examples, ranks: Array, sure: list[tuple[float, bool]]) -> dict[str, float]:
    place = measuring.places(own.pairs.query, ranks, own.right, len(own.groups))[own.answered]
    said, came = np.array([one for one, _ in sure]), np.array([right for _, right in sure])
    error = measuring.expected_calibration_error(measuring.reliability(said, came))
    return {**asdict(measuring.ranked(place)), "calibration error": round(error, 4)}
