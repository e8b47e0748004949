"""Roll-ups over the records and earlier answers of a program's own interval."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forms_catalog.transforms import Answer
from tests.forms_catalog.transforms.made import dated, earlier, facts, recode, rollup, run, said

DATES = dated("relapse-date", ("2026-05-01", "2026-05-01"), ("2026-02-01", "2026-02-01"), ("2025-03-01", "2025-03-01"))
TYPES = dated("new-malignancy-type", ("2026-02-01", "skin-nonmelanoma"), ("2026-03-01", "t-cell"))
FOUND = dated("new-malignancy-date", ("2026-02-01", "2026-02-01"), ("2026-03-01", "2026-03-01"))
NO_SKIN = {"new-malignancy-type": ["skin-nonmelanoma"]}
ORGANISMS = dated(
    "infection-organism", ("2026-02-01", "viral"), ("2026-03-01", "bacterial|viral"), ("2025-06-01", "fungal")
)
SIGNIFICANT = dated(
    "infection-clinically-significant", ("2026-02-01", "no"), ("2026-03-01", "yes"), ("2025-06-01", "yes")
)


def test_the_first_of_the_interval_is_not_the_first_ever() -> None:
    assert run(rollup("first_of", scope="interval"), DATES).value == "2026-02-01"
    assert run(rollup("first_of", scope="ever"), DATES).value == "2025-03-01"


def test_the_last_of_the_interval_is_taken() -> None:
    assert run(rollup("last_of"), DATES).value == "2026-05-01"


def test_a_form_with_room_for_one_says_how_many_there_were() -> None:
    assert run(rollup("first_of"), DATES).note == "first of 2 records in this period"


def test_a_record_after_the_as_of_date_belongs_to_the_next_report() -> None:
    assert run(rollup("last_of"), DATES, at=facts("2026-04-30")).value == "2026-02-01"


def test_a_period_without_records_stays_blank_with_a_note() -> None:
    outcome = run(rollup("first_of"), DATES, at=facts("2026-12-31", "2026-07-01"))
    assert (outcome.value, outcome.note) == ("", "no record in this period")


def test_records_without_a_roll_up_are_refused() -> None:
    assert "name a roll-up" in run((), DATES).refusal


def test_one_record_of_a_repeating_form_passes_as_it_is() -> None:
    assert run(rollup("first_of"), said("relapse-date", "2026-02-01")).value == "2026-02-01"


def test_the_field_comes_from_the_first_occurrence_even_where_it_is_missing_there() -> None:
    tested = dated("tumor-transgene-tested", ("2026-02-01", ""), ("2026-03-01", "positive"), missing="unknown")
    assert run(rollup("first_of"), tested).no_target == "unknown"


def test_another_field_of_the_same_occurrence_filters() -> None:
    assert run(rollup("first_of", where_not=NO_SKIN), FOUND, TYPES).value == "2026-03-01"


def test_the_union_of_an_interval_has_each_code_once() -> None:
    assert run(rollup("union"), ORGANISMS).value == "viral|bacterial"


def test_the_union_may_be_limited_to_significant_records() -> None:
    step = rollup("union", where={"infection-clinically-significant": ["yes"]})
    assert run(step, ORGANISMS, SIGNIFICANT).value == "bacterial|viral"


def test_any_record_that_passes_the_filter_is_a_yes() -> None:
    step = rollup("any_where", where_not=NO_SKIN, summary="new-malignancy")
    assert run(step, TYPES, said("new-malignancy", "yes")).value == "yes"


def test_only_records_that_fail_the_filter_are_a_no() -> None:
    step = rollup("any_where", where_not=NO_SKIN, summary="new-malignancy")
    assert run(step, TYPES, said("new-malignancy", "yes"), at=facts("2026-02-15")).value == "no"


@pytest.mark.parametrize(("summary", "value", "no_target"), [("no", "no", ""), ("yes", "", "unknown"), ("", "", "")])
def test_without_records_the_summary_decides(summary: str, value: str, no_target: str) -> None:
    step = rollup("any_where", where_not=NO_SKIN, summary="new-malignancy")
    outcome = run(step, said("new-malignancy-type"), said("new-malignancy", summary))
    assert (outcome.value, outcome.no_target) == (value, no_target)


def test_where_all_time_counts_earlier_records_do_not_answer_for_this_period() -> None:
    step = rollup("any_where", scope="ever", where_not={"new-malignancy-type": ["t-cell"]}, summary="new-malignancy")
    earlier_only = dated("new-malignancy-type", ("2025-03-01", "t-cell"))
    assert run(step, earlier_only, said("new-malignancy")).value == ""
    assert run(step, earlier_only, said("new-malignancy", "no")).value == "no"
    assert run(step, TYPES, said("new-malignancy")).value == "yes"


YEAR = rollup("count_before", months=12, until="outcome-measurement-date")


def admissions(now: str, *days: str, missing: str = "") -> Answer:
    """The answer of this period, and the stays by their first day."""
    return replace(dated("hospital-admissions", *((day, "yes") for day in days)), value=now, missing=missing)


@pytest.mark.parametrize(
    ("measured", "count"), [("2026-03-01", "2"), ("2026-02-28", "1"), ("2027-01-01", ""), ("2026-03", ""), ("", "")]
)
def test_months_before_a_day_are_counted_whatever_the_period(measured: str, count: str) -> None:
    stays = admissions("1", "2025-03-01", "2025-03-02", "2026-03-01", "2026-03-02")
    if measured == "2026-02-28":
        stays = admissions("1", "2025-02-28", "2025-03-01", "2026-03-01")
    assert run(YEAR, stays, said("outcome-measurement-date", measured)).value == count


def test_a_count_of_months_waits_for_the_answer_of_this_period() -> None:
    day = said("outcome-measurement-date", "2026-03-01")
    assert run(YEAR, admissions("", "2025-08-01"), day).value == ""
    assert run(YEAR, admissions("0"), day).value == "0"
    assert run(YEAR, admissions("", missing="unknown"), day).no_target == "unknown"
    assert "'until'" in run(rollup("count_before", months=12), admissions("0"), day).refusal


@pytest.mark.parametrize(
    ("now", "before", "value", "missing"),
    [("no", "yes", "yes", ""), ("no", "no", "no", ""), ("no", "unknown", "", "unknown"), ("yes", "no", "yes", "")],
)
def test_ever_looks_at_every_earlier_answer(now: str, before: str, value: str, missing: str) -> None:
    outcome = run(rollup("ever"), earlier("crs-occurred", now, ("2025-04-01", before)))
    assert (outcome.value, outcome.no_target) == (value, missing)


def test_a_record_of_any_time_makes_ever_a_yes() -> None:
    assert run(rollup("ever"), said("relapse", "no"), DATES).value == "yes"


def test_ever_waits_for_the_answer_of_this_period() -> None:
    assert run(rollup("ever"), earlier("crs-occurred", "", ("2025-04-01", "no"))).note == "not answered"
    assert run(rollup("ever"), earlier("crs-occurred", "", ("2025-04-01", "yes"))).value == "yes"


def test_an_unanswered_period_with_earlier_records_is_blank_and_not_refused() -> None:
    summary = dated("new-malignancy", ("2025-04-01", "yes"))
    assert run(recode({"yes": "1", "no": "2"}), summary).note == "not answered"


def test_ever_stops_at_the_as_of_date() -> None:
    assert run(rollup("ever"), said("relapse", "no"), DATES, at=facts("2025-01-31", "2024-12-01")).value == "no"


@pytest.mark.parametrize(
    ("patient", "partner", "value"),
    [
        ("yes", "", "yes"),
        ("no", "no", "no"),
        ("na", "no", "no"),
        ("no", "unknown", ""),
        ("na", "na", ""),
        ("no", "", ""),
    ],
)
def test_any_of_says_no_only_where_all_are_answered(patient: str, partner: str, value: str) -> None:
    outcome = run(rollup("any_of"), said("pregnancy-recipient", patient), said("pregnancy-partner", partner))
    assert outcome.value == value


def test_any_of_may_look_back_as_well() -> None:
    before = earlier("pregnancy-recipient", "no", ("2025-04-01", "yes"))
    assert run(rollup("any_of", scope="ever"), before, said("pregnancy-partner", "no")).value == "yes"
    assert run(rollup("any_of"), before, said("pregnancy-partner", "no")).value == "no"


@pytest.mark.parametrize(("chosen", "value"), [("steroid|tocilizumab", "yes"), ("steroid", "no"), ("", "")])
def test_includes_looks_for_one_code(chosen: str, value: str) -> None:
    assert run(rollup("includes", code="tocilizumab"), said("crs-therapy", chosen)).value == value


def test_includes_may_look_back_as_well() -> None:
    before = earlier("crs-therapy", "none", ("2025-04-01", "tocilizumab"))
    assert run(rollup("includes", code="tocilizumab", scope="ever"), before).value == "yes"
    assert run(rollup("includes", code="tocilizumab"), before).value == "no"


def test_the_worst_grade_is_the_highest_by_number_or_by_order() -> None:
    grades = dated("sae-grade", ("2026-02-01", "2"), ("2026-03-01", "4"), ("2025-03-01", "5"))
    assert run(rollup("worst"), grades).value == "4"
    assert run(rollup("worst", scope="ever", order=["5", "4", "2"]), grades).value == "2"


def test_a_grade_outside_its_order_is_refused() -> None:
    assert "outside the order" in run(rollup("worst"), said("sae-grade", "severe")).refusal
