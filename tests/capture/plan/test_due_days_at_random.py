"""Due days across the world: counted from the infusion through leap years, and over at the site's own midnight.

Days are counted here by another road than the code's: from the year, month and day alone, and from seconds since 1970.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from capture.plan.events import EnrolmentFact
from capture.plan.slots import slot_of
from capture.remind import due
from forms_catalog import starter
from forms_catalog.specs import ScheduleSpec
from sites.clock import local_day
from tests.sizes import size

ZONES = (
    *("Europe/Berlin", "Europe/London", "America/New_York", "America/Sao_Paulo", "America/St_Johns", "Asia/Tokyo"),
    *("Asia/Kolkata", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Apia", "Pacific/Honolulu"),
)
CASES = size(3000, 100_000)
ENTRIES = [(code, e) for code in starter.program_codes() for e in starter.schedule(code).entries]
SECOND = timedelta(seconds=1)


def number_of(year: int, month: int, day: int) -> int:
    """Days since 1 March of the year 0: months are counted from March, so that 29 February ends a year."""
    months = (month + 9) % 12
    years = year - months // 10
    return 365 * years + years // 4 - years // 100 + years // 400 + (months * 306 + 5) // 10 + day - 1


EPOCH = number_of(1970, 1, 1)


def local_number(at: datetime, zone: str) -> int:
    """The day number of an instant at a place: its seconds since 1970 and the zone's offset."""
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return EPOCH + int(at.timestamp() + offset.total_seconds()) // 86_400


def infusion(random: Random) -> date:
    """Any day of 40 years; one in five on or beside 29 February."""
    if random.random() < 0.2:
        return random.choice(
            (date(2020, 2, 29), date(2024, 2, 28), date(2024, 2, 29), date(2023, 2, 28), date(2028, 3, 1))
        )
    return date(2000, 1, 1) + timedelta(days=random.randrange(40 * 365))


def due_day(infused: date, code: str, entry: ScheduleSpec) -> date:
    """As planning computes it."""
    fact = EnrolmentFact(code, infused.toordinal(), infused.toordinal())
    return date.fromordinal(slot_of(1, fact, entry, {}).due)


def visit(on: date, zone: str) -> due.VisitFact:
    point = due.PointFact("planned", on - timedelta(days=60), on, on)
    return due.VisitFact(1, "v", "north", zone, 7, False, (point,))


def day_begins(day: date, zone: str) -> datetime:
    """The first second of a local day, found by halving."""
    wanted = number_of(day.year, day.month, day.day)
    low, high = (int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + h * 3600 for h in (-30, 30))
    while low + 1 < high:
        middle = (low + high) // 2
        early = local_number(datetime.fromtimestamp(middle, UTC), zone) < wanted
        low, high = (middle, high) if early else (low, middle)
    return datetime.fromtimestamp(high, UTC)


def bucket(on: date, zone: str, at: datetime) -> tuple[str, int]:
    item = due.still_due(visit(on, zone), local_day(at, zone))
    assert item is not None
    return item.bucket, item.days_late


@pytest.mark.thorough
def test_a_report_is_due_through_its_last_local_second_and_overdue_in_the_next() -> None:
    random = Random(5)
    for _ in range(CASES):
        infused, zone, (code, entry) = infusion(random), random.choice(ZONES), random.choice(ENTRIES)
        on = due_day(infused, code, entry)
        days = number_of(on.year, on.month, on.day) - number_of(infused.year, infused.month, infused.day)
        assert days == entry.due_day, (infused, code, entry.code)
        over = day_begins(on + timedelta(days=1), zone)
        assert bucket(on, zone, over - SECOND) == ("due", 0), (on, zone)
        late = local_number(over, zone) - number_of(on.year, on.month, on.day)
        assert bucket(on, zone, over) == ("overdue", late), (on, zone)
        at = over + SECOND * random.randrange(-200_000, 200_000)
        passed = local_number(at, zone) - number_of(on.year, on.month, on.day)
        assert bucket(on, zone, at) == (("overdue", passed) if passed > 0 else ("due", 0)), (on, zone, at)


def test_a_day_a_place_left_out_is_passed_over() -> None:
    """Samoa had no 30 December 2011: what was due on the 29th is two calendar days late a second after."""
    over = day_begins(date(2011, 12, 30), "Pacific/Apia")
    assert bucket(date(2011, 12, 29), "Pacific/Apia", over - SECOND) == ("due", 0)
    assert bucket(date(2011, 12, 29), "Pacific/Apia", over) == ("overdue", 2)
