"""The steps that state a request's own rule: which measurement it takes, and what it reads where it had a fact."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forms_catalog import decision_checks, starter
from forms_catalog.specs import MappingSpec, Source, Step
from forms_catalog.transforms import Answer, Facts, Inputs, forward, inverse, selection_of, sentences
from tests.releases import decided, dictionary

SAID = Step("reported", {"when": "before", "of": ["1"], "as": "4"})
CODES = Step("recode", {"map": {"yes": "1", "no": "2"}})


def checked(*steps: Step, element: str = "alt", program: str = "sma_registry", path: str = "alt_s") -> list[str]:
    """The codes of what is wrong with a decision of these steps."""
    spec = MappingSpec(program, path, "exact", (Source(element),), steps)
    found = decision_checks.mappings([spec], dictionary(program), starter.elements())
    return [p.code for p in found if p.severity == "error"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"rule": "nearest"}, "Takes the measurement nearest to the as-of date, before or after it."),
        (
            {"rule": "last_before", "days": 30},
            "Takes the last measurement up to the as-of date; one may serve 30 days before the as-of date.",
        ),
        (
            {"rule": "first_of_three", "at_least": 0.5, "give": "date", "scope": "ever"},
            "Takes the first of three measurements in a row, on different days, at or above the limit of 0.5. "
            "The program gets its date.",
        ),
        ({"rule": "maximum", "scope": "ever"}, "Takes the highest measurement since the infusion."),
    ],
)
def test_a_rule_of_a_series_is_taken_and_said_in_one_sentence(args: dict[str, object], said: str) -> None:
    assert checked(Step("select", args)) == []
    assert sentences([Step("select", args)]) == [said]


@pytest.mark.parametrize(
    "args",
    [
        {},
        {"rule": "median"},
        {"rule": "nearest", "days": -1},
        {"rule": "nearest", "days": True},
        {"rule": "nearest", "days": "30"},
        {"rule": "nearest", "at_least": 5},
        {"rule": "first_of_three"},
        {"rule": "first_of_three", "at_least": "much"},
        {"rule": "minimum", "scope": "always"},
        {"rule": "minimum", "give": "unit"},
        {"rule": "minimum", "within": 3},
    ],
)
def test_a_rule_that_cannot_be_read_is_named_to_the_curator_and_delivers_nothing(args: dict[str, object]) -> None:
    step = Step("select", args)
    assert checked(step) == ["select_unreadable"]
    assert forward((step,), Inputs((Answer("alt", value="30"),))).refusal
    assert sentences([step]) == []


def test_a_rule_stands_first_and_only_on_a_dated_series() -> None:
    nearest = Step("select", {"rule": "nearest"})
    assert checked(CODES, nearest, program="car_registry_na", path="anc_rec", element="anc-recovered") == [
        "select_unreadable",
        "select_without_series",
    ]


def test_what_was_reported_before_is_told_by_the_fields_own_code() -> None:
    yes = Answer("anc-recovered", value="yes")
    assert forward((CODES, SAID), Inputs((yes,), Facts())).value == "1"
    assert forward((CODES, SAID), Inputs((replace(yes, reported="before"),), Facts())).value == "4"
    assert forward((CODES, SAID), Inputs((replace(yes, reported="elsewhere"),), Facts())).value == "1"
    assert forward((CODES,), Inputs((replace(yes, reported="before"),), Facts())).value == "1"
    assert sentences([SAID]) == ["Tells 1 as '4' where an earlier report of this kind told it."]


def test_an_answer_without_a_code_is_still_noticed_before_a_reported_step() -> None:
    outcome = forward((CODES, SAID), Inputs((Answer("anc-recovered", value="never-below"),), Facts()))
    assert (outcome.value, outcome.no_target) == ("", "never-below")


def test_a_code_that_may_be_told_otherwise_has_no_sure_way_back() -> None:
    assert inverse((CODES, SAID), "1") == frozenset()
    assert inverse((CODES, SAID), "2") == {"no"}


@pytest.mark.parametrize(
    "args", [{}, {"when": "always", "of": ["1"], "as": "4"}, {"when": "before", "of": "1", "as": "4"}]
)
def test_a_reported_step_that_cannot_be_read_is_refused(args: dict[str, object]) -> None:
    step = Step("reported", args)
    assert "reported_unreadable" in checked(
        CODES, step, program="car_registry_na", path="anc_rec", element="anc-recovered"
    )
    assert forward((CODES, step), Inputs((Answer("anc-recovered", value="yes"),), Facts())).refusal


def test_the_shipped_decisions_state_a_rule_where_their_programs_text_does() -> None:
    assert selection_of(decided("payer_outcomes_scd").by_path["hb_meas"]).rule == "nearest"
    assert [s.op for s in decided("car_registry_na").by_path["anc_rec"].transform] == ["recode", "reported"]
