"""What one row of a REDCap dictionary means: types, choices, validations, annotations, sections, texts."""

from __future__ import annotations

import pytest

from forms_catalog import formats
from forms_catalog.specs import Option
from tests.forms_catalog.formats.made import codes, only, redcap


@pytest.mark.parametrize(
    ("field_type", "validation", "kind", "date_format"),
    [
        ("text", "", "text", ""),
        ("notes", "", "notes", ""),
        ("textarea", "", "notes", ""),
        ("text", "integer", "integer", ""),
        ("text", "int", "integer", ""),
        ("text", "number", "decimal", ""),
        ("text", "number_2dp_comma_decimal", "decimal", ""),
        ("text", "date_ymd", "date", "ymd"),
        ("text", "date_dmy", "date", "dmy"),
        ("text", "date", "date", "ymd"),
        ("text", "datetime_seconds_mdy", "datetime", "mdy"),
        ("text", "time", "time", ""),
        ("text", "email", "text", ""),
        ("TEXT", "Number", "decimal", ""),
        ("slider", "number", "integer", ""),
        ("calc", "", "decimal", ""),
        ("file", "signature", "file", ""),
        ("descriptive", "", "display", ""),
        ("sql", "", "choice", ""),
        ("yesno", "", "choice", ""),
    ],
)
def test_type_and_validation_give_the_kind(field_type: str, validation: str, kind: str, date_format: str) -> None:
    field = only(type=field_type, validation=validation, choices="1 + 1")
    assert (field.kind, field.date_format) == (kind, date_format)


def test_a_text_that_asks_for_month_and_year_is_a_date() -> None:
    assert (only(label="Diagnosed (MM-YYYY)").kind, only(note="MM/YYYY").date_format) == ("date", "my")


def test_choices_split_at_the_bar_then_at_the_first_comma() -> None:
    field = only(type="radio", choices="1, Yes, often | 0, No |-9,<b>Un&amp;known</b>|| a.b , c&#124;d")
    assert field.options == (
        Option("1", "Yes, often"),
        Option("0", "No"),
        Option("-9", "Un&known"),
        Option("a.b", "c|d"),
    )


def test_choices_on_lines_are_choices_too() -> None:
    assert only(type="dropdown", choices="1, One\n2, Two").options == (Option("1", "One"), Option("2", "Two"))


def test_a_checkbox_is_one_question_whatever_columns_it_has() -> None:
    spec = formats.read(redcap({"name": "q", "type": "checkbox", "choices": "1, A | 2, B | 3, C"}))
    assert [(f.kind, len(f.options)) for f in spec.questions] == [("multichoice", 3)]


def test_yes_no_and_true_false_bring_their_choices() -> None:
    assert [o.label for o in only(type="yesno").options] == ["Yes", "No"]
    assert [o.label for o in only(type="truefalse").options] == ["True", "False"]


@pytest.mark.parametrize(
    ("choices", "problem"),
    [
        ("1, A | 1, B", "duplicate_choice_code"),
        ("1, A | , B", "choice_without_code"),
        ("1, A | 2", "choice_without_label"),
        ("", "missing_choices"),
    ],
)
def test_an_odd_choice_is_reported_at_its_row(choices: str, problem: str) -> None:
    assert codes(formats.read(redcap({"name": "q", "type": "radio", "choices": choices}))) == {problem: 2}


def test_a_matrix_is_a_question_a_row_and_keeps_its_name_as_evidence() -> None:
    row = {"type": "radio", "choices": "1, A | 2, B", "matrix": "pain", "section": "Pain"}
    spec = formats.read(redcap(row | {"name": "a"}, row | {"name": "b", "section": ""}))
    assert [(f.name, f.section) for f in spec.questions] == [("a", "Pain"), ("b", "Pain")]
    assert [dict(f.original)["matrix_group_name"] for f in spec.fields] == ["pain", "pain"]


def test_a_slider_goes_from_0_to_100_unless_it_says_otherwise() -> None:
    assert (only(type="slider").minimum, only(type="slider", high="10").maximum) == ("0", "10")
    assert only(type="slider", choices="none | some | all").options == ()


def test_a_calculation_is_no_question() -> None:
    field = only(type="calc", choices="round([a]+[b], 1)")
    assert (field.asks, field.calculation, field.options) == (False, "round([a]+[b], 1)", ())
    assert codes(formats.read(redcap({"name": "q", "type": "calc"}))) == {"calculation_missing": 2}


