"""Occasions that come due by answers, as pure rules: due days by zone, what opens nothing, what closes; balances."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from capture.plan import triggered
from capture.plan.elsewhere import Balance, Days, Elsewhere, told_by
from capture.plan.events import EnrolmentFact
from capture.plan.triggered import Opener
from forms_catalog.specs import ProgramSpec

RULES = {
    "triggers": [
        {"when": {"group": "adverse-event", "where": {"ae-serious": ["yes"]}}, "entry": "SAE", "due_hours": 24},
        {"when": {"group": "malignancy"}, "entry": "MAL", "due_days": 1},
        {"when": {"event": "death"}, "entry": "DTH", "due_days": 0},
    ]
}
PROGRAM = ProgramSpec("p", "P", "1", (), (), rules=RULES)
ANCHOR = date(2026, 1, 1).toordinal()
FACT = EnrolmentFact("p", ANCHOR, ANCHOR)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
TUMOUR = Opener("o1", "malignancy", 1, date(2026, 3, 1).toordinal(), NOON, "UTC")
SERIOUS = Opener("o2", "adverse-event", 2, date(2026, 3, 1).toordinal(), NOON, "UTC", {"ae-serious": "yes"})


def slots(*openers: Opener, fact: EnrolmentFact = FACT, stored: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Key and why it is closed, of each slot."""
    return [(s.key, s.closed) for s in triggered.slots_of(PROGRAM, 7, fact, openers, stored)]


def test_each_record_opens_its_own_occasion_and_keeps_its_number() -> None:
    second = replace(TUMOUR, id="o9", number=3)
    assert slots(TUMOUR, SERIOUS, second) == [("7:SAE:2", ""), ("7:MAL:1", ""), ("7:MAL:3", "")]


DUE = [
    ("Europe/Berlin", datetime(2026, 3, 28, 22, 30, tzinfo=UTC), "2026-03-28", "2026-03-30"),  # the clock goes forward
    ("Europe/Berlin", datetime(2026, 10, 24, 22, 30, tzinfo=UTC), "2026-10-25", "2026-10-25"),  # and back
    ("America/New_York", datetime(2026, 5, 31, 3, 59, tzinfo=UTC), "2026-05-30", "2026-05-31"),
    ("Pacific/Kiritimati", datetime(2026, 5, 31, 11, tzinfo=UTC), "2026-06-01", "2026-06-02"),
    ("Asia/Kathmandu", datetime(2028, 2, 28, 18, 20, tzinfo=UTC), "2028-02-29", "2028-03-01"),
]


@pytest.mark.parametrize(("zone", "aware_at", "aware", "due"), DUE)
def test_24_hours_end_on_the_sites_own_day(zone: str, aware_at: datetime, aware: str, due: str) -> None:
    (slot,) = triggered.slots_of(PROGRAM, 7, FACT, [replace(SERIOUS, aware_at=aware_at, zone=zone)], ())
    assert [date.fromordinal(n).isoformat() for n in (slot.start, slot.due, slot.end)] == [aware, due, due]


OPENS_NOTHING = [
    (replace(SERIOUS, values={"ae-serious": "no"}), FACT),
    (replace(SERIOUS, values={}), FACT),
    (replace(TUMOUR, on=ANCHOR - 1), FACT),
    (replace(TUMOUR, elsewhere=True), FACT),
    (replace(TUMOUR, ended=triggered.IN_ERROR), FACT),
    (TUMOUR, replace(FACT, owed_from=date(2026, 3, 11).toordinal())),
    (replace(TUMOUR, kind="infection"), FACT),
]


@pytest.mark.parametrize(("opener", "fact"), OPENS_NOTHING)
def test_what_the_program_does_not_wait_for_opens_nothing(opener: Opener, fact: EnrolmentFact) -> None:
    assert slots(opener, fact=fact) == []


def test_an_occasion_that_is_there_is_closed_with_the_reason_and_never_vanishes() -> None:
    error, no_more = replace(TUMOUR, ended=triggered.IN_ERROR), replace(SERIOUS, values={"ae-serious": "no"})
    found = slots(error, no_more, stored=("7:MAL:1", "7:SAE:2"))
    assert found == [("7:SAE:2", "no longer so"), ("7:MAL:1", "entered in error")]


def test_a_retrospective_enrolment_owes_what_was_known_before_it() -> None:
    late = replace(FACT, owed_from=date(2026, 3, 11).toordinal(), retrospective=True)
    assert slots(TUMOUR, fact=late) == [("7:MAL:1", "")]


ENTRIES = [Days("BASE", "baseline", 30), Days("D100", "followup", 115), Days("M6", "followup", 210),
           Days("Y1", "followup", 425)]  # fmt: skip
SIX = date.fromordinal(180)


def test_a_balance_tells_of_the_last_report_what_ended_before_it_and_the_baseline() -> None:
    last = Elsewhere(180)
    assert dict(told_by(Balance("M6", SIX), ENTRIES)) == {"BASE": Elsewhere(), "D100": Elsewhere(), "M6": last}
    owed = Balance("M6", SIX, frozenset({"D100"}))
    assert dict(told_by(owed, ENTRIES)) == {"BASE": Elsewhere(), "M6": last}
    assert dict(told_by(Balance("", None), ENTRIES)) == dict(told_by(None, ENTRIES)) == {}


def test_a_last_entry_that_the_schedule_lost_stands_for_its_day() -> None:
    assert set(dict(told_by(Balance("M5", date.fromordinal(150)), ENTRIES))) == {"BASE", "D100"}
