"""What curators do to elements, over HTTP: acts, edits, promotion, moving mappings; what sponsors do not see."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from forms_catalog import cataloguing, governing, intake, mapping, moving, seeding, suggesting
from forms_catalog.models import Element, ElementVersion, Mapping
from forms_catalog.pages import element_form
from tests.forms_catalog.pages.test_requests import signed_in
from tests.forms_catalog.test_governing import CORA
from tests.releases import decided
from tests.world import AT, World, upload

pytestmark = pytest.mark.django_db
CODE = "car_pass_sponsor"
OTHER = "car_registry_eu"
DRAFT = f"draft:{CODE}:sex"


@pytest.fixture
def world(catalog_world: World) -> World:
    """Here the catalog is in."""
    return catalog_world


@pytest.fixture
def filled(world: World) -> World:
    """Two programs ask for ECOG; a field of one has a draft."""
    for code in (CODE, OTHER):
        upload(world, code)
        spec = next(m for m in decided(code).mappings if m.sources[0].element == "ecog")
        mapping.confirm(world.programs[code], spec, actor=AT, reason="x")
    field = next(f for f in intake.fields_of(world.versions[CODE]) if f.path == "sex")
    mapping.confirm(world.programs[CODE], suggesting.new(CODE, field), actor=AT, reason="nothing fits")
    return world


@pytest.fixture
def cora(filled: World) -> Client:
    return signed_in(filled, "cora")


def seen(key: str) -> str:
    return governing.stamp(Element.objects.get(key=key))


def act(client: Client, key: str, **post: str) -> tuple[int, str]:
    answer = client.post(reverse("element_act", args=[key]), {"reason": "outdated", "seen": seen(key), **post})
    return answer.status_code, answer.content.decode()


def text_of(client: Client, key: str) -> str:
    return client.get(reverse("element", args=[key])).content.decode()


def copy_of_ecog() -> None:
    spec = replace(seeding.elements(["ecog"])["ecog"], id="ecog-2", label="ECOG, second edition")
    seeding.save_element(spec, Element.State.RELEASED, actor=AT, reason="x")


def test_a_curator_retires_an_element_and_sees_what_still_reads_it(cora: Client) -> None:
    copy_of_ecog()
    assert act(cora, "ecog", act="retire", replaced_by="ecog-2")[0] == 302
    text = text_of(cora, "ecog")
    assert "Move these 2 mappings" in text
    assert "replaced by ecog-2" in text
    assert "outdated" in text
    assert "It replaces" in text_of(cora, "ecog-2")


def test_these_mappings_move_in_one_act(cora: Client) -> None:
    copy_of_ecog()
    act(cora, "ecog", act="retire", replaced_by="ecog-2")
    chosen = [f"{m.ref}@{m.version}" for m in moving.moves("ecog")[1]]
    answer = cora.post(reverse("element_move", args=["ecog"]), {"mapping": chosen, "reason": "second edition"})
    assert answer.status_code == 302
    assert Mapping.objects.filter(sources__element__key="ecog-2").count() == 2
    assert "Moved 2 mappings" in text_of(cora, "ecog")


def test_a_move_of_nothing_or_of_what_is_gone_is_refused(cora: Client) -> None:
    url = reverse("element_move", args=["ecog"])
    assert cora.post(url, {"reason": "x"}).status_code == 422
    assert cora.post(url, {"mapping": ["no-such@1"], "reason": "x"}).status_code == 409


@pytest.mark.parametrize(
    ("post", "status", "said"),
    [
        ({"act": "release"}, 422, "only what is draft"),
        ({"act": "retire", "replaced_by": "ecog"}, 422, "cannot replace itself"),
        ({"act": "retire", "reason": " "}, 422, "Say why"),
        ({"act": "burn"}, 422, "Choose what to do"),
        ({"act": "retire", "seen": "0.0"}, 409, "while you looked at it"),
    ],
)
def test_what_the_rules_refuse_is_said_on_the_page(cora: Client, post: dict[str, str], status: int, said: str) -> None:
    answer = act(cora, "ecog", **post)
    assert answer[0] == status
    assert said in answer[1]
    assert Element.objects.get(key="ecog").state == "released"


def test_an_edit_makes_a_version_and_the_history_says_what_changed(cora: Client) -> None:
    url = reverse("element_edit", args=["ecog"])
    texts = element_form.texts(seeding.elements(["ecog"])["ecog"])
    post = {**texts, "label": "ECOG today", "reason": "clearer", "seen": seen("ecog"), "whole": "1"}
    assert cora.get(url).status_code == 200
    assert cora.post(url, post)["Location"] == reverse("element", args=["ecog"])
    assert ElementVersion.objects.filter(element__key="ecog").latest("number").created_by == "cora"
    text = text_of(cora, "ecog")
    assert "Version 2" in text
    assert "clearer" in text


def test_the_form_sent_back_unchanged_changes_nothing(cora: Client) -> None:
    for key in ("ecog", "hemoglobin", "year-of-birth"):
        spec = seeding.elements([key])[key]
        assert element_form.read({**element_form.texts(spec), "whole": "1"}, spec) == spec


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"options": "9, all new"}, 422, "choice 0 removed"),
        ({"minimum": "much"}, 422, "is not a number"),
        ({"maximum": "nan"}, 422, "too large"),
        ({"bindings": "718-7"}, 422, "system | code | name"),
        ({"units": "g/L | times ten"}, 422, "unit | x*10"),
        ({"reason": ""}, 422, "Say why"),
        ({"seen": "0.0"}, 409, "while you looked"),
    ],
)
def test_an_edit_that_cannot_be_keeps_what_was_typed(
    cora: Client, change: dict[str, str], status: int, said: str
) -> None:
    texts = element_form.texts(seeding.elements(["ecog"])["ecog"])
    post = {**texts, "note": "my own words", "reason": "x", "seen": seen("ecog"), **change}
    answer = cora.post(reverse("element_edit", args=["ecog"]), post)
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert "my own words" in answer.content.decode()


def test_a_draft_is_promoted_on_its_own_page(cora: Client) -> None:
    url = reverse("element_promote", args=[DRAFT])
    assert 'value="sex"' in cora.get(url).content.decode()
    post = {"id": "sex-as-asked", "label": "Sex as asked", "definition": "As asked.", "reason": "x"}
    answer = cora.post(url, {**post, "seen": seen(DRAFT)})
    assert answer["Location"] == reverse("element", args=["sex-as-asked"])
    assert "sex-as-asked" in text_of(cora, DRAFT)
    assert cora.post(url, {**post, "id": "ecog"}).status_code == 409  # it is promoted already


def test_a_refused_promotion_keeps_what_was_typed(cora: Client) -> None:
    post = {"id": "ecog", "label": "Mine", "definition": "x", "reason": "x", "seen": seen(DRAFT)}
    answer = cora.post(reverse("element_promote", args=[DRAFT]), post)
    assert answer.status_code == 422
    assert "already has" in answer.content.decode()
    assert 'value="Mine"' in answer.content.decode()


def test_each_kind_of_element_has_its_own_form(cora: Client) -> None:
    assert cora.get(reverse("element_edit", args=[DRAFT])).status_code == 404
    assert cora.get(reverse("element_promote", args=["ecog"])).status_code == 404


def test_a_sponsor_sees_state_and_own_words_but_no_acts_and_no_other_program(filled: World) -> None:
    copy_of_ecog()
    governing.retire("ecog", replaced_by="ecog-2", actor=CORA, reason="outdated")
    text = text_of(signed_in(filled, "sam"), "ecog")
    assert "Retired" in text
    assert "1 more of programs that you do not see" in text
    assert filled.programs[OTHER].title not in text
    assert "Why they are moved" not in text
    assert "Release it again" not in text


def test_a_wording_of_another_sponsor_finds_nothing_for_me(filled: World) -> None:
    spec = next(m for m in decided(OTHER).mappings if m.sources[0].element == "ecog")
    field = next(f for f in intake.fields_of(filled.versions[OTHER]) if f.path == spec.path)
    url, query = reverse("catalog"), {"q": field.label}
    own = signed_in(filled, "rita").get(url, query).content.decode()
    assert "ECOG" in own
    mine = {e.key: e for e in cataloguing.entries({CODE})}["ecog"]
    assert mine.programs == (CODE,)
    assert mine.asked == 2
    assert field.label not in mine.wordings or field.label in [f.label for f in intake.fields_of(filled.versions[CODE])]


def test_the_pages_take_few_queries(filled: World, cora: Client, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        cataloguing.entries({CODE})
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        cora.get(reverse("catalog"), {"q": "ecog"})
    with django_assert_max_num_queries(18):  # type: ignore[operator]
        cora.get(reverse("element", args=["ecog"]))
