"""The duplicates page through HTTP: what it lists, for whom, and that a person's word on a pair stays."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from forms_catalog import duplicates, mapping, seeding
from forms_catalog.models import DuplicateFinding, Mapping
from forms_catalog.tasks import compare_duplicates
from sites.burden import load
from sites.models import TrailEntry
from tests import kept
from tests.forms_catalog.pages.test_requests import signed_in
from tests.releases import decided
from tests.world import AT, NOW, World, build, upload

pytestmark = pytest.mark.django_db
URL = "/mapping/duplicates/"
LATER = replace(AT, simulated_at=NOW + timedelta(hours=1))


def _asked() -> World:
    world = build()
    seeding.load_catalog(actor=AT, reason="test")
    for code in ("car_pass_sponsor", "hemo_sponsor_aav", "car_registry_eu"):
        upload(world, code)
    duplicates.refresh(actor=AT)
    return world


@pytest.fixture
def handed_in(world: World) -> World:
    """A dictionary that nobody compared with another yet."""
    seeding.load_catalog(actor=AT, reason="test")
    upload(world, "car_pass_sponsor")
    return world


@pytest.fixture
def asked(db: None) -> World:
    return kept.once(_asked)


def page(client: Client, **query: str) -> str:
    return client.get(URL, query).content.decode()


def a_pair() -> DuplicateFinding:
    return DuplicateFinding.objects.filter(kind="same", first_program__isnull=False)[0]


def say(client: Client, pair: DuplicateFinding, state: str, reason: str = "seen") -> int:
    sent = {"state": state, "reason": reason, "seen": pair.state}
    return client.post(reverse("duplicate_decide", args=[pair.uuid]), sent).status_code


def test_a_curator_sees_both_asks_and_what_would_unite_them(asked: World) -> None:
    pair = a_pair()
    text = page(signed_in(asked, "cora"), kind="same")
    assert text.index("min a patient and year") > 0
    assert pair.shown["first"]["path"] in text
    assert "What would unite them" in text


def test_a_pair_that_is_put_aside_stays_aside(asked: World) -> None:
    pair, cora = a_pair(), signed_in(asked, "cora")
    assert say(cora, pair, "dismissed", "another event") == 302
    duplicates.refresh(actor=AT)
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by, pair.reason) == ("dismissed", "cora", "another event")
    assert str(pair.uuid) not in page(cora)
    assert str(pair.uuid) in page(cora, state="dismissed")
    assert TrailEntry.objects.filter(action="duplicate_dismissed", reason="another event").count() == 1


def test_a_reason_is_needed(asked: World) -> None:
    pair = a_pair()
    assert say(signed_in(asked, "cora"), pair, "settled", " ") == 422
    pair.refresh_from_db()
    assert pair.state == "open"


def test_the_second_curator_is_told_what_the_first_said(asked: World) -> None:
    pair = a_pair()
    assert say(signed_in(asked, "cora"), pair, "dismissed") == 302
    assert say(signed_in(asked, "dana"), pair, "settled") == 422


def test_a_sponsor_sees_pairs_of_own_programs_only(asked: World) -> None:
    text = page(signed_in(asked, "sam"))
    foreign = DuplicateFinding.objects.exclude(second_program__sponsor__code="company", first_program__isnull=False)
    assert "car_registry_eu" not in text
    assert not [row for row in foreign if str(row.uuid) in text]


def test_what_one_element_answers_is_listed_no_more(asked: World) -> None:
    both = ("car_pass_sponsor", "hemo_sponsor_aav")
    pair = DuplicateFinding.objects.get(shown__first__path="dthdt", shown__second__path="dthdt")
    for code in both:
        spec = next(m for m in decided(code).mappings if m.path == "dthdt")
        mapping.confirm(asked.programs[code], spec, actor=LATER, reason="the same date")
    assert "was decided or handed in since" in page(signed_in(asked, "cora"))
    duplicates.refresh(actor=AT)
    pair.refresh_from_db()
    assert not pair.current


def test_planned_visits_tell_what_a_pair_costs_the_network(asked: World) -> None:
    monday = date(2026, 6, 1)
    programs = ("car_pass_sponsor", "hemo_sponsor_aav", "car_registry_eu")
    load.replace("north", {(code, monday): (40, 1000) for code in programs})
    duplicates.refresh(actor=AT)
    pair = DuplicateFinding.objects.get(shown__first__path="dthdt", shown__second__path="dthdt")
    assert 0 < pair.network <= 40 * 100 * pair.shown["first"]["seconds"]
    assert "min a year in the network" in page(signed_in(asked, "cora"))


def test_the_command_compares_as_the_page_does(asked: World) -> None:
    out = StringIO()
    call_command("find_duplicates", store=True, json=True, stdout=out)
    assert json.loads(out.getvalue()) == {"found": DuplicateFinding.objects.count(), "new": 0, "gone": 0}


def test_a_decision_leads_back_to_the_filtered_list(asked: World) -> None:
    pair = a_pair()
    address = reverse("duplicate_decide", args=[pair.uuid]) + "?kind=same"
    answer = signed_in(asked, "cora").post(address, {"state": "settled", "reason": "one element", "seen": "open"})
    assert answer["Location"] == f"{URL}?kind=same"


def test_comparing_again_changes_nothing_and_merges_nothing(asked: World) -> None:
    before = set(DuplicateFinding.objects.values_list("pair", "score"))
    assert signed_in(asked, "cora").post(reverse("duplicates_find")).status_code == 302
    assert set(DuplicateFinding.objects.values_list("pair", "score")) == before
    assert DuplicateFinding.history.count() == len(before)
    assert not Mapping.objects.exists()


def test_the_page_takes_as_many_queries_for_many_pairs(
    asked: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    cora = signed_in(asked, "cora")
    with django_assert_max_num_queries(15):
        page(cora)


def test_the_worker_compares_once_and_again_a_day_later_where_something_changed(handed_in: World) -> None:
    assert duplicates.due(timezone.now())
    compare_duplicates()
    compared = duplicates.compared_at()
    assert compared
    assert TrailEntry.objects.get(action="find_duplicates").actor == "system:compare_duplicates"
    assert not duplicates.due(compared + timedelta(days=2))
    spec = next(m for m in decided("car_pass_sponsor").mappings if m.path == "dthdt")
    late = replace(AT, simulated_at=compared + timedelta(minutes=1))
    mapping.confirm(handed_in.programs["car_pass_sponsor"], spec, actor=late, reason="a date")
    assert not duplicates.due(compared + timedelta(hours=23))
    assert duplicates.due(compared + timedelta(days=1))


def test_what_is_too_much_for_the_worker_is_left_to_the_command(
    handed_in: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "MOST_AT_ONCE", 1)
    assert not duplicates.due(timezone.now())


def test_nothing_is_compared_where_nothing_was_handed_in(world: World) -> None:
    assert not duplicates.due(timezone.now())


def test_nothing_to_show_says_what_to_do(world: World) -> None:
    assert "No pair here" in page(signed_in(world, "cora"))
