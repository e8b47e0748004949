"""Filters of the worklist: each keeps what it says, all of them together too, and an address is a choice and back."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capture.plan import choosing
from capture.plan.choosing import Choice, Open
from tests.sizes import size

TODAY = date(2026, 6, 1)


def row(number: int, due: int = 10, **more: object) -> Open:
    """An open visit due in so many days; its window closes five days before."""
    on = TODAY + timedelta(days=due)
    base = Open(
        number, f"NRT-{number:04}", "due", "followup", on, TODAY, on - timedelta(days=5), on, False, frozenset({"na"})
    )
    return replace(base, **more)  # type: ignore[arg-type]


ROWS = [
    row(1, -3, bucket="overdue", drafted=True),
    row(2, 12, programs=frozenset({"na", "eu"})),
    row(3, 40, kind="baseline"),
    row(4, 5, bucket="coming", patient="STH-0001"),
    row(5, 4, patient="NRT-0001"),
]


def ids(**chosen: str) -> list[int]:
    return [r.id for r in choosing.choose(ROWS, Choice(**chosen), TODAY)]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({}, [1, 5, 4, 2, 3]),
        ({"bucket": "overdue"}, [1]),
        ({"program": "eu"}, [2]),
        ({"kind": "baseline"}, [3]),
        ({"search": "sth"}, [4]),
        ({"drafted": "yes"}, [1]),
        ({"drafted": "no", "bucket": "due"}, [5, 2, 3]),
        ({"closing": "7"}, [4, 2]),  # closed ones are late, not closing
        ({"due": "2026-06-13"}, [2]),
        ({"sort": "closes"}, [1, 5, 4, 2, 3]),
        ({"sort": "patient"}, [1, 5, 2, 3, 4]),
        ({"group": "patient"}, [1, 5, 4, 2, 3]),
    ],
)
def test_each_filter_keeps_what_it_says(chosen: dict[str, str], found: list[int]) -> None:
    assert ids(**chosen) == found


def test_grouped_by_patient_the_most_pressing_patient_comes_first_and_none_is_torn_apart() -> None:
    found = choosing.choose([row(9, 1), row(2, 3), row(9, 8), row(2, 2)], Choice(group="patient"), TODAY)
    assert [r.patient for r in found] == ["NRT-0009", "NRT-0009", "NRT-0002", "NRT-0002"]


@pytest.mark.thorough
@settings(max_examples=size(25, 2000), deadline=None)
@given(st.dictionaries(st.sampled_from([f.name for f in fields(Choice)]), st.text(max_size=12)))
def test_any_address_is_read_and_its_choice_has_one_address(values: dict[str, str]) -> None:
    choice = choosing.read(values)
    assert choosing.of_query(choice.query()) == choice
    choosing.choose(ROWS, choice, TODAY)


def test_what_is_no_value_counts_as_not_given() -> None:
    wrong = {"bucket": "late", "kind": "x", "drafted": "1", "closing": "-3", "due": "2026-13-01", "sort": "x"}
    assert choosing.read(wrong) == Choice()
    assert choosing.read({"closing": "0012"}).closing == "12"
    assert choosing.read({"closing": "9" * 50}).closing == ""
