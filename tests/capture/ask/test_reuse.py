"""Each reuse class of the catalog on real fields: first visit, later visit, another program's time, learned late,
corrected, missing, and a joint visit whose reports speak for different days (rules 2 and 3 of the core)."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from capture.ask.facts import Answer, Occasion
from tests.capture.ask.reuse import at, european, line_of, text, told
from tests.capture.ask.reuse_tables import EU, EU_LATER, FIRST, LATER, PASS, TABLES, Case
from tests.occasions import day, gate, record

EVERY = [pytest.param(case, id=f"{name}: {case[0]}") for name, cases in TABLES.items() for case in cases]


@pytest.mark.parametrize("case", EVERY)
def test_an_ask_stands_and_is_told_as_its_reuse_class_says(case: Case) -> None:
    _, here, path, answers, state, value = case
    assert (line_of(path, here, *answers).state, told(path, here, *answers)) == (state, value)


@pytest.mark.parametrize(
    ("here", "path", "value"),
    [
        (FIRST, "visit", "1"),
        (LATER, "visit", "2"),
        (at(PASS, "M6", 180), "visdt", text(180)),
        (at(PASS, "ENR", 0), "infdt", text(0)),
        (at(EU, "D100", 95), "cellinf_date", european(day(0))),
        (at(PASS, "M6", 180), "stdisc", "1"),
    ],
)
def test_what_follows_from_time_point_treatment_or_events_is_never_typed(here: Occasion, path: str, value: str) -> None:
    assert (line_of(path, here).state, told(path, here)) == ("derived", value)


VIRAL = record(1, "infection", infection_date=text(150), infection_organism="viral", infection_max_grade="3")


def test_a_record_is_derived_once_every_day_was_asked_about_and_belongs_to_the_period_of_its_day() -> None:
    asked = (gate("infection", -1, 100), gate("infection", 100, 180, "yes"))
    half = asked[:1]
    assert line_of("inf_agent", EU_LATER, *asked, records=(VIRAL,)).state == "derived"
    assert line_of("inf_agent", EU_LATER, *half, records=(VIRAL,)).state == "offered"
    assert told("inf_agent", EU_LATER, *asked, records=(VIRAL,)) == "2"
    assert told("inf_any", at(EU, "D100", 120), *asked, records=(VIRAL,)) == "1"  # no: it came later
    assert told("inf_any", at(EU, "D100", 150), *asked, records=(VIRAL,)) == "2"


def test_that_nobody_could_say_whether_there_is_anything_new_answers_that_visit_only() -> None:
    unsure = Answer(
        "any-new", "infection", "v3", missing="unknown", covers_from=day(120), covers_to=day(180), visit_id=3
    )
    own = Answer("any-new", "infection", "v7", missing="unknown", covers_from=day(120), covers_to=day(180), visit_id=7)
    assert told("inf_any", EU_LATER, unsure) == ""
    assert told("inf_any", EU_LATER, own) == "9"


def test_every_reuse_class_of_the_catalog_has_a_table() -> None:
    text_ = resources.files("forms_catalog.content").joinpath("catalog.json").read_text(encoding="utf-8")
    classes = set(json.loads(text_)["reuse_values"])
    assert classes == {*TABLES, "record", "from-timepoint", "from-treatment", "from-events"}
