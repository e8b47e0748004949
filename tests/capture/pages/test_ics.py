"""A calendar's text after RFC 5545: any text comes back whole, no line is too long, days are days. Strictly parsed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capture.pages import ics
from capture.pages.ics import DayEvent
from tests.capture.pages.parsing_ics import parse
from tests.sizes import size

AT = datetime(2026, 6, 1, 12, 30, 5, tzinfo=UTC)


def event(summary: str = "2 visits due, North Hospital", on: date = date(2026, 6, 5), sequence: int = 3) -> DayEvent:
    return DayEvent("a-2026-06-05@askonce", on, summary, "See\nthem", "https://x.org/?due=2026-06-05", sequence, AT)


def test_an_all_day_event_is_read_as_it_was_meant() -> None:
    head, events = parse(ics.calendar("North; Hospital, 2", [event()]))
    assert head == {
        "VERSION": "2.0",
        "PRODID": "-//AskOnce//Due visits//EN",
        "CALSCALE": "GREGORIAN",
        "METHOD": "PUBLISH",
        "NAME": "North; Hospital, 2",
        "X-WR-CALNAME": "North; Hospital, 2",
        "REFRESH-INTERVAL": "PT6H",
    }
    assert events[0]["SUMMARY"] == "2 visits due, North Hospital"
    assert events[0]["DESCRIPTION"] == "See\nthem"
    assert (events[0]["DTSTART"], events[0]["DTEND"], events[0]["SEQUENCE"]) == ("20260605", "20260606", "3")
    assert events[0]["DTSTAMP"] == "20260601T123005Z"


@pytest.mark.parametrize(
    ("on", "after"), [("2028-02-28", "20280229"), ("2028-02-29", "20280301"), ("2026-12-31", "20270101")]
)
def test_a_day_ends_where_the_next_begins(on: str, after: str) -> None:
    assert parse(ics.calendar("n", [event(on=date.fromisoformat(on))]))[1][0]["DTEND"] == after


@pytest.mark.thorough
@settings(max_examples=size(25, 3000), deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=200))
def test_any_text_comes_back_whole_in_lines_of_75_octets(text: str) -> None:
    assert parse(ics.calendar("n", [event(text)]))[1][0]["SUMMARY"] == text


def test_a_control_character_or_a_line_break_makes_no_line_of_its_own() -> None:
    text = "x\r\nATTENDEE:mailto:a@b\r\x00BEGIN:VEVENT"
    assert parse(ics.calendar("n", [event(text)]))[1][0]["SUMMARY"] == "x\nATTENDEE:mailto:a@b\nBEGIN:VEVENT"
