from __future__ import annotations

import pytest

from forms_catalog.matching import values
from forms_catalog.specs import Option

from .world import YES_NO, options


@pytest.mark.parametrize(
    ("kind", "choices", "expected"),
    [
        ("date", (), "date"),
        ("DATE/Non-enumerated", (), "date"),
        ("NUMBER/Non-enumerated", (), "number"),
        ("choice", options("Yes", "No", "Unknown"), "yesno"),
        ("integer", options("Yes", "No", "Don’t know"), "yesno"),
        ("choice", options("Alive", "Dead"), "list"),
        ("choice", options(*map(str, range(10, 110, 10))), "number"),
        ("notes", (), "text"),
        ("", (), ""),
    ],
)
def test_the_class_of_answer_is_found(kind: str, choices: tuple[Option, ...], expected: str) -> None:
    assert values.value_class(kind, choices) == expected


def test_answers_line_up_by_meaning() -> None:
    ours = (Option("alive", "Alive"), Option("dead", "Dead"), Option("unknown", "Unknown"))
    assert values.align(ours, (Option("1", "Deceased"), Option("2", "Living"))) == {"alive": "2", "dead": "1"}


def test_each_program_code_is_used_once() -> None:
    ours = (Option("solid", "Solid tumor"), Option("other", "Other tumor"))
    assert values.align(ours, (Option("4", "Solid organ"),)) == {"solid": "4"}


def test_missing_answers_do_not_make_lists_alike() -> None:
    assert values.overlap(options("Mild", "Unknown"), options("Red", "Unknown")) == 0
    assert values.apart(options("Mild", "Unknown"), options("Red", "Unknown"))


def test_yes_and_no_alone_do_not_make_lists_apart() -> None:
    assert not values.apart(YES_NO, options("Alive", "Dead"))


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Date of death", "date"),
        ("Did it occur?", "yesno"),
        ("Specify other drug:", "specify"),
        ("What was the date of relapse?", "date"),
        ("Number of bleeds", "number"),
        ("Scoliosis", ""),
    ],
)
def test_the_wording_shows_what_is_asked(label: str, expected: str) -> None:
    assert values.intent(label) == expected
