"""Learning, step 2: the linear model, the forest and the confidence, fitted to examples; the same examples give the
same model to the last digit (fixed seeds, one thread)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize

from forms_catalog.matching.pairs import Pairs
from forms_catalog.matching.ranking import CROSSED, Ranker, matrix
from forms_catalog.matching.traits import Array

CATEGORIES = ("intent", "own class", "asked class")
SHRINK, ROUNDS = 2e-3, 200
MIX = {"hand": 0.1, "linear": 0.3, "forest": 0.6}
TREES, SEED = 250, 1
GROWING = {
    "objective": "lambdarank",
    "num_leaves": 15,
    "learning_rate": 0.05,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "lambdarank_truncation_level": 10,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


class TrainingUnavailable(Exception):
    """LightGBM cannot be loaded here; the message says what is missing. Matching needs it nowhere."""


def fit(pairs: Pairs, right: Array, weight: Array, seed: int = SEED) -> dict[str, Any]:
    """The model file's `linear`, `forest` and `mix`, from candidate pairs with the right ones marked."""
    pairs.features["hand"] = Ranker(model={}).by_hand(pairs)
    return {
        "mix": dict(MIX),
        "linear": linear(pairs, right, weight),
        "forest": forest(pairs, right, weight, seed),
    }


def linear(pairs: Pairs, right: Array, weight: Array) -> dict[str, Any]:
    """A listwise softmax over each query's candidates, shrunk towards zero; intents crossed with value classes."""
    names = sorted(n for n in pairs.features if n not in CATEGORIES)
    plain = matrix(pairs, names)
    mean, scale = plain.mean(axis=0), plain.std(axis=0)
    scale[scale < 1e-6] = 1.0
    columns = np.hstack([(plain - mean) / scale, _crossed(pairs)])
    found = softmax(columns, pairs, right, weight, np.zeros(columns.shape[1]), SHRINK)
    return _linear(names, _short(mean), _short(scale), found)


def drawn(table: Mapping[str, Any], pairs: Pairs, right: Array, weight: Array, pull: float) -> dict[str, Any]:
    """A linear model that there is, drawn towards other examples; `pull` is how much it holds on to its weights."""
    names = table["features"]
    plain = (matrix(pairs, names) - np.array(table["mean"])) / np.array(table["scale"])
    start = np.r_[np.array(table["weights"]), np.array(table["crossed"]).ravel()]
    found = softmax(np.hstack([plain, _crossed(pairs)]), pairs, right, weight, start, pull)
    return _linear(names, table["mean"], table["scale"], found)


def _crossed(pairs: Pairs) -> Array:
    columns = np.zeros((len(pairs.query), CROSSED[0] * CROSSED[1]))
    place = pairs.features["intent"] * CROSSED[1] + pairs.features["own class"]
    columns[np.arange(len(columns)), place.astype(int)] = 1.0
    return columns


def _linear(names: Sequence[str], mean: list[float], scale: list[float], found: Array) -> dict[str, Any]:
    return {
        "features": list(names),
        "mean": mean,
        "scale": scale,
        "weights": _short(found[: len(names)]),
        "crossed": [_short(row) for row in found[len(names) :].reshape(CROSSED)],
    }


def softmax(columns: Array, pairs: Pairs, right: Array, weight: Array, start: Array, shrink: float) -> Array:
    """Weights of `columns` under which the right candidate of each query is the likeliest, not far from `start`."""
    starts = pairs.starts()
    answered = np.repeat(np.add.reduceat(right.astype(float), starts) > 0, np.diff(np.r_[starts, len(right)]))
    columns, hits, query = columns[answered], right[answered].astype(float), pairs.query[answered]
    starts = np.flatnonzero(np.r_[True, query[1:] != query[:-1]])
    group = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(query)]))
    each = weight[answered][starts] / weight[answered][starts].sum()

    def loss(weights: Array) -> tuple[float, Array]:
        score, moved = columns @ weights, weights - start
        raised = np.exp(score - np.maximum.reduceat(score, starts)[group])
        share = raised / np.add.reduceat(raised, starts)[group]
        reached = np.add.reduceat(share * hits, starts)
        pull = share - share * hits / np.maximum(reached, 1e-12)[group]
        slope = columns.T @ (pull * each[group]) + shrink * moved
        return float(-(np.log(reached + 1e-12) * each).sum() + shrink * (moved @ moved) / 2), slope

    found: Array = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x
    return found


def forest(pairs: Pairs, right: Array, weight: Array, seed: int) -> dict[str, Any]:
    """LambdaRank trees (LightGBM) as plain arrays; see matching.trees. Raises TrainingUnavailable."""
    try:
        import lightgbm
    except (ImportError, OSError) as error:  # OSError: the system lacks libgomp
        raise TrainingUnavailable(f"LightGBM cannot be loaded: {error}. Install lightgbm and libgomp1.") from error
    names = sorted(pairs.features)
    counts = np.diff(np.r_[pairs.starts(), len(right)])
    found = lightgbm.Dataset(matrix(pairs, names), label=right.astype(int), group=counts, weight=weight)
    grown = lightgbm.train({**GROWING, "seed": seed}, found, TREES)
    trees = [_tree(tree["tree_structure"]) for tree in grown.dump_model()["tree_info"]]
    return {"features": names, "trees": trees}


def _tree(root: Mapping[str, Any]) -> dict[str, list[Any]]:
    """LightGBM's nested nodes as rows; the root is row 0."""
    out: dict[str, list[Any]] = {name: [] for name in ("feature", "threshold", "left", "right", "value")}

    def add(node: Mapping[str, Any]) -> int:
        at = len(out["feature"])
        leaf = "leaf_value" in node
        row = (-1, 0.0, 0, 0, node["leaf_value"]) if leaf else (node["split_feature"], node["threshold"], 0, 0, 0.0)
        for name, value in zip(out, row, strict=True):
            out[name].append(value)
        if not leaf:
            out["left"][at], out["right"][at] = add(node["left_child"]), add(node["right_child"])
        return at

    add(root)
    return out


def confidence(
    summaries: Sequence[Mapping[str, float]],
    right: Sequence[bool],
    weight: Sequence[float] | None = None,
    shrink: float = 1e-2,
) -> dict[str, float]:
    """Weights of a logistic regression: how likely the best candidate is right, from `ranking.summarise`. `weight` says
    what each example counts (default: all the same)."""
    names = sorted(summaries[0])
    columns = np.array([[one[name] for name in names] for one in summaries])
    mean, scale = columns.mean(axis=0), columns.std(axis=0)
    constant = scale < 1e-9
    mean[constant], scale[constant] = 0.0, 1.0
    scaled, hits = (columns - mean) / scale, np.array(right, float)
    each = np.ones(len(hits)) if weight is None else np.array(weight, float)
    each = each / each.sum()

    def loss(weights: Array) -> tuple[float, Array]:
        score = scaled @ weights
        value = each @ (np.logaddexp(0, score) - hits * score) + shrink * (weights @ weights) / 2
        slope = scaled.T @ (each * (1 / (1 + np.exp(-score)) - hits)) + shrink * weights
        return float(value), slope

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x
    plain = found / scale
    out = {name: float(f"{weight:.6g}") for name, weight in zip(names, plain, strict=True)}
    out["one"] = float(f"{out.get('one', 0.0) - float(mean @ plain):.6g}")
    return out


def _short(values: Array) -> list[float]:
    return [float(f"{value:.7g}") for value in values]
