"""Triggers of a schedule: read as structured data beside the prose, and refused one by one in words."""

from __future__ import annotations

from typing import Any

import pytest

from forms_catalog import starter, triggering
from forms_catalog.formats import schedule_json, schedules, triggers
from forms_catalog.specs.triggers import TriggerSpec
from tests.releases import ALL, CAR, release_of

GOOD = {"when": {"group": "malignancy"}, "entry": "MALIG", "due_days": 1}
TIMEPOINTS = [{"code": "M6", "window_start_day": 150, "window_end_day": 210, "target_day": 180, "due_day": 210}]


def found(*written: Any) -> list[str]:
    """The sentences about the triggers of a schedule with one time point M6."""
    body = {"timepoints": TIMEPOINTS, "rules": {"triggers": list(written)}}
    read = schedules.read({"programs": {"mine": body}})
    return [p.message for p in read.problems if p.code == "bad_trigger"]


def test_a_trigger_is_read_with_what_it_waits_for_and_when_it_is_due() -> None:
    raw = {
        "when": {"group": "adverse-event", "where": {"ae-serious": ["yes"]}},
        "entry": "SAE",
        "label": "Serious event",
        "due_hours": 24,
        "forms": ["sae"],
        "basis": "assumption",
    }
    want = TriggerSpec("SAE", "Serious event", "adverse-event", "", {"ae-serious": ("yes",)}, 24, None, ("sae",),
                       "assumption")  # fmt: skip
    assert triggers.of_rules({"triggers": [raw]}) == (want,)
    assert want.due_in_words == "24 hours"
    assert found(raw, GOOD) == []


BAD = [
    ({}, "names a record group or an event"),
    ("malignancy", "names a record group or an event"),
    ({**GOOD, "entry": ""}, 'needs an "entry"'),
    ({**GOOD, "entry": "A,B"}, 'needs an "entry"'),
    ({**GOOD, "entry": "DEATH"}, "closing reports are"),
    ({**GOOD, "when": {}}, 'one of "group" and "event"'),
    ({**GOOD, "when": {"group": "malignancy", "event": "death"}}, 'one of "group" and "event"'),
    ({**GOOD, "when": {"event": "birthday"}}, "it can wait for death"),
    ({**GOOD, "when": {"group": "malignancy", "where": {"type": "solid"}}}, 'needs "where"'),
    ({**GOOD, "due_hours": 24}, 'one of "due_hours" and "due_days"'),
    ({**GOOD, "due_days": None}, 'one of "due_hours" and "due_days"'),
    ({**GOOD, "due_days": 1.5}, "write a whole number"),
    ({**GOOD, "due_days": -1}, "write a whole number"),
    ({**GOOD, "due_days": True}, "write a whole number"),
    ({**GOOD, "forms": "malig"}, 'needs "forms" as a list'),
    ({**GOOD, "entry": "M6"}, "has the code of a time point"),
]


@pytest.mark.parametrize(("written", "says"), BAD)
def test_a_trigger_that_cannot_be_used_is_named_with_what_to_do(written: Any, says: str) -> None:
    assert [says in message for message in found(written)] == [True]


def test_two_triggers_of_one_code_and_a_list_that_is_none_are_refused() -> None:
    assert ["two triggers MALIG" in message for message in found(GOOD, GOOD)] == [True]
    read = schedules.read({"programs": {"mine": {"timepoints": TIMEPOINTS, "rules": {"triggers": GOOD}}}})
    assert ["has to be a list" in p.message for p in read.problems if p.code == "bad_trigger"] == [True]


def test_a_bad_trigger_opens_nothing_and_the_good_one_beside_it_stands() -> None:
    assert [t.entry for t in triggers.of_rules({"triggers": [{"entry": "X"}, GOOD]})] == ["MALIG"]


@pytest.mark.parametrize("program", ALL)
def test_the_starter_schedules_keep_their_triggers_through_the_schedule_page(program: str) -> None:
    plan = starter.schedule(program)
    again = schedules.read(schedule_json.write(plan)).schedules[0]
    assert triggers.of_rules(again.rules) == triggers.of_rules(plan.rules)
    groups = {t.group for t in triggers.of_rules(plan.rules)} - {""}
    assert groups <= set(starter.record_groups())


def test_without_forms_an_occasion_asks_the_fields_that_rest_on_its_record() -> None:
    release = release_of(*CAR)
    asked = {
        t.entry: [a.field.name for a in triggering.asks_of(release, "car_pass_sponsor", t)]
        for t in triggering.of_program(release.programs["car_pass_sponsor"])
    }
    assert asked["SPM"] == ["spm", "spmdt", "spmtype", "spmsamp"]
    assert asked["SAE"] == ["sae"]
    assert {"survstat", "dthdt", "dthcaus", "dthrel"} <= set(asked["DTH"])
    assert asked["PREG"] == ["pregrec", "pregpar"]
