"""An answer that a correction rules out stays, is marked, leaves with no slice, and counts again afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from capture.ask import applicable, load
from capture.ask.facts import Answer
from capture.deliver import slices
from capture.deliver.slices import CellOut
from capture.enter import correcting
from capture.enter.correcting import Correction
from capture.models import Delivery, Patient, Response, Visit
from forms_catalog import starter
from tests.answering import submit
from tests.occasions import day
from tests.world import TODAY, World, visit_on

ELEMENTS = {e.id: e for e in starter.elements().values()}
TYPED = {"crs-occurred": "yes", "crs-onset-date": "2026-03-02", "crs-grade-lee": "3", "crs-scale-used": "lee"}


@pytest.fixture
def reported(car_world: World) -> World:
    """Alice has submitted day 100 with a cytokine release syndrome."""
    submit(visit_on(Patient.objects.get(), "D100"), car_world.actor("alice"), TYPED)
    return car_world


def newest(program: str) -> Mapping[str, CellOut]:
    """The cells of the program's newest delivery by field name."""
    row = Delivery.objects.filter(timepoint__enrollment__program__code=program).order_by("-pk")[0]
    return {cell.name: cell for cell in slices.load(row.payload).cells}


def current(element: str) -> Response:
    return Response.objects.get(element=element, is_current=True)


def correct(world: World, element: str, value: str) -> None:
    actor = world.actor("alice")
    correcting.correct(current(element), Correction(value=value), actor=actor, reason="read again", today=TODAY)


def page(world: World) -> str:
    client = Client()
    client.force_login(world.alice)
    return client.get(f"/visits/{Visit.objects.exclude(submitted_at=None).get().uuid}/").content.decode()


@pytest.mark.django_db
def test_what_a_correction_rules_out_is_kept_marked_not_delivered_and_comes_back(reported: World) -> None:
    before = newest("car_pass_sponsor")
    assert (before["crsgr"].state, before["crsstdt"].state) == ("given", "given")
    assert "not applicable now" not in page(reported)
    grade = current("crs-grade-lee").pk

    correct(reported, "crs-occurred", "no")
    for program, names in (("car_pass_sponsor", ("crsgr", "crsstdt")), ("car_registry_na", ("crs_dt",))):
        found = newest(program)
        assert {(found[n].state, found[n].value) for n in names} == {("hidden", "")}
        assert all(found[n].note.startswith("not applicable") for n in names)
    europe = newest("car_registry_eu")
    onset = next(c for c in europe.values() if "crs" in c.name and c.date_format)
    assert (onset.state, onset.value) == ("hidden", ""), "its own dictionary has no condition; the catalog's holds"
    assert (current("crs-grade-lee").pk, current("crs-grade-lee").value) == (grade, "3")
    assert "not applicable now" in page(reported)

    correct(reported, "crs-occurred", "yes")
    after = newest("car_pass_sponsor")
    assert {n: (c.state, c.value) for n, c in after.items()} == {n: (c.state, c.value) for n, c in before.items()}
    assert "not applicable now" not in page(reported)


@pytest.mark.django_db
def test_what_is_ruled_out_is_not_known_at_the_next_visit(reported: World) -> None:
    later = visit_on(Patient.objects.get(), "M6").pk
    correct(reported, "crs-occurred", "no")
    known = load.for_visits([later], today=TODAY)[later].patient.answers
    assert "crs-occurred" in {a.element for a in known}
    assert "crs-grade-lee" not in {a.element for a in known}


def said(element: str, value: str, missing: str = "", **more: Any) -> Answer:
    return Answer(
        element, "", f"v7/{element}/{more}", value, missing, visit_id=more.pop("visit", 7), id=element, **more
    )


@pytest.mark.parametrize(
    ("above", "stands"),
    [
        ((said("crs-occurred", "yes"),), True),
        ((said("crs-occurred", "no"),), False),
        ((said("crs-occurred", "", "unknown"),), False),
        ((said("crs-occurred", "no", visit=8),), True),
        ((said("crs-occurred", "no", covers_to=day(90)), said("crs-occurred", "yes", covers_to=day(100))), True),
        ((), True),
    ],
)
def test_a_detail_stands_while_the_answer_above_it_of_the_same_visit_allows_it(
    above: tuple[Answer, ...], stands: bool
) -> None:
    grade = said("crs-grade-lee", "3")
    assert (grade not in applicable.ruled_out((*above, grade), ELEMENTS)) is stands
