"""Weights drawn towards own decisions: they unlearn what is wrong here, and hold on where there is little to learn."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from forms_catalog.learning import adapting, sources
from forms_catalog.learning.adapting import TooFewDecisions
from forms_catalog.learning.examples import Examples, collect
from forms_catalog.matching import Ranker


@cache
def own() -> Examples:
    decided = [one for one in sources.content() if one.held in ("car_registry_eu", "sma_registry", "scd_gt_ltfu")]
    return collect(sources.shipped_catalog(), decided)


def contrary() -> dict[str, Any]:
    """The shipped model with nothing but a linear opinion, which says the opposite."""
    shipped = Ranker().model
    weights = [-w for w in shipped["linear"]["weights"]]
    alone = {"hand": 0.0, "linear": 1.0, "forest": 0.0}
    return {**shipped, "mix": alone, "linear": {**shipped["linear"], "weights": weights}}


def test_a_model_that_is_wrong_here_gets_better_on_decisions_it_did_not_see() -> None:
    told = adapting.before_and_after(own(), contrary())
    assert told["after"]["top1"] > told["before"]["top1"]
    assert told["after"]["mrr"] > told["before"]["mrr"]


def test_only_the_adapted_parts_are_given() -> None:
    found = adapting.adapt(own(), Ranker().model)
    assert set(found) == set(adapting.ADAPTED)
    assert sum(found["mix"].values()) == pytest.approx(1.0, abs=1e-5)


def test_few_decisions_move_the_weights_less_than_many() -> None:
    rows = own().pairs.query < 40
    few = own().of(rows)
    few = Examples(few.pairs, few.right, few.groups[:40], few.answered[:40])
    shipped = np.array(Ranker().model["linear"]["weights"])
    moved = [
        np.abs(np.array(adapting.adapt(one, Ranker().model)["linear"]["weights"]) - shipped).sum()
        for one in (few, own())
    ]
    assert 0 < moved[0] < moved[1]


def test_a_handful_of_decisions_is_refused() -> None:
    rows = own().pairs.query < 10
    few = own().of(rows)
    with pytest.raises(TooFewDecisions, match="10 decisions"):
        adapting.adapt(Examples(few.pairs, few.right, few.groups[:10], few.answered[:10]), Ranker().model)
