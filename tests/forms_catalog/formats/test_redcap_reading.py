"""REDCap dictionaries as they come: other encodings, headers and delimiters, and rows that are damaged."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from forms_catalog import formats
from forms_catalog.formats.redcap.columns import COLUMNS as BY_API
from forms_catalog.formats.summary import summary
from tests.forms_catalog.formats.made import COLUMNS, REDCAP, codes, redcap
from tests.shared_data import SHARED, needs_shared

FOLDER = SHARED / "data" / "import" / "redcap"
FILES = sorted(FOLDER.glob("*.csv"))
PLAIN = ({"name": "record_id", "label": "Record"}, {"name": "hb", "label": "Hämoglobin", "validation": "number"})


def rows_with_a_name(file: Path) -> int:
    """Counted by the csv module alone: rows below the header whose first cell is filled."""
    data = file.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252")
    return sum(bool(row and row[0].strip()) for row in csv.reader(io.StringIO(text))) - 1


@needs_shared
@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_every_row_with_a_name_of_a_real_file_is_a_field(file: Path) -> None:
    spec = formats.read(file.read_bytes())
    assert (spec.format, len(spec.fields)) == ("redcap", rows_with_a_name(file))


@needs_shared
def test_of_all_real_logic_one_expression_is_refused_and_it_is_broken() -> None:
    """Its if( is closed after the condition, so REDCap itself cannot compute it."""
    reports = [summary(formats.read(f.read_bytes())) for f in FILES]
    total = sum(r[what]["total"] for r in reports for what in ("branching", "calculations"))
    parsed = sum(r[what]["parsed"] for r in reports for what in ("branching", "calculations"))
    listed = [p["path"] for r in reports for p in r["problems"] if p["code"].endswith("_unreadable")]
    assert total > 2_000
    assert parsed / total >= 0.99
    assert listed == ["at_calctext"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_encoding_gives_the_same_words(encoding: str) -> None:
    spec = formats.read(redcap(*PLAIN, encoding=encoding))
    assert [f.label for f in spec.fields] == ["Record", "Hämoglobin"]
    assert set(codes(spec)) == ({"encoding_guessed"} if encoding == "cp1252" else set())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_delimiter_is_found(delimiter: str) -> None:
    spec = formats.read(redcap(*PLAIN, {"name": "q", "note": "a, b; c"}, delimiter=delimiter))
    assert [f.name for f in spec.fields] == ["record_id", "hb", "q"]
    assert spec.fields[2].note == "a, b; c"


def test_windows_line_ends_and_a_missing_last_one_do_not_matter() -> None:
    data = redcap(*PLAIN).replace(b"\n", b"\r\n").rstrip()
    assert [(f.name, f.line) for f in formats.read(data).fields] == [("record_id", 2), ("hb", 3)]


@pytest.mark.parametrize("cell", ["ariable / Field Name", "???Variable / Field Name", "", "Column1"])
def test_a_damaged_first_header_cell_is_taken_as_the_name_and_reported(cell: str) -> None:
    spec = formats.read(redcap(*PLAIN).replace(b"Variable / Field Name", cell.encode(), 1))
    assert [f.name for f in spec.fields] == ["record_id", "hb"]
    assert set(codes(spec)) <= {"damaged_header"}


def test_the_api_header_is_the_same_header() -> None:
    data = redcap(*PLAIN).decode().split("\n", 1)
    spec = formats.read("\n".join([",".join(BY_API), data[1]]).encode())
    assert [(f.name, f.validation) for f in spec.fields] == [("record_id", ""), ("hb", "number")]
    assert spec.problems == ()


def test_sixteen_columns_are_enough() -> None:
    rows = csv.reader(io.StringIO(redcap(*PLAIN).decode()))
    out = io.StringIO()
    csv.writer(out).writerows(row[:16] for row in rows)
    spec = formats.read(out.getvalue().encode())
    assert (len(spec.fields), spec.problems) == (2, ())


def test_further_columns_are_kept_as_evidence_and_named() -> None:
    data = redcap(*PLAIN).decode().splitlines()
    made = [f"{data[0]},Owner,", *(f"{line},lab,x" for line in data[1:])]
    spec = formats.read("\n".join(made).encode())
    assert dict(spec.fields[0].original)["Owner"] == "lab"
    assert codes(spec) == {"unknown_column": 1}


def test_columns_in_another_order_and_a_title_above_are_found() -> None:
    text = "Our registry,,,\nField Label,Field Type,Variable / Field Name,Form Name\nSex,text,sex,base\n"
    spec = formats.read(text.encode())
    assert [(f.name, f.label, f.form, f.line) for f in spec.fields] == [("sex", "Sex", "base", 3)]


def test_rows_that_are_too_short_or_too_long_keep_what_they_have() -> None:
    spec = formats.read(f"{REDCAP}\na,visit,,text,A\nb,visit,,text,B{',' * 20}surplus\n".encode())
    assert [f.label for f in spec.fields] == ["A", "B"]
    assert [(p.line, p.path, p.code) for p in spec.problems] == [(2, "a", "ragged_row"), (3, "b", "ragged_row")]


def test_an_unclosed_quote_costs_one_line() -> None:
    spec = formats.read(redcap(*PLAIN) + b'c,visit,,text,"never closed\nd,visit,,text,D,,,,,,,,,,,,,\n')
    assert [f.name for f in spec.fields] == ["record_id", "hb", "c", "d"]
    assert codes(spec)["unclosed_quote"] == 4


def test_blank_rows_are_counted_once_and_cost_nothing() -> None:
    spec = formats.read(redcap(*PLAIN) + b",,,,,,,,,,,,,,,,,\n\n  ,,,,,,,,,,,,,,,,,\n")
    assert len(spec.fields) == 2
    assert [(p.line, p.code, p.severity) for p in spec.problems] == [(4, "blank_rows", "info")]


def test_a_row_without_a_name_is_reported_and_the_rest_is_read() -> None:
    spec = formats.read(redcap({"name": ""}, {"name": "q"}))
    assert [f.name for f in spec.fields] == ["q"]
    assert codes(spec) == {"missing_name": 2}


def test_a_row_without_a_form_goes_to_the_form_above() -> None:
    spec = formats.read(redcap({"name": "a", "form": "one"}, {"name": "b", "form": ""}))
    assert [f.form for f in spec.fields] == ["one", "one"]
    assert codes(spec) == {"missing_form": 3}


def test_every_problem_says_what_to_do() -> None:
    spec = formats.read(
        redcap({"name": "a", "type": ""}, {"name": "a", "type": "poem"}, {"name": "B", "type": "radio"})
    )
    assert set(codes(spec)) == {"missing_type", "unknown_type", "duplicate_name", "bad_name", "missing_choices"}
    assert all(p.line and len(p.message.split(". ")) + p.message.count(": ") >= 2 for p in spec.problems)


def test_two_fields_of_one_name_keep_paths_of_their_own() -> None:
    spec = formats.read(redcap({"name": "w"}, {"name": "w"}, {"name": "w", "form": "end"}))
    assert [f.path for f in spec.fields] == ["visit/w#1", "visit/w#2", "end/w#1"]
    assert codes(spec) == {"duplicate_name": 3}


def test_a_form_that_goes_on_after_another_one_is_reported() -> None:
    spec = formats.read(redcap({"name": "a"}, {"name": "b", "form": "end"}, {"name": "c"}))
    assert codes(spec) == {"form_not_contiguous": 4}


def test_a_header_without_rows_is_a_dictionary_without_fields() -> None:
    spec = formats.read(REDCAP.encode())
    assert (spec.fields, codes(spec)) == ((), {"no_fields": 0})


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf \n", b"a,b,c\n1,2,3\n", b"just words", COLUMNS[0].encode()])
def test_what_is_no_dictionary_gives_one_clear_error(data: bytes) -> None:
    with pytest.raises(formats.UnreadableFile) as refused:
        formats.read(data)
    assert refused.value.message.endswith(".")
