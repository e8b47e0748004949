"""Fields nobody decided are priced as they will probably be decided; nothing is written, nobody's decision changes."""

from __future__ import annotations

import pytest

from forms_catalog import loading, mapping, mapping_checks, presuming, seeding
from forms_catalog.models import Mapping
from tests import world as cast
from tests.world import World

pytestmark = pytest.mark.django_db
PROGRAM = "car_pass_sponsor"


@pytest.fixture
def world(db: None) -> World:
    return cast.reviewed_world()


def test_every_open_question_gets_a_decision_that_could_be_taken(world: World) -> None:
    version = world.versions[PROGRAM]
    before = mapping.decided(version)
    found = presuming.presume(version)
    open_ones = {a.field.path for a in before.asks if a.mapping is None and a.field.asks}
    assert set(found.undecided) == open_ones
    assert [a.field.path for a in found.program.asks if a.field.asks and a.mapping is None] == []
    elements = seeding.elements()
    for ask in found.program.asks:
        if ask.field.path in open_ones and ask.mapping and ask.mapping.relation != "new":
            assert mapping_checks.problems(ask.mapping, ask.field, elements) == ()


def test_what_a_guard_objects_to_counts_as_new_and_says_why(world: World) -> None:
    found = presuming.presume(world.versions[PROGRAM])
    relations = {a.field.path: a.mapping.relation for a in found.program.asks if a.mapping}
    assert found.near
    assert {relations[path] for path in found.near} == {"new"}
    assert all(element and reason for element, reason in found.near.values())


def test_most_of_a_probable_form_is_what_people_then_decide(world: World) -> None:
    version = world.versions[PROGRAM]
    probable = {a.field.path: a.mapping for a in presuming.presume(version).program.asks if a.mapping}
    loading.load_decisions(world.programs[PROGRAM], actor=cast.AT)
    decided = {a.field.path: a.mapping for a in mapping.decided(version).asks if a.mapping}
    same = sum(probable[p].sources == decided[p].sources for p in decided if p in probable)
    assert same / len(decided) > 0.7


def test_nothing_is_written_and_a_decided_version_is_as_decided(world: World) -> None:
    version = world.versions[PROGRAM]
    count = Mapping.objects.count()
    presuming.presume(version)
    assert Mapping.objects.count() == count
    loading.load_decisions(world.programs[PROGRAM], actor=cast.AT)
    assert presuming.presume(version) == presuming.Presumed(mapping.decided(version))
