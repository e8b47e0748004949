"""The pages of a newer form: banner, what would change, the move, values without a place; within few queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from capture.ask.facts import Entry
from capture.models import Patient, SetAsideValue, Visit
from forms_catalog import publishing
from tests.capture.enter import newer
from tests.world import World, visit_on

pytestmark = pytest.mark.django_db
BUDGET = 25


@pytest.fixture
def begun(car_world: World) -> Visit:
    """Alice has typed at day 100; a newer release asks no IgG any more."""
    visit = visit_on(Patient.objects.get(), "D100")
    found = newer.keys(visit)
    newer.type_in(visit, car_world.alice, {found["igg"]: Entry("430"), found["ecog"]: Entry("1")})
    newer.publish(newer.without_element("igg"))
    return visit


@pytest.fixture
def alice(car_world: World) -> Client:
    client = Client()
    client.force_login(car_world.alice)
    return client


def post(client: Client, visit: Visit, act: str, **data: Any) -> str:
    """Post to one of the visit's pages; the page that follows, as text."""
    answer = client.post(f"/visits/{visit.uuid}/{act}/", data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def moved(client: Client, visit: Visit) -> str:
    release, now = publishing.current(), Visit.objects.get(pk=visit.pk)
    assert release is not None
    return post(client, visit, "migrate", to=release.number, version=now.version)


def test_the_visit_says_that_a_newer_form_exists_within_the_budget(alice: Client, begun: Visit) -> None:
    with CaptureQueriesContext(connection) as taken:
        page = alice.get(f"/visits/{begun.uuid}/").content.decode()
    assert "A newer form exists" in page
    assert len(taken) <= BUDGET


def test_what_would_change_is_shown_within_the_budget(alice: Client, begun: Visit) -> None:
    with CaptureQueriesContext(connection) as taken:
        page = alice.get(f"/visits/{begun.uuid}/newer/").content.decode()
    assert "430" in page
    assert "No longer asked" in page
    assert len(taken) <= BUDGET


def test_after_the_move_the_value_stands_beside_the_form_until_dismissed(alice: Client, begun: Visit) -> None:
    page = moved(alice, begun)
    assert "Set aside, see below: 1." in page
    assert "Typed earlier, without a place on this form" in page
    (one,) = newer.typed_of(begun, begun.drafts.get().user).aside
    post(alice, begun, "aside", aside="nonsense:1")
    assert "Typed earlier" in post(alice, begun, "aside", aside=f"use:{one.id}")
    assert "Typed earlier" not in post(alice, begun, "aside", aside=f"dismiss:{one.id}")
    assert SetAsideValue.objects.get().value == "430"


def test_a_look_that_is_out_of_date_moves_nothing(alice: Client, begun: Visit) -> None:
    assert "Look at the changes again" in post(alice, begun, "migrate", to=1, version=1)
    assert Visit.objects.get(pk=begun.pk).release != publishing.current()


def test_a_post_from_the_form_before_the_move_shows_both_sides_and_keeps_all(alice: Client, begun: Visit) -> None:
    old, version = Visit.objects.get(pk=begun.pk).release, Visit.objects.get(pk=begun.pk).version
    assert old is not None
    keys = newer.keys(begun)
    moved(alice, begun)
    typed = {f"a.{keys['igg']}": "431", f"m.{keys['igg']}": "", f"a.{keys['ecog']}": "2", f"m.{keys['ecog']}": ""}
    answer = alice.post(f"/visits/{begun.uuid}/submit/", {**typed, "version": version, "release": old.number})
    assert answer.status_code == 409
    kept = newer.typed_of(begun, begun.drafts.get().user)
    assert {a.entry.value for a in kept.aside} == {"430", "431"}
    assert kept.entered.answers[keys["ecog"]].value == "2"


def test_updating_the_questions_twice_without_script_keeps_the_second(alice: Client, begun: Visit) -> None:
    key = newer.keys(begun)["ecog"]
    for value in ("2", "3"):
        sequence = begun.drafts.get().sequence
        post(alice, begun, "draft", **{f"a.{key}": value, f"m.{key}": "", "sequence": sequence})
    assert newer.typed_of(begun, begun.drafts.get().user).entered.answers[key].value == "3"
