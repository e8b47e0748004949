"""Unscheduled contacts: they count for every open window they fall into, and nowhere else unless the rules say so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from capture.enter import arranging, pinning
from capture.enter.arranging import ArrangeError
from capture.enter.pinning import PinError
from capture.models import Patient, Timepoint, Visit
from capture.plan.arranged import counts_for
from capture.plan.windows import Window
from tests.capture.plan import rows
from tests.capture.plan.rows import AT, CART, TODAY, day

pytestmark = pytest.mark.django_db
NA, EU, PASS = CART
WHO: dict[str, Any] = {"actor": AT, "reason": "phoned in", "today": TODAY}


@pytest.fixture
def patient() -> Patient:
    """In all three CAR-T programs."""
    rows.live(*CART)
    return rows.patient(*CART)


def contact(patient: Patient, number: int) -> Visit:
    return arranging.contact(patient, day(number), "fever", **WHO)


def served(visit: Visit) -> list[str]:
    found = Timepoint.objects.filter(visit=visit, state="planned").order_by("enrollment__program__code")
    return [f"{p.enrollment.program.code} {p.entry_code}" for p in found]


def test_a_contact_counts_for_one_open_window_of_each_program_that_holds_its_day(patient: Patient) -> None:
    made = contact(patient, 101)
    assert (made.planned_on, served(made)) == (day(101), [f"{PASS} M3", f"{EU} D100", f"{NA} D100"])
    assert pinning.standing_of(patient)[made.pk].place == "fever"
    assert rows.plan(patient) == 0


def test_it_takes_only_the_reports_whose_windows_hold_it(patient: Patient) -> None:
    made = contact(patient, 109)  # M3 of the study ended on day 105
    assert served(made) == [f"{EU} D100", f"{NA} D100"]
    assert rows.visit_of(patient, "M3", PASS) != made
    assert rows.doubled(patient) == []


def test_outside_every_window_it_is_reported_to_the_nearest_where_the_rules_say_so_and_nowhere_else(
    patient: Patient,
) -> None:
    made = contact(patient, 123)  # windows of day 100 ended on days 115, 120 and 105
    assert served(made) == [f"{NA} D100"]
    rows.plan(patient)
    assert served(made) == [f"{NA} D100"]
    assert {p.planned_on <= day(120) for p in [rows.visit_of(patient, "D100", EU)]} == {True}


def test_a_report_that_was_sent_takes_no_second_contact(patient: Patient) -> None:
    rows.submitted(rows.visit_of(patient, "D100", NA))
    with pytest.raises(ArrangeError, match=r"No report .* takes a contact on 2020-06-12.* next window is"):
        contact(patient, 103)
    with pytest.raises(ArrangeError, match="No report"):
        contact(patient, 118)


def test_what_somebody_types_stays_in_its_visit(patient: Patient) -> None:
    visit = rows.visit_of(patient, "D100", NA)
    rows.draft(visit)
    with pytest.raises(ArrangeError, match="nobody types into yet"):
        contact(patient, 101)
    assert len(served(visit)) == 3


def test_a_contact_that_was_released_is_planned_again(patient: Patient) -> None:
    before = rows.picture(patient)
    arranging.release(contact(patient, 109), **WHO)
    assert rows.picture(patient) == before


def test_a_contact_is_past_and_said_in_words(patient: Patient) -> None:
    with pytest.raises(ArrangeError, match="in the future"):
        arranging.contact(patient, TODAY + timedelta(days=1), "fever", **WHO)
    with pytest.raises(ArrangeError, match="Say what"):
        arranging.contact(patient, TODAY, " ", **WHO)


def test_a_pin_outside_a_window_needs_the_programs_rule(patient: Patient) -> None:
    made = contact(patient, 123)
    pinning.pin(made, day(125), **WHO)
    with pytest.raises(PinError, match="outside the window of"):
        pinning.pin(rows.visit_of(patient, "D100", EU), day(125), **WHO)


def windows(nearest: bool) -> list[Window]:
    return [Window("a", "p", 10, 20, 15, nearest=nearest), Window("b", "p", 40, 60, 50, nearest=nearest)]


@pytest.mark.parametrize(
    ("on", "nearest", "owed", "key"),
    [
        (15, False, "ab", "a"),
        (15, True, "b", ""),  # the window's report was sent: nothing is owed for this day
        (25, False, "ab", ""),
        (25, True, "ab", "a"),
        (30, True, "ab", "a"),  # as near to both: the earlier one
        (31, True, "ab", "b"),
        (25, True, "b", ""),  # the nearest was sent, the next one waits for its own window
        (90, True, "ab", "b"),
    ],
)
def test_the_report_a_contact_stands_for(on: int, nearest: bool, owed: str, key: str) -> None:
    assert "".join(counts_for(on, windows(nearest), owed)) == key
