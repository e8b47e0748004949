"""Request sheets as sponsors write them: free headers, titles above, no ids, visits in words."""

from __future__ import annotations

import csv
import io

import pytest

from forms_catalog import formats
from forms_catalog.formats import UnreadableFile
from forms_catalog.specs import DictionarySpec, FieldSpec, Option
from tests.forms_catalog.formats.workbooks import workbook

HEAD = ["Data element", "Data type", "Permissible values", "Units", "Visit", "Mandatory?"]


def sheet(*rows: list[str], head: list[str] = HEAD, delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([head, *rows])
    return out.getvalue().encode()


def read(*rows: list[str], head: list[str] = HEAD) -> DictionarySpec:
    return formats.read(sheet(*rows, head=head), "request")


def one(*row: str, head: list[str] = HEAD) -> FieldSpec:
    return read([*row], head=head).fields[0]


def codes(spec: DictionarySpec) -> list[str]:
    return [problem.code for problem in spec.problems]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_sheet_is_recognised_by_its_header_whatever_the_delimiter(delimiter: str) -> None:
    data = sheet(["Weight", "number", "", "kg", "Day 100", "Y"], delimiter=delimiter)

    assert (formats.detect(data), len(formats.read(data).fields)) == ("table", 1)


def test_titles_above_the_header_are_passed_over() -> None:
    found = formats.read(b"Our data request v3,,,,,\n,,,,,\n" + sheet(["Weight", "number", "", "kg", "", ""]))

    assert [(f.name, f.kind, f.unit, f.line) for f in found.fields] == [("weight", "decimal", "kg", 4)]


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", b"id,name,value\n1,x,2\n", b"date,visit\n2026-01-01,Day 100\n"])
def test_a_table_that_asks_nothing_is_no_request(data: bytes) -> None:
    with pytest.raises(UnreadableFile) as refused:
        formats.read(data)

    assert refused.value.code == "not_a_dictionary"


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        ("1=Yes | 0=No", [("1", "Yes"), ("0", "No")]),
        ("1: Yes; 0: No", [("1", "Yes"), ("0", "No")]),
        ("1 Yes\n2 No", [("1", "Yes"), ("2", "No")]),
        ("1, Yes | 2, No", [("1", "Yes"), ("2", "No")]),
        ("Yes, No, Unknown", [("Yes", "Yes"), ("No", "No"), ("Unknown", "Unknown")]),
        ("CR/PR/SD", [("CR", "CR"), ("PR", "PR"), ("SD", "SD")]),
    ],
)
def test_choices_are_read_as_people_write_them(cell: str, options: list[tuple[str, str]]) -> None:
    field = one("Response", "single choice", cell, "", "", "")

    assert (field.kind, [(o.code, o.label) for o in field.options]) == ("choice", options)


@pytest.mark.parametrize(
    ("words", "kind", "date_format"),
    [
        ("Integer", "integer", ""),
        ("F8.2", "decimal", ""),
        ("DD-MMM-YYYY", "date", "dmy"),
        ("Date (MM/YYYY)", "date", "my"),
        ("date/time", "datetime", "ymd"),
        ("select all that apply", "multichoice", ""),
        ("Text (200)", "text", ""),
        ("free text", "notes", ""),
        ("section heading", "display", ""),
    ],
)
def test_type_words_give_the_kind(words: str, kind: str, date_format: str) -> None:
    options = "a=A | b=B" if kind == "multichoice" else ""

    field = one("Something", words, options, "", "", "")

    assert (field.kind, field.date_format, field.asks) == (kind, date_format, kind != "display")


def test_yes_no_brings_its_choices_and_calculated_asks_nobody() -> None:
    asked, worked_out = read(["Alive?", "Yes/No", "", "", "", "x"], ["BMI", "calculated", "", "", "", "x"]).fields

    assert asked.options == (Option("1", "Yes"), Option("0", "No"))
    assert (asked.required, worked_out.asks, worked_out.required) == (True, False, False)