@pytest.mark.parametrize(
    ("annotation", "asks"),
    [
        ("@HIDDEN", False),
        ("see protocol\n@READONLY", False),
        ("@HIDDEN-SURVEY", True),
        ("@HIDDEN-SURVEY @READONLY-FORM", False),
        ("@PLACEHOLDER='@HIDDEN'", True),
        ("@IF([a]='1', @HIDDEN, '')", True),
        ("@CALCTEXT(if([a]='1','x','y'))", False),
        ("@HIDECHOICE='1'", True),
        ("mail me @home", True),
    ],
)
def test_annotations_say_whether_anybody_is_asked(annotation: str, asks: bool) -> None:
    field = only(annotation=annotation)
    assert (field.asks, field.annotation) == (asks, annotation)


def test_calculations_and_first_values_stand_in_annotations_too() -> None:
    assert only(annotation="@CALCTEXT(if([a]=')','x','y')) more").calculation == "if([a]=')','x','y')"
    assert only(annotation="@CALCDATE([d], 3, 'd')").calculation == "calcdate([d], 3, 'd')"
    assert (only(annotation="@DEFAULT='3'").initial, only(annotation='@DEFAULT = "a b"').initial) == ("3", "a b")


def test_a_shown_text_is_no_question_and_cannot_be_required() -> None:
    spec = formats.read(redcap({"name": "t", "type": "descriptive", "required": "y"}))
    assert (spec.questions, spec.fields[0].required, codes(spec)) == ((), False, {"required_display": 2})


def test_choices_from_a_database_are_named_as_missing() -> None:
    spec = formats.read(redcap({"name": "q", "type": "sql", "choices": "select a from b"}))
    assert (spec.fields[0].options, codes(spec)) == ((), {"choices_elsewhere": 2})


def test_sections_go_on_until_the_next_one_or_the_end_of_the_form() -> None:
    spec = formats.read(
        redcap(
            {"name": "a"},
            {"name": "b", "section": "<h3>Part&nbsp;1</h3>"},
            {"name": "c"},
            {"name": "d", "section": "Part 2"},
            {"name": "e", "form": "end"},
        )
    )
    assert [f.section for f in spec.fields] == ["", "Part 1", "Part 1", "Part 2", ""]


def test_labels_lose_their_html_and_line_breaks_and_keep_comparisons() -> None:
    label = '<div class="rich-text"><p>Hb &lt; 7 g/dL<br>or <b>platelets</b>\n  < 20?</p></div>'
    assert only(label=label).label == "Hb < 7 g/dL or platelets < 20?"
    assert dict(only(label=label).original)["field_label"] == label


def test_a_question_without_a_label_shows_its_name() -> None:
    spec = formats.read(redcap({"name": "q", "label": "<p> </p>"}))
    assert (spec.fields[0].label, codes(spec)) == ("q", {"missing_label": 2})


def test_units_are_found_in_label_and_note_as_written() -> None:
    assert only(label="Platelets (10^3/uL)", validation="number").unit == "10^3/uL"
    assert only(label="Weight", note="kg", validation="number").unit == "kg"
    assert only(label="Number of test(s)", validation="integer").unit == ""


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"validation": "number", "low": "10", "high": "2"}, "min_above_max"),
        ({"validation": "date_ymd", "low": "2025-01-01", "high": "2024-01-01"}, "min_above_max"),
        ({"validation": "number", "low": "ten"}, "bad_limit"),
        ({"validation": "our_own_rule"}, "unknown_validation"),
        ({"branching": "[gone] = '1'"}, "branching_unknown_field"),
        ({"branching": "[q = 1"}, "branching_unreadable"),
    ],
)
def test_limits_and_logic_that_cannot_hold_are_reported(row: dict[str, str], problem: str) -> None:
    assert codes(formats.read(redcap({"name": "q", **row}))) == {problem: 2}


def test_logic_that_cannot_be_read_is_kept_as_written() -> None:
    field = only(branching="[q = 1")
    assert (field.branching, field.asks) == ("[q = 1", True)


@pytest.mark.parametrize(("cell", "says"), [("y", True), ("Y", True), ("yes", True), ("1", True), ("n", False)])
def test_marks_of_identifiers_and_required_fields(cell: str, says: bool) -> None:
    field = only(identifier=cell, required=cell)
    assert (field.identifier, field.required) == (says, says)
