"""Roll-ups of single answers, and the list of roll-ups as data."""

from __future__ import annotations

import json

import pytest

from forms_catalog import starter
from forms_catalog.specs import Step
from forms_catalog.transforms import ROLLUPS, Answer
from tests.forms_catalog.transforms.made import dated, recode, rollup, run, said

STATUS = rollup(
    "if_else",
    rules=[
        {"source": "vital-status", "is": ["dead"], "then": "dead"},
        {"source": "followup-status", "is": ["ltfu"], "then": "ltfu"},
        {"source": "vital-status", "is": ["alive"], "then": "alive"},
    ],
)
SCALE = rollup("of_scale", selector="crs-scale-used", pick={"astct": "crs-grade-astct", "lee": "crs-grade-lee"})


def test_the_list_of_roll_ups_and_the_code_hold_together() -> None:
    listed = json.loads((starter.CONTENT / "rollups.json").read_text())["rollups"]
    assert {r["name"] for r in listed} == set(ROLLUPS)
    assert all(r["approved"] and all(r[k] for k in ("from", "to", "description", "loses")) for r in listed)


def test_an_unknown_roll_up_or_step_is_refused() -> None:
    assert "there is no roll-up 'guess'" in run(rollup("guess"), said("alt", "1")).refusal
    assert "is not a step" in run(Step("calc"), said("alt", "1")).refusal


def test_a_label_stands_for_its_code() -> None:
    assert run(rollup("label_of"), said("cause-of-death-primary", "organ-failure")).value == "Organ failure"


def test_a_label_follows_the_record_that_was_taken() -> None:
    steps = (rollup("first_of"), rollup("label_of"))
    assert run(steps, dated("new-malignancy-type", ("2026-02-01", "mds-aml"))).value == "MDS or AML"


def test_year_and_month_come_from_a_date() -> None:
    born = said("date-of-birth", "1961-07-30")
    assert run(rollup("year_of"), born).value == "1961"
    assert run((rollup("month_year_of"), Step("date", {"format": "my"})), born).value == "07-1961"


def test_a_month_is_never_made_from_a_year() -> None:
    outcome = run((rollup("month_year_of"), Step("date", {"format": "my"})), said("date-of-birth", "1961"))
    assert (outcome.value, outcome.note) == ("", "date known to the year only; this program needs the month")


def test_the_first_known_source_of_a_fact_is_taken() -> None:
    steps = (rollup("first_known"), rollup("year_of"))
    assert run(steps, said("year-of-birth"), said("date-of-birth", "1961-07-30")).value == "1961"
    assert run(steps, said("year-of-birth", "1960"), said("date-of-birth")).value == "1960"


def test_one_code_of_several_follows_the_order_and_names_the_rest() -> None:
    outcome = run(rollup("first_code", order=["bacterial", "viral"]), said("infection-organism", "viral|bacterial"))
    assert (outcome.value, outcome.note) == ("bacterial", "only one code fits; left out: viral")


def test_a_date_that_is_there_means_yes() -> None:
    assert run(rollup("known_if"), said("death-date", "2026-01-01")).value == "yes"
    assert run(rollup("known_if"), said("death-date")).value == ""


@pytest.mark.parametrize(
    ("vital", "standing", "value"),
    [("dead", "ltfu", "dead"), ("alive", "ltfu", "ltfu"), ("alive", "active", "alive"), ("", "ltfu", "ltfu")],
)
def test_a_mixed_list_follows_its_order_of_priority(vital: str, standing: str, value: str) -> None:
    assert run(STATUS, said("vital-status", vital), said("followup-status", standing)).value == value


def test_a_mixed_list_that_no_rule_fits_stays_blank() -> None:
    outcome = run(STATUS, said("vital-status", "unknown"), said("followup-status", "active"))
    assert (outcome.value, outcome.note) == ("", "no rule fits these answers")


def test_the_grade_comes_from_the_scale_that_was_used_and_no_other() -> None:
    grades = (said("crs-grade-astct", "1"), said("crs-grade-lee", "3"))
    assert run(SCALE, *grades, said("crs-scale-used", "lee")).value == "3"
    assert run(SCALE, *grades, said("crs-scale-used", "astct")).value == "1"


def test_a_scale_without_a_grade_stays_blank() -> None:
    outcome = run(SCALE, said("crs-grade-astct", "1"), said("crs-scale-used", "penn"))
    assert outcome.value == ""
    assert "never converted" in outcome.note


@pytest.mark.parametrize(
    ("base", "extra", "value"), [("no", "", "no"), ("yes", "yes", "yes"), ("yes", "no", "no"), ("yes", "", "")]
)
def test_an_extra_question_decides_where_the_answer_leaves_it_open(base: str, extra: str, value: str) -> None:
    answers = said("ig-replacement", base), Answer("ig-replacement", "by-vein", extra)
    assert run(rollup("qualified", carry=["no", "unknown"]), *answers).value == value


@pytest.mark.parametrize(
    ("result", "value"), [("positive", "Y"), ("negative", "Y"), ("pending", "Y"), ("not-done", "N"), ("unknown", "")]
)
def test_a_result_or_a_pending_one_means_that_a_sample_was_sent(result: str, value: str) -> None:
    steps = (rollup("sent_of"), recode({"yes": "Y", "no": "N"}))
    assert run(steps, said("tumor-transgene-tested", result)).value == value


def test_a_type_is_one_of_a_list_or_not() -> None:
    step = rollup("is_one_of", codes=["t-cell"])
    assert [run(step, said("new-malignancy-type", c)).value for c in ("t-cell", "solid", "")] == ["yes", "no", ""]


@pytest.mark.parametrize(
    ("titer", "value"),
    [("1:20", "yes"), ("> 1:640", "yes"), ("40", "yes"), ("<1:5", "no"), ("negative", "no"), ("0", "no"), ("", "")],
)
def test_a_titer_is_positive_above_the_limit_of_its_assay(titer: str, value: str) -> None:
    assert run(rollup("positive_if"), said("aav-antibody-titer", titer)).value == value


def test_a_titer_that_cannot_be_read_is_refused() -> None:
    assert "titer that can be read" in run(rollup("positive_if"), said("aav-antibody-titer", "see letter")).refusal


def test_a_missing_code_goes_through_a_roll_up_to_the_programs_own() -> None:
    steps = (rollup("positive_if"), recode({"yes": "1", "no": "0"}, missing={"not-done": "2"}))
    assert run(steps, said("aav-antibody-titer", missing="not-done")).value == "2"
