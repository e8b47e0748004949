"""The page of what changed between two versions, through HTTP only."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from forms_catalog import handing_in, mapping
from forms_catalog.specs import MappingSpec, Source, Step
from sites.models import Program
from tests.forms_catalog.redcap_made import Row, csv_of
from tests.world import AT, World

pytestmark = pytest.mark.django_db
CODE = "sma_registry"
FIRST = Row("rec_id", "Record number")
SEX = Row("sex", "Sex", "radio", "M, Male | F, Female")
WEIGHT = Row("weight", "Weight (kg)", validation="number", maximum="200")
MAPPED = MappingSpec(
    CODE, "sex", "recode", (Source("sex-at-birth"),), (Step("recode", {"map": {"male": "M", "female": "F"}}),)
)
SCHEDULE = '{"program": "sma_registry", "timepoints": [{"code": "M6", "label": "Month 6", "forms": ["enrol"], %s}]}'


@pytest.fixture
def world(catalog_world: World) -> World:
    """Here the catalog is in."""
    return catalog_world


@pytest.fixture
def program(world: World) -> Program:
    return world.programs[CODE]


def hand_in(program: Program, *rows: Row, days: str = "") -> None:
    schedule = (SCHEDULE % days).encode() if days else None
    handing_in.hand_in(program, csv_of(FIRST, *rows), "a.csv", schedule, actor=AT)


def page(world: World, number: int = 2, query: str = "") -> str:
    client = Client()
    client.force_login(world.people["cora"])
    answer = client.get(reverse("request_diff", args=[CODE, number]) + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_first_version_has_nothing_to_compare(world: World, program: Program) -> None:
    hand_in(program, SEX)

    assert "This is the first version" in page(world, 1)


def test_a_reworded_question_is_shown_word_by_word_with_its_decision_carried_over(
    world: World, program: Program
) -> None:
    hand_in(program, SEX)
    mapping.confirm(program, MAPPED, actor=AT, reason="the same question")
    hand_in(program, SEX.but(label="Sex:"))

    shown = page(world)

    assert "Changed in wording" in shown
    assert "Sex<ins>:</ins>" in shown
    assert "Carried over from version 1" in shown
    assert "the same question" in shown


def test_a_new_choice_sends_the_decision_back_to_review(world: World, program: Program) -> None:
    hand_in(program, SEX)
    mapping.confirm(program, MAPPED, actor=AT, reason="the same question")
    hand_in(program, SEX.but(choices="M, Male | F, Female | U, Unknown"))

    shown = page(world)

    assert "Changed in meaning" in shown
    assert "<ins>U, Unknown</ins>" in shown
    assert "<del>M, Male</del>" not in shown
    assert "Back to review" in shown


def test_added_removed_renamed_and_limited_questions_are_told_apart(world: World, program: Program) -> None:
    hand_in(program, SEX, WEIGHT, Row("gone", "Shoe size"))
    hand_in(program, SEX.but(name="gender"), WEIGHT.but(maximum="300"), Row("fresh", "Hair colour"))

    shown = page(world)

    for said in ("Added", "Removed", "Renamed", "Changed in rules", "was <code>sex</code>", "Shoe size", "Hair colour"):
        assert said in shown
    assert "Hair colour" not in page(world, query="?show=removed")


def test_a_moved_window_is_shown(world: World, program: Program) -> None:
    window = '"window_start_day": %d, "window_end_day": 200, "target_day": 180, "due_day": 210'
    hand_in(program, SEX, days=window % 160)
    hand_in(program, SEX, days=window % 150)

    assert "window start day: <del>160</del> <ins>150</ins>" in page(world)


def test_any_two_versions_can_be_compared(world: World, program: Program) -> None:
    hand_in(program, SEX)
    hand_in(program, SEX, WEIGHT)
    hand_in(program, SEX, WEIGHT.but(maximum="300"))

    assert "Changed in rules" in page(world, 3)
    assert "Added" in page(world, 3, "?from=1")
    assert "Removed" in page(world, 1, "?from=3")


def test_a_version_that_is_not_there_is_not_found(world: World, program: Program) -> None:
    hand_in(program, SEX)
    client = Client()
    client.force_login(world.people["cora"])

    assert client.get(reverse("request_diff", args=[CODE, 7])).status_code == 404
    assert client.get(reverse("request_diff", args=[CODE, 1]) + "?from=9").status_code == 404
    assert client.get(reverse("request_diff", args=[CODE, 1]) + "?from=x").status_code == 200


def test_three_hundred_changes_cost_no_more_queries_than_two(world: World, program: Program) -> None:
    many = [Row(f"q{n}", f"Question {n}") for n in range(300)]
    hand_in(program, *many)
    hand_in(program, *(row.but(label=f"{row.label}!") for row in many[:2]), *many[2:])
    hand_in(program, *(row.but(label=f"{row.label} ever") for row in many))
    client = Client()
    client.force_login(world.people["cora"])
    counts = []
    for number in (2, 3):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(reverse("request_diff", args=[CODE, number]))
        counts.append(len(queries))
    assert "Page 1 of 6 (300 in all)" in answer.content.decode()
    assert counts[0] == counts[1] <= 14
