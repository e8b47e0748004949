"""Training twice gives the same model, and what it gives ranks as LightGBM itself would."""

from __future__ import annotations

import lightgbm
import numpy as np

from forms_catalog.learning import fitting
from forms_catalog.matching.pairs import Pairs
from forms_catalog.matching.trees import Forest


def examples() -> tuple[Pairs, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    query = np.repeat(np.arange(60), 10)
    features = {name: rng.normal(size=600) for name in ("a", "b")}
    best = features["a"] + 0.5 * features["b"]
    right = np.array([best[i] == best[query == query[i]].max() for i in range(600)])
    return Pairs(query, np.arange(600), features), right, np.ones(600)


def test_the_same_examples_grow_the_same_forest() -> None:
    assert fitting.forest(*examples(), seed=1) == fitting.forest(*examples(), seed=1)


def test_the_arrays_say_what_the_library_says() -> None:
    pairs, right, weight = examples()
    columns = np.stack([pairs.features["a"], pairs.features["b"]], axis=1)
    data = lightgbm.Dataset(columns, label=right.astype(int), group=np.full(60, 10), weight=weight)
    theirs = lightgbm.train({**fitting.GROWING, "seed": 1}, data, fitting.TREES).predict(columns)
    ours = Forest.read(fitting.forest(pairs, right, weight, seed=1)).score(columns)
    assert np.allclose(ours, theirs)


def test_confidence_learns_which_sign_tells_right_from_wrong() -> None:
    told = [{"one": 1.0, "sign": float(n % 2), "noise": float(n % 3)} for n in range(60)]
    weights = fitting.confidence(told, [n % 2 == 1 for n in range(60)])
    assert weights["sign"] > 1
    assert abs(weights["noise"]) < 0.2
