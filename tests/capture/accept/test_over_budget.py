"""A request that takes a site over its weekly budget is named before it is accepted, and accepted only knowingly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from capture.accept import accepting
from capture.accept.accepting import AcceptError
from capture.models import Acceptance, Estimate
from capture.plan import load_periods
from forms_catalog import loading, seeding
from sites import budgets
from sites.models import TrailEntry
from sites.trail import Actor
from tests import kept
from tests import world as cast
from tests.releases import CAR

pytestmark = pytest.mark.django_db
PROGRAM = "car_pass_sponsor"


def build() -> cast.World:
    world = cast.build()
    seeding.load_catalog(actor=cast.AT, reason="test")
    cast.joined(world, *CAR)
    cast.accept(world, "car_registry_na")
    cast.upload(world, PROGRAM)
    loading.load_decisions(world.programs[PROGRAM], actor=cast.AT)
    cast.patient(world, "NRT-0001", *CAR, infused=cast.TODAY - timedelta(days=40))
    load_periods.rebuild(world.north, today=cast.TODAY)
    return world


@pytest.fixture
def world(db: None) -> cast.World:
    return kept.once(build)


def estimate(world: cast.World, budget: int | None) -> Estimate:
    if budget is not None:
        first = cast.TODAY - timedelta(days=7)
        budgets.put(world.north, minutes_week=budget, valid_from=first, actor=cast.AT, reason="the team's time")
    version = world.versions[PROGRAM]
    return accepting.estimate(version, [world.north, world.south], actor=cast.AT, today=cast.TODAY)


def admin(world: cast.World) -> Actor:
    return world.actor("dana", "admin")


def test_a_site_that_would_pass_its_budget_is_named_with_what_it_needs_now_and_then(world: cast.World) -> None:
    over = estimate(world, budget=1).result["over_budget"]
    assert [(o["site"], o["budget"]) for o in over] == [("north", 1)]
    hours = estimate(world, None).result["hours_per_site_year"]["north"]["mid"]
    assert over[0]["then"] == pytest.approx(over[0]["now"] + hours * 60 / 52, abs=0.1)
    assert over[0]["now"] > 0


def test_a_site_with_room_or_without_a_budget_is_not_named(world: cast.World) -> None:
    assert estimate(world, None).result["over_budget"] == []
    assert estimate(world, budget=600).result["over_budget"] == []


def test_over_the_budget_it_is_accepted_only_by_somebody_who_says_so(world: cast.World) -> None:
    made = estimate(world, budget=1)
    with pytest.raises(AcceptError, match="North Hospital"):
        accepting.accept(made, actor=admin(world), reason="we need it")
    accepting.accept(made, actor=admin(world), reason="we hire somebody", over_budget_seen=True)
    assert TrailEntry.objects.get(action="accept", reason="we hire somebody").details["over_budget"] is True


def test_the_admin_asks_the_sponsor_to_trim_and_both_see_what_for(
    world: cast.World, client: Client, django_user_model: object
) -> None:
    made = estimate(world, budget=1)
    client.force_login(world.people["dana"])
    page = reverse("request_cost", args=[PROGRAM])
    first = made.result["suggestions"][0]["change"]
    body = client.get(page).content.decode()
    assert "Sites over their budget" in body
    answer = {"estimate": str(made.uuid), "decision": "trim", "reason": "too much for North", "trim": ["0"]}
    client.post(reverse("request_decide", args=[PROGRAM]), answer)
    kept_row = Acceptance.objects.get(estimate=made)
    assert (kept_row.accepted, kept_row.reason) == (False, "too much for North")
    assert [t.startswith(first) for t in kept_row.trims] == [True]
    client.force_login(world.people["sam"])
    told = client.get(page).content.decode()
    assert "to be trimmed" in told
    assert "Ask the sponsor to trim" not in told


def test_nothing_chosen_is_no_trim(world: cast.World) -> None:
    made = estimate(world, None)
    with pytest.raises(AcceptError, match="Choose at least one"):
        accepting.ask_to_trim(made, [99], actor=admin(world), reason="less please")
    assert not Acceptance.objects.filter(estimate=made).exists()
