"""Rows of the schedule page become the schedule they describe, and say what is wrong where it stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forms_catalog import starter
from forms_catalog.formats import schedule_json, schedules
from forms_catalog.pages.schedule_rows import Row, checked, of_events, of_plan, of_post
from forms_catalog.specs import EventSpec

GOOD = Row("D100", "Day 100", "followup", "100", "85", "115", "130", ("f",))


def said(*rows: Row) -> list[str]:
    found, _ = checked("p", rows, None)
    return [text for row in found for _, text in row.problems]


@pytest.mark.parametrize("program", starter.program_codes())
def test_a_starter_schedule_is_the_same_after_the_page_and_after_its_file(program: str) -> None:
    plan = starter.schedule(program)
    assert checked(program, of_plan(plan), plan)[1] == plan
    assert schedules.read(schedule_json.write(plan)).schedules == (plan,)


def test_days_may_be_written_as_people_say_them() -> None:
    _, plan = checked("p", [replace(GOOD, target="Day 100", start="d85", end=" 115".strip())], None)
    assert (plan.entries[0].target_day, plan.entries[0].window_start_day) == (100, 85)


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (replace(GOOD, code=""), "short code"),
        (replace(GOOD, code="a,b"), "without commas"),
        (replace(GOOD, code="x" * 41), "at most 40"),
        (replace(GOOD, forms=()), "at least one form"),
        (replace(GOOD, target="soon"), "Target: 'soon' is no day"),
        (replace(GOOD, due="999999"), "Due day: '999999' is no day"),
        (replace(GOOD, start=""), "first and the last day"),
        (replace(GOOD, start="200"), "ends on day 115 before it starts on day 200"),
        (replace(GOOD, kind="baseline", due=""), "needs a due day"),
    ],
)
def test_what_cannot_be_saved_is_said_at_its_row(row: Row, text: str) -> None:
    (found,), _ = checked("p", [row], None)
    assert found.wrong
    assert text in " ".join(said(row))


def test_what_should_be_looked_at_does_not_stop_saving() -> None:
    rows, plan = checked("p", [GOOD, replace(GOOD, code="M4", start="110", end="130", target="120")], None)
    assert [row.wrong for row in rows] == [False, False]
    assert ["before D100 has ended" in text for _, text in rows[1].problems] == [True]
    assert len(plan.entries) == 2


def test_a_code_that_comes_twice_is_wrong_at_its_second_row() -> None:
    rows, _ = checked("p", [GOOD, replace(GOOD, start="200", end="230", target="215")], None)
    assert [row.wrong for row in rows] == [False, True]


def test_entries_stand_in_the_order_of_their_days() -> None:
    late = replace(GOOD, code="Y1", target="365", start="335", end="395", due="400")
    _, plan = checked("p", [late, GOOD, Row("BASE", kind="baseline", due="30", forms=("f",))], None)
    assert [e.code for e in plan.entries] == ["BASE", "D100", "Y1"]


def test_tracks_and_rules_stay_without_the_time_points_that_are_gone() -> None:
    before = starter.schedule("car_registry_na")
    _, plan = checked("car_registry_na", [r for r in of_plan(before) if r.code != "M6"], before)
    assert (plan.anchor, plan.rules) == (before.anchor, before.rules)
    assert "M6" not in plan.tracks[0].codes
    assert len(plan.tracks[0].codes) == len(before.tracks[0].codes) - 1


def test_only_a_changed_entry_says_that_it_was_entered_here() -> None:
    before = starter.schedule("car_registry_na")
    rows = [replace(r, due="131") if r.code == "D100" else r for r in of_plan(before)]
    _, plan = checked("car_registry_na", rows, before)
    assert [e.code for e in plan.entries if e.basis == "entered on the page"] == ["D100"]


def test_time_points_of_a_file_are_rows_with_the_days_it_knows() -> None:
    rows = of_events([EventSpec("V1", "Visit 1", ("f",)), EventSpec("R", "Relapse", (), kind="triggered")])
    assert rows == [Row("V1", "Visit 1", forms=("f",))]


@pytest.mark.parametrize("count", ["", "x", "-1", "9" * 4000, "²"])
def test_a_count_that_is_no_count_gives_no_rows_or_the_most(count: str) -> None:
    assert len(of_post({"rows": count}, {})) in (0, 200)
