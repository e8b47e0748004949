"""The weekly budget: set with a reason, kept with its history, held from its week on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from sites import budgets
from sites.burden import totals
from sites.models import Budget, TrailEntry
from sites.trail import ReasonMissing
from tests.world import World

URL = "/burden/sites/north/budget/"
DAY = date(2026, 6, 3)


def put(world: World, minutes: int, day: date = DAY, reason: str = "agreed with the head nurse") -> Budget:
    return budgets.put(
        world.north, minutes_week=minutes, valid_from=day, actor=world.actor("bob", "site_manager"), reason=reason
    )


def test_a_manager_sets_the_budget_on_the_page(world: World) -> None:
    client = Client()
    client.force_login(world.bob)
    posted = {"minutes_week": 600, "valid_from": "2026-06-03", "reason": "two coordinators"}
    assert client.post(URL, posted, follow=True).redirect_chain == [("/burden/sites/north/", 302)]
    entry = TrailEntry.objects.get(action="set_budget")
    assert (entry.actor, entry.role, entry.reason) == ("bob", "site_manager", "two coordinators")


def test_a_form_without_a_reason_is_refused_in_place(world: World) -> None:
    client = Client()
    client.force_login(world.bob)
    response = client.post(URL, {"minutes_week": 600, "valid_from": "2026-06-03", "reason": " "})
    assert response.status_code == 422
    assert not Budget.objects.exists()


def test_the_gateway_refuses_a_blank_reason_and_impossible_minutes(world: World) -> None:
    with pytest.raises(ReasonMissing):
        put(world, 60, reason="  ")
    with pytest.raises(budgets.BudgetError, match="10081 minutes a week is not possible"):
        put(world, 10_081)
    assert not Budget.objects.exists()


def test_the_same_day_again_replaces_the_figure_and_keeps_the_old_one(world: World) -> None:
    put(world, 600)
    row = put(world, 300, reason="one left")
    assert Budget.objects.get().minutes_week == 300
    assert [(h.minutes_week, h.history_change_reason) for h in row.history.all()] == [
        (300, "one left"),
        (600, "agreed with the head nurse"),
    ]


def test_a_budget_holds_from_the_week_of_its_day(world: World) -> None:
    put(world, 600)
    rows = totals.budgets_of([world.north])[world.north.pk]
    monday = DAY - timedelta(days=2)
    assert totals.budget_on(rows, monday) == 600
    assert totals.budget_on(rows, monday - timedelta(days=7)) is None
