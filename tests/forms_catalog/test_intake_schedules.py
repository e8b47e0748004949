"""A schedule from several files, or from the dictionary's own time points, and what does not fit."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from forms_catalog import formats, intake, intake_schedule, starter
from forms_catalog.intake import IntakeError
from forms_catalog.specs import DictionarySpec, EventSpec
from sites.models import Program
from tests.forms_catalog.formats.test_schedule_csv import EVENTS, FORMS
from tests.world import AT, World

CODE = "car_pass_sponsor"


def dictionary(*events: EventSpec) -> DictionarySpec:
    return replace(formats.read(starter.program_csv(CODE)), events=events)


def codes(*events: EventSpec, data: bytes | list[bytes] | None = None) -> list[str]:
    return [p.code for p in intake_schedule.read(data, CODE, dictionary(*events))[1]]


def test_events_with_days_in_the_dictionary_are_its_schedule_and_this_is_said() -> None:
    plan, problems = intake_schedule.read(None, CODE, dictionary(EventSpec("D9", "Day 9", ("visit",), 9, 8, 10)))
    assert plan is not None
    assert [(e.code, e.window_end_day) for e in plan.entries] == [("D9", 10)]
    assert (problems[0].code, problems[0].path) == ("schedule_from_dictionary", "schedule")


def test_events_without_days_ask_for_them_on_the_page() -> None:
    plan, problems = intake_schedule.read(None, CODE, dictionary(EventSpec("V1", "Visit 1", ("visit",))))
    assert plan is None
    assert [p.code for p in problems] == ["events_without_days", "event_without_day"]
    assert "schedule page" in problems[0].message


def test_a_schedule_that_came_wins_over_the_dictionarys_events() -> None:
    assert "schedule_from_dictionary" not in codes(EventSpec("D9", "", (), 9), data=starter.schedule_json(CODE))


def test_a_form_that_the_dictionary_lacks_is_said_at_its_time_point() -> None:
    found = intake_schedule.read([EVENTS, FORMS], CODE, dictionary())[1]
    assert ("schedule.day_100_arm_1", "form_missing") in {(p.path, p.code) for p in found}


def test_an_anchor_that_is_no_field_is_said() -> None:
    document = json.loads(starter.schedule_json(CODE))
    document["programs"][CODE]["anchor"] = "nowhere"
    assert "anchor_missing" in codes(data=json.dumps(document).encode())


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([EVENTS, starter.schedule_json(CODE)], "schedule_mixed"),
        ([FORMS], "no_schedule"),
        ([b"%PDF-1.4"], "no_schedule"),
        ([EVENTS, b"x" * 2_000_001], "schedule_too_large"),
    ],
)
def test_files_that_make_no_schedule_are_refused_in_words(files: list[bytes], code: str) -> None:
    with pytest.raises(IntakeError) as refused:
        intake_schedule.read(files, CODE, dictionary())
    assert refused.value.code == code


@pytest.mark.django_db
def test_the_same_files_in_another_order_are_the_same_version(world: World) -> None:
    program: Program = world.programs[CODE]
    data = starter.program_csv(CODE)
    versions = [intake.receive(program, data, "a.csv", files, actor=AT) for files in ([EVENTS, FORMS], [FORMS, EVENTS])]
    assert versions[0] == versions[1]
    assert versions[0].counts["timepoints"] == 2
