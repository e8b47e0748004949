"""An XLSForm is read as the people who filled in its columns meant it, whatever names they used for them."""

from __future__ import annotations

from typing import Any

import pytest
from pyxform.question import Question
from pyxform.xls2xform import convert

from forms_catalog import formats
from forms_catalog.specs import Option, Translation
from tests.forms_catalog.formats.workbooks import workbook
from tests.forms_catalog.formats.xlsforms import EVERYTHING, only, problems, read, xlsform


def counted_by_pyxform(data: bytes) -> int:
    """Questions as pyxform has them, without what it adds itself."""
    form = convert(data, validate=False, file_type=".xlsx")._survey
    assert form is not None
    added = ("instanceID", "instanceName")
    return sum(isinstance(one, Question) and one.name not in added for one in form.iter_descendants())


def test_a_rich_form_is_read_whole() -> None:
    spec = formats.read(EVERYTHING)
    assert (spec.format, spec.title, spec.language) == ("xlsform", "Follow-up", "en")
    assert {field.form for field in spec.fields} == {"follow_up"}
    assert [field.name for field in spec.questions] == ["consent", "age", "symptoms", "seen", "why", "place"]
    assert [(f.name, f.kind) for f in spec.fields if not f.asks] == [
        ("started", "datetime"),
        ("device", "text"),
        ("months", "decimal"),
        ("bye", "display"),
        ("weight", "decimal"),
    ]
    assert problems(spec) == [("why", "branching_unreadable")]


def test_fields_are_counted_as_pyxform_counts_them() -> None:
    assert len(formats.read(EVERYTHING).fields) == counted_by_pyxform(EVERYTHING)


def test_what_holds_for_a_group_holds_for_its_questions() -> None:
    by_name = {field.name: field for field in formats.read(EVERYTHING).fields}
    assert by_name["age"].branching == "[consent] = 'yes'"
    assert by_name["symptoms"].branching == "[consent] = 'yes' and [age] > 17"
    assert by_name["symptoms"].branching_as_written == "(${consent} = 'yes') and (${age} > 17)"
    assert by_name["symptoms"].section == "Baseline / Details"
    assert by_name["seen"].section == "Visits"
    assert [name for name, field in by_name.items() if field.repeating] == ["seen", "why"]


def test_a_choice_question_is_compared_by_code_and_a_multi_choice_one_by_ticks() -> None:
    by_name = {field.name: field for field in formats.read(EVERYTHING).fields}
    seen = by_name["seen"].branching
    assert seen == "[symptoms(fever)] = '1' or sum(0, [symptoms(fever)], [symptoms(cough)]) > 1"


def test_texts_come_in_the_default_language_and_the_others_are_translations() -> None:
    by_name = {field.name: field for field in formats.read(EVERYTHING).fields}
    consent = by_name["consent"]
    assert (consent.label, consent.note) == ("Consent?", "Ask first")
    german = (Option("yes", "Ja"), Option("no", "Nein"))
    assert consent.translations == (Translation("de", "Einverstanden?", "", german),)
    assert by_name["age"].translations == ()


@pytest.mark.parametrize(
    ("column", "default", "language"),
    [
        ("label", "", ""),
        ("label::French", "", "fr"),
        ("label:Deutsch", "", "de"),
        ("label::Klingon", "", "Klingon"),
        ("Label::english (EN-us)", "", "EN-us"),
        ("label", "English (en)", "en"),
    ],
)
def test_the_language_is_found_in_columns_and_settings(column: str, default: str, language: str) -> None:
    settings = {"default_language": default} if default else None
    spec = formats.read(xlsform({"type": "text", "name": "q", column: "Q"}, settings=settings))
    assert (spec.language, spec.fields[0].label) == (language, "Q")


