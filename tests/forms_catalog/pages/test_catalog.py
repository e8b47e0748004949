"""The catalog pages: search, one element with its askers, drafts for their own program only."""

from __future__ import annotations

import pytest
from django.urls import reverse

from forms_catalog import intake, mapping, suggesting
from tests.forms_catalog.pages.test_requests import signed_in
from tests.releases import decided
from tests.world import AT, World, upload

pytestmark = pytest.mark.django_db
CODE = "car_pass_sponsor"


@pytest.fixture
def world(catalog_world: World) -> World:
    """Here the catalog is in."""
    return catalog_world


@pytest.fixture
def filled(world: World) -> World:
    version = upload(world, CODE)
    field = next(f for f in intake.fields_of(version) if f.path == "sex")
    mapping.confirm(version.program, suggesting.new(CODE, field), actor=AT, reason="nothing fits")
    for code in (CODE, "car_registry_eu"):
        if code != CODE:
            upload(world, code)
        spec = next(m for m in decided(code).mappings if m.sources[0].element == "ecog")
        mapping.confirm(world.programs[code], spec, actor=AT, reason="x")
    return world


def page(world: World, name: str, url: str, **query: str) -> str:
    answer = signed_in(world, name).get(url, query)
    return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)


def test_elements_are_found_by_word_unit_and_section(filled: World) -> None:
    url = reverse("catalog")
    assert "ECOG" in page(filled, "alice", url, q="ecog")
    assert "No element found" in page(filled, "alice", url, q="no such thing")
    assert "of 262 elements" in page(filled, "alice", url, section="labs")


def test_an_element_shows_its_askers_in_their_own_words(filled: World) -> None:
    text = page(filled, "cora", reverse("element", args=["ecog"]))
    assert filled.programs[CODE].title in text
    assert filled.programs["car_registry_eu"].title in text


def test_programs_a_person_does_not_see_are_only_counted(filled: World) -> None:
    text = page(filled, "sam", reverse("element", args=["ecog"]))
    assert filled.programs["car_registry_eu"].title not in text
    assert "1 more question of programs that you do not see" in text


def test_a_draft_is_seen_by_those_who_see_its_program_only(filled: World) -> None:
    url = reverse("element", args=["draft:car_pass_sponsor:sex"])
    assert "Asked by car_pass_sponsor only" in page(filled, "sam", url)
    assert page(filled, "rita", url) == "404"
    assert "draft:" not in page(filled, "rita", reverse("catalog"), q="draft")


def test_an_element_that_is_not_there_answers_404(filled: World) -> None:
    assert page(filled, "cora", "/catalog/no-such/") == "404"
