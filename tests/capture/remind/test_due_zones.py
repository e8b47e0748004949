"""The digest hour in UTC, day by day over 15 years and four zones, against the zone's own clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.remind.due import at_local
from sites.clock import local_day

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"]
DAYS = st.dates(date(2026, 1, 1), date(2041, 12, 31))
MINUTE = timedelta(minutes=1)


def local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))


@given(DAYS, st.integers(0, 23), st.sampled_from(ZONES))
def test_it_is_the_first_minute_at_or_past_the_hour_on_that_day(day: date, hour: int, zone: str) -> None:
    at = at_local(day, hour, zone)
    assert local(at, zone).date() == day
    assert local(at, zone).hour >= hour
    before = local(at - MINUTE, zone)
    assert (before.date(), before.hour) < (day, hour)


@pytest.mark.parametrize("zone", ZONES)
def test_each_of_15_years_of_days_has_exactly_one_moment(zone: str) -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(15 * 365 + 4)]
    for hour in (0, 2, 7):
        moments = [at_local(day, hour, zone) for day in days]
        assert [local_day(at, zone) for at in moments] == days
        gaps = [later - earlier for earlier, later in pairwise(moments)]
        assert all(timedelta(hours=22) <= gap <= timedelta(hours=26) for gap in gaps)


def test_an_hour_the_clock_skips_becomes_the_moment_after_the_gap() -> None:
    assert at_local(date(2026, 3, 29), 2, "Europe/Berlin") == datetime(2026, 3, 29, 1, tzinfo=UTC)  # 03:00 summer time
    assert at_local(date(2026, 3, 8), 2, "America/New_York") == datetime(2026, 3, 8, 7, tzinfo=UTC)


def test_an_hour_that_comes_twice_means_the_first() -> None:
    assert at_local(date(2026, 10, 25), 2, "Europe/Berlin") == datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert at_local(date(2026, 11, 1), 1, "America/New_York") == datetime(2026, 11, 1, 5, tzinfo=UTC)


def test_a_zone_that_moves_by_half_an_hour_keeps_its_hour() -> None:
    assert at_local(date(2026, 10, 4), 2, "Australia/Lord_Howe") == datetime(2026, 10, 3, 15, 30, tzinfo=UTC)  # 02:30
    assert at_local(date(2026, 4, 5), 7, "Australia/Lord_Howe") == datetime(2026, 4, 4, 20, 30, tzinfo=UTC)