@pytest.mark.parametrize(
    ("type_", "kind", "asks"),
    [
        ("text", "text", True),
        ("integer", "integer", True),
        ("decimal", "decimal", True),
        ("date", "date", True),
        ("dateTime", "datetime", True),
        ("time", "time", True),
        ("select_one yes_no", "choice", True),
        ("select one yes_no", "choice", True),
        ("select_multiple  yes_no", "multichoice", True),
        ("rank yes_no", "multichoice", True),
        ("range", "integer", True),
        ("image", "file", True),
        ("acknowledge", "choice", True),
        ("barcode", "text", True),
        ("note", "display", False),
        ("hidden", "text", False),
        ("today", "date", False),
        ("username", "text", False),
        ("audit", "text", False),
    ],
)
def test_the_type_says_the_kind_and_who_answers(type_: str, kind: str, asks: bool) -> None:
    field = only(type=type_)
    assert (field.kind, field.asks) == (kind, asks)


@pytest.mark.parametrize(
    ("kind", "constraint", "limits"),
    [
        ("integer", ". >= 1 and . <= 10", ("1", "10")),
        ("integer", "(. > 0) and (. < 10)", ("1", "9")),
        ("integer", "0 < . ", ("1", "")),
        ("integer", ". >= -5", ("-5", "")),
        ("decimal", ". <= 2.5", ("", "2.5")),
        ("date", ". <= today()", ("", "today")),
        ("date", ". >= date('2020-01-01')", ("2020-01-01", "")),
        ("integer", ". <= ${other}", ("", "[other]")),
    ],
)
def test_a_simple_constraint_becomes_limits(kind: str, constraint: str, limits: tuple[str, str]) -> None:
    field = only(type=kind, constraint=constraint)
    assert ((field.minimum, field.maximum), field.annotation) == (limits, "")


@pytest.mark.parametrize(
    ("kind", "constraint"),
    [("decimal", ". > 0"), ("text", "regex(., 'a+')"), ("integer", ". > 1 or . = 0"), ("integer", ". > 1 and . > 2")],
)
def test_any_other_constraint_is_kept_with_its_message(kind: str, constraint: str) -> None:
    field = only(type=kind, constraint=constraint, constraint_message="No")
    assert (field.minimum, field.maximum) == ("", "")
    assert field.annotation == f"constraint: {constraint}\nconstraint_message: No"


def test_a_range_has_its_limits_in_the_parameters() -> None:
    field = only(type="range", parameters="start=1 end=5.5 step=0.5")
    assert (field.kind, field.minimum, field.maximum) == ("decimal", "1", "5.5")


@pytest.mark.parametrize(
    ("cell", "required"),
    [("yes", True), ("TRUE", True), (True, True), ("true()", True), ("", False), ("no", False), ("${a} = 1", False)],
)
def test_required_is_read_as_people_write_it(cell: object, required: bool) -> None:
    assert only(type="text", required=cell).required is required


def test_or_other_adds_a_choice_and_no_field() -> None:
    spec = read({"type": "select_one yes_no or_other", "name": "q"})
    assert [option.code for option in spec.fields[0].options] == ["yes", "no", "other"]
    assert problems(spec) == [("q", "or_other")]


def test_what_kobotoolbox_writes_beside_the_standard_is_understood() -> None:
    spec = read(
        {"type": "begin_score", "$autoname": "pain", "label": "Pain"},
        {"type": "text", "name": None, "$autoname": "where", "label": "Where?"},
        {"type": "end_score"},
    )
    assert [(field.name, field.section, field.repeating) for field in spec.fields] == [("where", "Pain", False)]
    assert problems(spec) == []


def test_old_column_and_sheet_names_are_understood() -> None:
    survey: list[list[Any]] = [
        ["Command", "Tag", "Caption", "Relevance", "Read only", "bind::required", "bind:constraint"],
        ["select one from l", "a", "A", "${b} = '1'", None, "yes", ""],
        ["integer", "b", "B", None, "yes", None, ". > 1"],
    ]
    choices: list[list[Any]] = [["List Name", "Value", "Caption"], ["l", 1, "One"]]
    first, second = formats.read(workbook({" Survey ": survey, "CHOICES": choices})).fields
    assert (first.label, first.options, first.branching, first.required) == (
        "A",
        (Option("1", "One"),),
        "[b] = '1'",
        True,
    )
    assert (second.asks, second.minimum) == (False, "2")
