"""What people decided here draws the matcher's weights; it says what that is worth before it counts."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from forms_catalog import proposing, retraining
from forms_catalog.learning.adapting import TooFewDecisions
from forms_catalog.matching import Ranker
from forms_catalog.models import Mapping, TrainedMatcher
from sites.models import TrailEntry
from sites.trail import ReasonMissing
from tests.world import AT, World

pytestmark = pytest.mark.django_db
HELD = {"before": {"top1": 0.9, "top5": 1.0, "mrr": 0.95}, "after": {"top1": 0.9, "top5": 1.0, "mrr": 0.95}}


def found(**after: float) -> retraining.Retrained:
    model = {"mix": {"hand": 1.0, "linear": 0.0, "forest": 0.0}}
    return retraining.Retrained({**HELD, "after": {**HELD["after"], **after}}, model)


def test_own_decisions_are_learnt_from_and_measured_on_programs_held_out(car_world: World) -> None:
    out = StringIO()
    call_command("retrain_matcher", dry_run=True, json=True, stdout=out)
    told = json.loads(out.getvalue())
    people = Mapping.objects.filter(state="confirmed", by_machine=False)
    assert told["decisions"] + told["nothing fits"] == people.count()
    assert told["held out"] == "3 groups in 3 folds"
    assert told["before"]["top1"] > 0.9
    assert told["after"]["top1"] > 0.9
    assert TrainedMatcher.objects.count() == 0


def test_nothing_is_learnt_where_nobody_decided(world: World) -> None:
    with pytest.raises(TooFewDecisions, match="Nobody"):
        retraining.retrain()
    with pytest.raises(CommandError) as error:
        call_command("retrain_matcher", reason="first try")
    assert error.value.returncode == 2


def test_what_is_taken_counts_from_then_on_and_says_who_and_why(world: World) -> None:
    row = retraining.take(found(top1=0.95), actor=AT, reason="Two of our programs were live.")
    assert retraining.ranker().model["mix"]["hand"] == 1.0
    entry = TrailEntry.objects.get(subject=f"matcher:{row.uuid}")
    assert (entry.actor, entry.reason) == (AT.name, "Two of our programs were live.")
    assert entry.details["after"]["top1"] == 0.95


def test_the_shipped_weights_can_be_taken_back(world: World) -> None:
    retraining.take(found(), actor=AT, reason="a try")
    call_command("retrain_matcher", shipped=True, reason="It ranked worse.", stdout=StringIO())
    assert retraining.ranker().model == Ranker().model
    assert TrainedMatcher.objects.count() == 2


def test_weights_of_an_older_shipped_model_do_not_count(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    retraining.take(found(), actor=AT, reason="a try")
    monkeypatch.setattr(retraining, "shipped_digest", lambda: "another")
    assert retraining.ranker().model == Ranker().model


def test_no_reason_nothing_taken(world: World) -> None:
    with pytest.raises(ReasonMissing):
        retraining.take(found(), actor=AT, reason=" ")
    with pytest.raises(CommandError) as error:
        call_command("retrain_matcher")
    assert error.value.returncode == 2


@pytest.mark.parametrize(
    ("after", "better"),
    [({}, False), ({"top1": 0.91}, True), ({"top5": 0.99}, False), ({"mrr": 0.96}, True), ({"top1": 0.8}, False)],
)
def test_only_better_weights_are_taken(after: dict[str, float], better: bool) -> None:
    assert found(**after).better is better


def test_proposing_asks_the_weights_in_use(car_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Ranker] = []
    own = retraining.ranker

    def ranker() -> Ranker:
        asked.append(own())
        return asked[-1]

    monkeypatch.setattr(retraining, "ranker", ranker)
    proposing.propose(car_world.versions["car_pass_sponsor"], actor=AT)
    assert len(asked) == 1
