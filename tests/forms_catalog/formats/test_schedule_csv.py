"""REDCap's events and designations as files, and events without a file, become a schedule with windows."""

from __future__ import annotations

import pytest

from forms_catalog.formats import schedule_csv
from forms_catalog.formats.schedule_events import of_events
from forms_catalog.specs import EventSpec

EVENTS = b"""event_name,arm_num,day_offset,offset_min,offset_max,unique_event_name,custom_event_label
Enrolment,1,0,30,0,enrolment_arm_1,
Day 100,1,100,15,20,day_100_arm_1,[date]
Year 1,1,365,30,30,year_1_arm_1,
"""
FORMS = b"""arm_num,unique_event_name,form
1,enrolment_arm_1,base
1,day_100_arm_1,followup
1,day_100_arm_1,labs
1,year_1_arm_1,followup
"""
BY_HAND = b"""Arm Num;Event Name;Days Offset;Offset Range Min;Offset Range Max;Unique event name
1;Enrolment;0;30;0;enrolment_arm_1
1;Day 100;100;15;20;day_100_arm_1
1;Year 1;365;30;30;year_1_arm_1
"""


@pytest.mark.parametrize("files", [[EVENTS, FORMS], [FORMS, EVENTS], [b"\xef\xbb\xbf" + BY_HAND, FORMS]])
def test_both_files_in_any_order_and_header_give_days_windows_and_forms(files: list[bytes]) -> None:
    events, problems = schedule_csv.read(files)
    assert problems == ()
    assert events[1] == EventSpec("day_100_arm_1", "Day 100", ("followup", "labs"), 100, 85, 120, arm="1")
    (plan,) = of_events("p", events).schedules
    assert [(e.code, e.kind, e.window_start_day, e.target_day, e.window_end_day, e.due_day) for e in plan.entries] == [
        ("enrolment_arm_1", "baseline", None, None, None, 30),
        ("day_100_arm_1", "followup", 85, 100, 120, 120),
        ("year_1_arm_1", "followup", 335, 365, 395, 395),
    ]


def test_a_file_without_unique_names_gets_the_ones_that_redcap_makes() -> None:
    events, _ = schedule_csv.read([b"event_name,arm_num,day_offset\nDay 100 (visit),2,100\n"])
    assert events[0].code == "day_100_visit_arm_2"


def test_designations_alone_give_events_without_days() -> None:
    events, problems = schedule_csv.read([FORMS])
    assert [(e.code, e.day, e.forms) for e in events][1] == ("day_100_arm_1", None, ("followup", "labs"))
    assert [p.code for p in problems] == ["no_events"]
    assert of_events("p", events).schedules == ()


@pytest.mark.parametrize(
    ("events", "forms", "found"),
    [
        (b"X,1,ten,0,0,x_arm_1,", b"1,x_arm_1,f", (6, "x_arm_1", "bad_day")),
        (b"Day 100,1,5,0,0,day_100_arm_1,", b"1,x,f", (6, "day_100_arm_1", "duplicate_code")),
        (b",1,5,0,0,,", b"1,x,f", (6, "", "event_without_name")),
        (b"", b"1,nowhere,f", (6, "nowhere", "unknown_event")),
        (b"", b"1,,f", (6, "", "bad_designation")),
        (b"X,1,9,0,0,x_arm_1,", b"", (0, "x_arm_1", "event_without_forms")),
    ],
)
def test_an_odd_row_is_reported_with_its_line(events: bytes, forms: bytes, found: tuple[int, str, str]) -> None:
    _, problems = schedule_csv.read([EVENTS + b"\n" + events, FORMS + forms])
    assert found in {(p.line, p.path, p.code) for p in problems}


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"\x00" * 100, b"form,field\nx,y\n", b'"' * 5_000])
def test_other_files_are_not_taken_for_schedules(data: bytes) -> None:
    assert not schedule_csv.looks_like(data)


def problems_of(*events: EventSpec) -> dict[str, str]:
    return {p.path: p.code for p in of_events("p", events).problems}


def test_events_without_a_day_are_left_out_and_said() -> None:
    read = of_events("p", [EventSpec("A", "Any time", ("f",)), EventSpec("B", "Day 9", ("f",), 9, 8, 10)])
    assert [e.code for e in read.schedules[0].entries] == ["B"]
    assert problems_of(EventSpec("A", "Any time", ("f",))) == {"p.A": "event_without_day"}
    assert problems_of(EventSpec("A", "Relapse", ("f",), kind="triggered")) == {"p.A": "event_not_planned"}


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (EventSpec("A", "A", ("f",), 9), "window_of_one_day"),
        (EventSpec("A", "A", ("f",), 9, 20, 10), "window_order"),
        (EventSpec("A", "A", ("f",), 90, 8, 10), "target_outside_window"),
        (EventSpec("A", "A", ("f",), None, 8, 10), "no_target"),
        (EventSpec("A", "A", ("f",), 10**6), "day_out_of_reach"),
        (EventSpec("A", "A", ("f",), -3), "baseline_due_assumed"),
    ],
)
def test_odd_days_are_said_at_the_event(event: EventSpec, code: str) -> None:
    assert problems_of(event)["p.A"] == code


def test_windows_that_overlap_are_said_within_an_arm_and_not_between_arms() -> None:
    first = EventSpec("A", "A", ("f",), 10, 5, 20, arm="1")
    assert problems_of(first, EventSpec("B", "B", ("f",), 15, 12, 30, arm="1")) == {"p.B": "windows_overlap"}
    assert problems_of(first, EventSpec("B", "B", ("f",), 15, 12, 30, arm="2")) == {}


def test_arms_are_tracks() -> None:
    arms = [EventSpec(f"A{n}", "A", ("f",), 10, 5, 20, arm=n) for n in "12"]
    (plan,) = of_events("p", arms).schedules
    assert [(t.code, t.codes) for t in plan.tracks] == [("1", ("A1",)), ("2", ("A2",))]


def test_codes_too_long_to_keep_are_cut_and_stay_apart() -> None:
    (plan,) = of_events("p", [EventSpec("E" * 60, "A", (), 1, 1, 2), EventSpec("E" * 61, "B", (), 5, 4, 6)]).schedules
    assert [e.code for e in plan.entries] == ["E" * 40, "E" * 38 + "-2"]
