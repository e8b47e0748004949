"""Mappings on a retired element: listed with what would become of them, moved in one act or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forms_catalog import governing, mapping, moving, seeding
from forms_catalog.governing import ElementConflict, GoverningError
from forms_catalog.mapping import MappingConflict
from forms_catalog.models import Element, Mapping
from sites.models import TrailEntry
from tests.forms_catalog.test_governing import CORA
from tests.releases import decided
from tests.world import AT, World, upload

pytestmark = pytest.mark.django_db
CODES = ("car_pass_sponsor", "car_registry_eu")


@pytest.fixture
def world(catalog_world: World) -> World:
    """Here the catalog is in."""
    return catalog_world


@pytest.fixture
def retired(world: World) -> World:
    """ECOG is mapped by two programs and retired for a copy of itself."""
    for code in CODES:
        upload(world, code)
        for spec in decided(code).mappings:
            if spec.sources[0].element in ("ecog", "sex-at-birth"):
                mapping.confirm(world.programs[code], spec, actor=AT, reason="x")
    copy = replace(seeding.elements(["ecog"])["ecog"], id="ecog-2", label="ECOG, second edition")
    seeding.save_element(copy, Element.State.RELEASED, actor=AT, reason="x")
    governing.retire("ecog", replaced_by="ecog-2", actor=CORA, reason="second edition")
    return world


def chosen(found: list[moving.Move]) -> dict[str, int]:
    return {one.ref: one.version for one in found}


def test_all_standing_mappings_move_in_one_act(retired: World) -> None:
    target, found = moving.moves("ecog")
    assert target == "ecog-2"
    assert {one.program.code for one in found} == set(CODES)
    assert all(one.problems == () for one in found)
    done = moving.move("ecog", chosen(found), actor=CORA, reason="second edition")
    assert {mapping.spec_of(m).sources[0].element for m in done} == {"ecog-2"}
    assert moving.moves("ecog") == ("ecog-2", [])
    entry = TrailEntry.objects.get(action="move_mappings")
    assert (entry.actor, entry.reason, entry.details["to"]) == ("cora", "second edition", "ecog-2")


def test_the_steps_of_a_moved_mapping_stay(retired: World) -> None:
    found = moving.moves("ecog")[1]
    before = {one.ref: one.before.transform for one in found}
    done = moving.move("ecog", chosen(found), actor=CORA, reason="x")
    assert {str(m.uuid): mapping.spec_of(m).transform for m in done} == before


def test_what_does_not_fit_the_replacement_is_left_to_a_person(retired: World) -> None:
    governing.retire("sex-at-birth", replaced_by="ecog-2", actor=CORA, reason="a mistake")
    found = moving.moves("sex-at-birth")[1]
    assert all("has no choice" in " ".join(one.problems) for one in found)
    with pytest.raises(GoverningError, match="has no choice"):
        moving.move("sex-at-birth", chosen(found), actor=CORA, reason="x")


def test_without_a_replacement_nothing_moves(retired: World) -> None:
    governing.retire("sex-at-birth", actor=CORA, reason="x")
    target, found = moving.moves("sex-at-birth")
    assert target == ""
    assert all(one.after is None for one in found)


def test_a_field_marked_as_not_the_same_does_not_move(retired: World) -> None:
    one = moving.moves("ecog")[1][0]
    mapping.mark_not_same(one.program, one.field.path, "ecog-2", actor=CORA, reason="another scale")
    again = next(m for m in moving.moves("ecog")[1] if m.ref == one.ref)
    assert "marked as not the same" in again.problems[0]


def test_a_mapping_decided_meanwhile_stops_the_whole_move(retired: World) -> None:
    found = moving.moves("ecog")[1]
    stale = {**chosen(found), found[1].ref: found[1].version - 1}
    with pytest.raises(MappingConflict):
        moving.move("ecog", stale, actor=CORA, reason="x")
    assert Mapping.objects.filter(sources__element__key="ecog").count() == len(found)
    with pytest.raises(ElementConflict):
        moving.move("ecog", {"no-such": 1}, actor=CORA, reason="x")
    with pytest.raises(GoverningError, match="at least one"):
        moving.move("ecog", {}, actor=CORA, reason="x")


def test_the_list_takes_a_fixed_number_of_queries(retired: World, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        moving.moves("ecog")
