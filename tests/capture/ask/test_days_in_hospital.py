"""A day in hospital is counted once: by the day of admission, not by that of discharge, however many stays name it."""

from __future__ import annotations

import pytest

from capture.ask import records
from capture.ask.facts import Record
from capture.ask.periods import Interval
from tests.occasions import day, gate, record
from tests.releases import release_of

GROUP = release_of("car_registry_na").groups["hospital-stay"]
ASKED = gate("hospital-stay", -1, 400)


def stays(*pairs: tuple[int, int | None]) -> list[Record]:
    """Stays from one day after the infusion to another; None where the person is still there."""
    return [
        record(number, "hospital-stay", admission_date=str(day(a)), discharge_date=str(day(b)) if b is not None else "")
        for number, (a, b) in enumerate(pairs, 1)
    ]


def days(element: str, found: list[Record], after: int, upto: int) -> str:
    period = Interval(day(after), day(upto))
    return records.summarise(GROUP.summaries[element], GROUP, found, [ASKED], period).value


@pytest.mark.parametrize(
    ("found", "counted"),
    [
        ([(3, 10)], "7"),
        ([(3, 3)], "1"),
        ([(3, 10), (10, 12)], "9"),
        ([(3, 20), (5, 9)], "17"),
        ([(3, 10), (7, 15)], "12"),
        ([(95, None)], "6"),
        ([(0, 150)], "100"),
        ([(0, 120), (20, 40)], "100"),
        ([(120, 130)], "0"),
        ([], "0"),
    ],
    ids=[
        "a week",
        "in and out on one day",
        "one after the other",
        "intensive care inside a stay",
        "two that overlap",
        "still there",
        "through the whole window",
        "through it with another inside",
        "after it",
        "none",
    ],
)
def test_days_up_to_day_100(found: list[tuple[int, int | None]], counted: str) -> None:
    assert days("hospital-days-100", stays(*found), -1, 100) == counted


def test_consecutive_periods_share_no_day_and_lose_none() -> None:
    found = stays((90, 110), (95, 105))
    first, second = days("hospital-days", found, -1, 100), days("hospital-days", found, 100, 200)
    assert int(first) + int(second) == 20
