"""Schedules JSON: both shapes, tracks, and every kind of odd window said in words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from forms_catalog import starter
from forms_catalog.formats.schedules import SchedulesRead, expand_track, read

CODES = ("D100", "M6", "M18", "Y1", "Y2", "Y3", "Y10")


def entry(code: str, start: Any, end: Any, **more: Any) -> dict[str, Any]:
    base = {"code": code, "target_day": start, "window_start_day": start, "window_end_day": end, "due_day": end}
    return base | {"forms": ["followup"]} | more


def read_one(*timepoints: dict[str, Any], **more: Any) -> SchedulesRead:
    return read({"programs": {"p": {"timepoints": list(timepoints), **more}}})


def codes_of(found: SchedulesRead) -> list[tuple[str, str, str]]:
    return [(p.path, p.code, p.severity) for p in found.problems]


def test_a_file_of_one_program_and_a_file_of_many_read_the_same() -> None:
    one, other = (json.loads(starter.schedule_json(p)) for p in ("car_registry_na", "sma_registry"))
    many = {"version": "1", "programs": one["programs"] | other["programs"]}
    assert read(json.dumps(many).encode()).schedules == (*read(one).schedules, *read(other).schedules)


def test_one_program_that_says_its_own_code_is_read() -> None:
    found = read({"program": "p", "timepoints": [entry("A", 1, 2)]})
    assert [(s.program, len(s.entries)) for s in found.schedules] == [("p", 1)]


def test_baseline_entries_have_a_due_day_and_no_window() -> None:
    base = starter.schedule("car_registry_na").entries[0]
    assert (base.kind, base.code, base.forms, base.due_day) == ("baseline", "BASE", ("ct_baseline",), 30)
    assert base.window_start_day is base.window_end_day is base.target_day is None


def test_the_tracks_of_the_registry_expand_to_its_timepoints() -> None:
    sizes = {t.code: len(t.codes) for t in starter.schedule("car_registry_na").tracks}
    assert sizes == {"crf15": 17, "ted": 12, "d100only": 1, "none": 0}


@pytest.mark.parametrize(
    ("notation", "named", "unknown"),
    [
        ("D100, M6", ("D100", "M6"), ()),
        ("Y1..Y3", ("Y1", "Y2", "Y3"), ()),
        ("M6..M18,Y2..Y99", ("M6", "M18", "Y2", "Y3", "Y10"), ()),
        ("", (), ()),
        ("Q7,M6..Y1,Y1..", (), ("Q7", "M6..Y1", "Y1..")),
    ],
)
def test_track_notation(notation: str, named: tuple[str, ...], unknown: tuple[str, ...]) -> None:
    assert expand_track(notation, CODES) == (named, unknown)


def test_a_window_that_ends_before_it_starts_is_an_error_and_left_out() -> None:
    found = read_one(entry("A", 9, 3), entry("B", 10, 12))
    assert codes_of(found) == [("p.A", "window_order", "error")]
    assert [e.code for e in found.schedules[0].entries] == ["B"]


def test_overlapping_windows_are_a_warning_on_the_later_one() -> None:
    found = read_one(entry("A", 1, 30), entry("B", 5, 9), entry("C", 20, 40), entry("D", 41, 50))
    assert codes_of(found) == [("p.B", "windows_overlap", "warning"), ("p.C", "windows_overlap", "warning")]


def test_a_code_that_comes_twice_keeps_the_first() -> None:
    found = read_one(entry("A", 1, 2), entry("A", 5, 6))
    assert codes_of(found) == [("p.A", "duplicate_code", "error")]
    assert [e.window_start_day for e in found.schedules[0].entries] == [1]


def test_the_registrys_first_year_is_known_to_aim_outside_its_own_window() -> None:
    found = read(starter.schedule_json("car_registry_na"))
    assert codes_of(found) == [("car_registry_na.Y1", "target_outside_window", "info")]


def test_missing_target_and_due_day_are_filled_from_the_window_and_said() -> None:
    found = read_one(entry("A", 10, 20, target_day=None, due_day=None))
    assert [p.code for p in found.problems] == ["no_target", "no_due_day"]
    assert (found.schedules[0].entries[0].target_day, found.schedules[0].entries[0].due_day) == (15, 20)


@pytest.mark.parametrize("day", [None, "85", True, 1.5, float("nan"), float("inf"), 10**9])
def test_a_window_day_that_is_no_whole_number_is_an_error(day: Any) -> None:
    assert codes_of(read_one(entry("A", day, 2, target_day=1)))[0] == ("p.A", "bad_entry", "error")


def test_a_track_that_names_an_unknown_timepoint_is_an_error() -> None:
    found = read_one(entry("A", 1, 2), tracks=[{"code": "t", "rule": "", "timepoints": "A,Z"}])
    assert codes_of(found) == [("p.t", "unknown_track_code", "error")]


@pytest.mark.parametrize(
    "data", [b"", b"not json", b"\xff\xfe", b"[" * 100_000, b"1" * 5000, b"[]", b"{}", b'"x"', b"null"]
)
def test_an_unreadable_file_gives_one_error_and_no_schedule(data: bytes) -> None:
    found = read(data)
    assert not found.schedules
    assert [p.severity for p in found.problems] == ["error"]


def test_a_broken_line_is_named() -> None:
    assert read(b'{\n"programs": {,}}').problems[0].line == 2


def test_errors_of_one_program_do_not_count_against_another() -> None:
    found = read({"programs": {"p": {"timepoints": [entry("A", 9, 3)]}, "pq": {"timepoints": [entry("A", 1, 3)]}}})
    assert [len(found.errors(p)) for p in ("p", "pq", "")] == [1, 0, 1]
