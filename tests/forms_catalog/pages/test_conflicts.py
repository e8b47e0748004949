"""The conflicts pages through HTTP: what is listed for whom, and that a ruling is kept, shown and taken back."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from forms_catalog import conflict_kinds, settling
from forms_catalog.models import ConflictRuling, Release
from tests.forms_catalog.pages.test_requests import signed_in
from tests.world import AT, World, upload

pytestmark = pytest.mark.django_db
URL = "/mapping/conflicts/"
CRS = conflict_kinds.key("options_differ", "crs-occurred")


def page(client: Client, key: str = "", **query: str) -> str:
    return client.get(f"{URL}{key}/" if key else URL, query).content.decode()


def settle(client: Client, *keys: str, choice: str = "blank", reason: str = "as the form says", **rest: str) -> int:
    seen = {s.key: s.seen for s in settling.standings(settling.merged()[1])}
    data = {"conflict": [f"{k} {seen.get(k, '')}" for k in keys], "choice": choice, "reason": reason, **rest}
    return client.post(reverse("conflicts_rule"), data).status_code


def test_a_curator_sees_the_programs_own_wordings_side_by_side(car_world: World) -> None:
    text = page(signed_in(car_world, "cora"), CRS)
    assert text.count('data-label="Its question"') == 3
    assert "1, Yes | 2, No (no code for unknown)" in text
    assert "Deliver it blank, with a note" in text


def test_the_list_is_filtered_by_kind_program_and_state(car_world: World) -> None:
    cora = signed_in(car_world, "cora")
    assert "Required by some only" in page(cora)
    only = page(cora, kind="required_differs", program="car_pass_sponsor")
    assert "best-response is required" not in only
    assert "product-lot is required" in only
    assert "No conflict here" in page(cora, state="settled")


def test_a_ruling_is_kept_and_shown_with_who_and_why(car_world: World) -> None:
    cora = signed_in(car_world, "cora")
    assert settle(cora, CRS) == 302
    row = ConflictRuling.objects.get()
    assert (row.ruled_by, row.place, row.ruling) == ("cora", "crs-occurred", "blank")
    assert "as the form says" in page(cora, CRS)
    assert f"{URL}{CRS}/" in page(cora, state="settled")
    assert f"{URL}{CRS}/" not in page(cora)


def test_many_of_a_kind_are_settled_with_one_reason(car_world: World) -> None:
    keys = [s.key for s in settling.standings(settling.merged()[1]) if s.conflict.kind == "no_target"]
    assert settle(signed_in(car_world, "cora"), *keys) == 302
    assert ConflictRuling.objects.count() == len(keys) > 3


def test_a_ruling_is_taken_back_by_another_one(car_world: World) -> None:
    cora = signed_in(car_world, "cora")
    settle(cora, CRS)
    assert settle(cora, CRS, choice="", reason="too quick") == 302
    text = page(cora, CRS)
    assert "Open again" in text
    assert "too quick" in text
    assert f"{URL}{CRS}/" in page(cora)


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ({"reason": " "}, "needs a reason"),
        ({"choice": "widest"}, "cannot be settled so"),
        ({"page": "one", "reason": ""}, "needs a reason"),
    ],
)
def test_what_cannot_be_saved_says_why_and_keeps_nothing(car_world: World, rest: dict[str, str], said: str) -> None:
    data = {"conflict": f"{CRS} ", "choice": "blank", "reason": "why", **rest}
    answer = signed_in(car_world, "cora").post(reverse("conflicts_rule"), data)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ConflictRuling.objects.exists()


def test_one_kind_is_settled_at_a_time(car_world: World) -> None:
    other = conflict_kinds.key("required_differs", "sex-at-birth")
    assert settle(signed_in(car_world, "cora"), CRS, other) == 422


def test_a_second_curator_who_looked_at_the_older_state_is_told(car_world: World) -> None:
    settle(signed_in(car_world, "cora"), CRS)
    data = {"conflict": f"{CRS} ", "choice": "", "reason": "why", "page": "one"}
    answer = signed_in(car_world, "dana").post(reverse("conflicts_rule"), data)
    assert answer.status_code == 422
    assert "cora ruled on crs-occurred after you opened the page" in answer.content.decode()


def test_rulings_that_change_forms_wait_for_an_admin_to_put_them_into_force(car_world: World) -> None:
    cora, dana = signed_in(car_world, "cora"), signed_in(car_world, "dana")
    key = conflict_kinds.key("required_differs", "best-response")
    settle(cora, key, choice="optional")
    assert "An admin puts them into force" in page(cora)
    assert "Put into force" in page(dana)
    assert dana.post(reverse("conflicts_publish"), {"reason": ""}).status_code == 422
    before = Release.objects.count()
    assert dana.post(reverse("conflicts_publish"), {"reason": "as ruled"}).status_code == 302
    assert Release.objects.count() == before + 1
    assert "not in force yet" not in page(dana)


def test_a_version_that_waits_is_shown_as_it_would_make_it(car_world: World) -> None:
    upload(car_world, "hemo_registry_global")
    dana = signed_in(car_world, "dana")
    assert "Waiting to be accepted" in page(dana)
    text = page(dana, **{"with": "hemo_registry_global"})
    assert "As version 1 of" in text
    assert re.search(r"\d+ questions are not decided", text)
    assert "hemo_registry_global.hjhs has no decision" in page(
        dana, **{"with": "hemo_registry_global"}, kind="undecided", page="2"
    )


def test_what_is_gone_is_not_found(car_world: World) -> None:
    assert signed_in(car_world, "cora").get(f"{URL}0123456789abcdef/").status_code == 404


def test_the_cost_of_a_request_names_its_open_conflicts(car_world: World) -> None:
    address = reverse("request_cost", args=["car_pass_sponsor"])
    assert "A curator settles them." in signed_in(car_world, "sam").get(address).content.decode()
    assert "?with=car_pass_sponsor" in signed_in(car_world, "dana").get(address).content.decode()


@pytest.mark.parametrize("key", ["", CRS])
def test_the_pages_take_as_many_queries_for_many_conflicts_and_rulings(
    car_world: World, key: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for conflict in settling.merged()[1][:20]:
        kind = conflict_kinds.KINDS[conflict.kind]
        settling.rule([conflict], kind.choices[0].code, actor=AT, reason="as the form says")
    cora = signed_in(car_world, "cora")
    with django_assert_max_num_queries(15):
        page(cora, key, state="all") if key == "" else page(cora, key)
