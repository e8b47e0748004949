"""The page "How minutes are estimated": defaults with sources, what was measured, what holds now; CSV."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from html import unescape
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from sites.burden import prices, profiles
from sites.burden.assumptions import ASSUMPTIONS
from sites.models import CostProfile, Site
from tests.sites.test_burden_pages import page, words
from tests.world import World

URL = "/burden/sites/north/costs/"
AT = datetime(2026, 6, 1, tzinfo=UTC)


def put(site: Site, kind: str, mean: int, n: int = 40, measured: int | None = None, at: datetime = AT) -> None:
    """One row as a calibration writes it."""
    CostProfile.objects.create(
        site=site,
        answer_kind=kind,
        n=n,
        mean_centiseconds=mean,
        measured_centiseconds=measured,
        low_centiseconds=mean // 2,
        high_centiseconds=mean * 2,
        measured_at=at,
    )


@pytest.fixture
def measured(world: World) -> World:
    """North was calibrated twice: choices take 21 s now, a usual visit 20 minutes."""
    put(world.north, "choice", 9_900, at=AT - timedelta(days=7))
    put(world.north, "choice", 2_100, measured=2_345)
    put(world.north, "one_visit", 120_000, n=12)
    put(world.north, "many_visits", 120_000, n=12)
    return world


def test_before_the_first_calibration_the_assumptions_hold(world: World) -> None:
    text = unescape(words(page(world, "bob", URL)))
    assert "Nothing was calibrated yet" in text
    for assumed in ASSUMPTIONS:
        assert assumed.name in text
        assert assumed.source in text
    assert profiles.of_site(world.north).prices == prices.ASSUMED


def test_what_was_measured_last_stands_beside_the_assumption(measured: World) -> None:
    text = words(page(measured, "bob", URL))
    assert "A choice, a date or a number 15 s 10 to 20 23.4 s 40 asks 21.0 s 10.5 to 42.0" in text
    assert "12 timed visits count here, calibrated 1 Jun 2026" in text
    assert "20.0 min a usual visit; four of five take 10.0 to 40.0 min" in text
    assert profiles.of_site(measured.north).prices.question("choice", 1500) == 2_100


def test_too_few_visits_of_a_site_are_not_stated_alone(measured: World) -> None:
    put(measured.north, "text", 8_000, n=2)
    assert "Free text 90 s 60 to 180 too few 2 asks 80.0 s" in words(page(measured, "bob", URL))


def test_one_question_is_worked_out(measured: World) -> None:
    put(measured.north, "effort", 80, n=900, measured=70)
    assert "60 × 0.80 = 48.0 s here" in words(page(measured, "bob", URL))


def test_it_comes_as_csv(measured: World) -> None:
    found = {r["name"]: r for r in csv.DictReader(StringIO(page(measured, "bob", f"{URL}?format=csv")))}
    assert len(found) == len(ASSUMPTIONS)
    row = found["A choice, a date or a number"]
    assert (row["default"], row["measured"], row["now"], row["now_high"]) == ("15", "23.45", "21.0", "42.0")
    assert found["One query"]["now"] == "5"


def test_another_sites_people_do_not_see_it(measured: World) -> None:
    page(measured, "charlie", URL, 404)


def test_it_takes_a_fixed_number_of_queries(measured: World, django_assert_max_num_queries: Any) -> None:
    for week in range(30):
        put(measured.north, "choice", 2_000, at=AT - timedelta(weeks=week + 2))
    client = Client()
    client.force_login(measured.people["bob"])
    with django_assert_max_num_queries(9):
        assert client.get(URL).status_code == 200