def test_what_is_guessed_is_said() -> None:
    found = read(["Weight", "", "", "kg", "", ""], ["Date of death", "", "", "", "Day 100", ""])

    assert [f.kind for f in found.fields] == ["decimal", "date"]
    assert codes(found).count("kind_guessed") == 2


def test_ids_are_made_of_the_wording_and_stay_unique() -> None:
    found = read(["Any infection?", "Yes/No", "", "", "", ""], ["Any infection", "text", "", "", "", ""])

    assert [f.path for f in found.fields] == ["any_infection", "any_infection_2"]
    assert "id_made_up" in codes(found)


def test_an_id_used_twice_is_reported_and_both_questions_are_kept() -> None:
    head = ["ID", *HEAD]
    found = read(["q1", "A", "text"], ["q1", "B", "text"], head=head)

    assert [f.path for f in found.fields] == ["request/q1#1", "request/q1#2"]
    assert "duplicate_name" in codes(found)


def test_a_row_alone_is_a_heading_and_a_row_without_question_is_reported() -> None:
    found = read(["Labs", "", "", "", "", ""], ["ANC", "number", "", "10^9/L", "", ""], ["", "text", "", "kg", "", ""])

    assert [(f.label, f.section, f.asks) for f in found.fields] == [("Labs", "Labs", False), ("ANC", "Labs", True)]
    assert [p.line for p in found.problems if p.code == "missing_question"] == [4]


def test_visits_become_time_points_with_days_and_split_the_form() -> None:
    found = read(
        ["ANC", "number", "", "10^9/L", "Day 100, Month 6, Year 1-3", ""],
        ["Infection", "Yes/No", "", "", "all visits", ""],
        ["Weight", "number", "", "kg", "Baseline", ""],
    )

    days = [(e.label, e.day, e.kind) for e in found.events]
    assert days == [
        ("Baseline", None, "baseline"),
        ("Day 100", 100, "followup"),
        ("Month 6", 183, "followup"),
        ("Year 1", 365, "followup"),
        ("Year 2", 730, "followup"),
        ("Year 3", 1096, "followup"),
    ]
    assert [f.form for f in found.fields] == [
        "request (Day 100 to Year 3, 5 visits)",
        "request (Day 100 to Baseline, 6 visits)",
        "request (Baseline)",
    ]
    assert "form_split" in codes(found)


def test_codes_and_reasons_are_kept() -> None:
    head = ["Question", "Type", "LOINC", "CDE_Public_ID", "Version", "Endpoint", "Reuse (days)"]
    field = one("ANC", "number", "26499-4", "2005", "1.0", "Safety", "30", head=head)

    assert field.codes == (("http://loinc.org", "26499-4", ""), ("https://cadsr.cancer.gov", "2005v1.0", ""))
    assert dict(field.original)["why"] == "Safety"
    assert dict(field.original)["reuse window"] == "30"


def test_a_condition_in_words_is_kept_and_the_question_asked() -> None:
    head = ["Question", "Type", "Only if"]
    found = read(["Grade of GVHD", "text", "if GVHD is present"], head=head)

    assert (found.fields[0].branching, found.fields[0].asks) == ("if GVHD is present", True)
    assert "branching_unreadable" in codes(found)


def test_every_sheet_of_a_workbook_that_asks_something_is_a_form() -> None:
    data = workbook(
        {
            "Read me": [["Our request"], ["Please fill in"]],
            "Labs": [["Aurelia Bio"], [], HEAD, ["ANC", "number", None, "10^9/L", "Day 100", "Y"]],
            "Status": [HEAD, ["Relapse"], ["Alive?", "Yes/No"]],
        }
    )

    found = formats.read(data, "request")

    assert found.format == "table"
    assert [(f.form, f.label, f.line, f.asks) for f in found.fields] == [
        ("Labs", "ANC", 4, True),
        ("Status", "Relapse", 2, False),
        ("Status", "Alive?", 3, True),
    ]
    assert {"sheet_left_out", "taken_as_heading"} <= set(codes(found))
