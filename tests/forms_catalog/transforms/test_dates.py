"""Dates in the program's format; partial dates are never filled in; each record falls into one interval."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_catalog.specs import Step
from forms_catalog.transforms import Answer, Facts, Outcome, in_interval
from tests.forms_catalog.transforms.made import run


def shown(text: str, fmt: str, precision: str = "day") -> Outcome:
    return run(Step("date", {"format": fmt}), Answer("death-date", value=text, precision=precision))


@pytest.mark.parametrize(
    ("fmt", "expected"),
    [("ymd", "2026-03-07"), ("dmy", "07-03-2026"), ("mdy", "03-07-2026"), ("my", "03-2026"), ("y", "2026")],
)
def test_a_full_date_takes_the_programs_format(fmt: str, expected: str) -> None:
    assert shown("2026-03-07", fmt).value == expected


@pytest.mark.parametrize("fmt", ["ymd", "dmy", "mdy"])
def test_a_date_known_to_the_month_stays_blank_with_a_note(fmt: str) -> None:
    outcome = shown("2026-03", fmt)
    assert outcome.value == ""
    assert outcome.note.startswith("date known to the month only")


def test_the_precision_counts_even_where_the_text_is_a_full_date() -> None:
    assert shown("2026-03-01", "dmy", "month").value == ""
    assert shown("2026-03-01", "my", "month").value == "03-2026"
    assert shown("2026-01-01", "my", "year").note.startswith("date known to the year only")


def test_what_is_no_date_or_no_format_is_refused() -> None:
    assert "not a date" in shown("7.3.2026", "ymd").refusal
    assert "not a date format" in shown("2026-03-07", "julian").refusal


def test_the_visit_date_is_the_as_of_date_and_never_typed() -> None:
    assert run(Step("date", {"format": "dmy"}), Answer("visit-date")).value == "30-06-2026"


@pytest.mark.parametrize(("text", "inside"), [("2026-01-01", False), ("2026-01-02", True), ("2026-06-30", True)])
def test_an_interval_leaves_out_its_start_and_holds_its_end(text: str, inside: bool) -> None:
    assert in_interval(text, Facts(date(2026, 6, 30), date(2026, 1, 1))) is inside


@given(st.dates(date(2020, 1, 1), date(2029, 12, 31)), st.sampled_from(["%Y", "%Y-%m", "%Y-%m-%d"]))
def test_a_record_lies_in_exactly_one_of_the_intervals_that_tile_a_time(day: date, precision: str) -> None:
    cuts = [date(y, m, 15) for y in range(2019, 2031) for m in (1, 5, 9)] + [date(2031, 1, 1)]
    intervals = [Facts(b, a) for a, b in pairwise(cuts)]
    assert sum(in_interval(day.strftime(precision), f) for f in intervals) == 1
