"""A REDCap dictionary goes back as it came; any other one becomes a file that REDCap takes and that reads back."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from forms_catalog import formats
from forms_catalog.comparing import compare
from forms_catalog.language import parse
from forms_catalog.specs import DictionarySpec, FieldSpec, Option
from tests.forms_catalog.formats.made import COLUMNS, RECORD, codes, question, redcap, spec_of
from tests.forms_catalog.formats.round_trip import left, there_and_back
from tests.shared_data import SHARED, first_fields, needs_shared, read_once

FILES = sorted((SHARED / "data" / "import" / "redcap").glob("*.csv"))
YES_NO = (Option("1", "Yes"), Option("0", "No"))


def written(spec: DictionarySpec) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(formats.write(spec, "redcap").data.decode("utf-8-sig"))))


def row(field: FieldSpec) -> dict[str, str]:
    return written(spec_of(question("record_id"), field))[1]


@needs_shared
@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_a_real_redcap_file_imports_again_as_it_was(file: Path) -> None:
    spec = formats.read(file.read_bytes())
    out = formats.write(spec, "redcap")
    again = formats.read(out.data)
    assert compare(spec.fields, again.fields).equal == len(spec.fields) == len(again.fields)
    assert [f.original for f in again.fields] == [f.original for f in spec.fields]
    assert (out.losses, dict(out.renamed)) == ((), {})
    assert formats.write(again, "redcap").data == out.data


@needs_shared
@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_the_same_fields_from_another_format_lose_nothing(file: Path) -> None:
    spec = first_fields(read_once(file))
    bare = tuple(replace(f, original=(), field_type="", validation="") for f in spec.fields)
    other = replace(spec, format="made", fields=bare, problems=())
    trip = there_and_back(other, "redcap")
    assert trip.left == []
    assert {loss.what for loss in trip.written.losses} <= {"fields", "options"}


def test_damage_is_mended_and_further_columns_stay() -> None:
    data = (
        redcap(RECORD, {"name": "a", "label": "A", "section": "Part"}).decode().replace("Variable / Field", "ariable")
    )
    lines = data.splitlines()
    data = "\n".join([lines[0] + ",Our own", lines[1] + ",kept", "a,,Part,text,A"])
    out = formats.write(formats.read(data.encode()), "redcap").data
    again = formats.read(out)
    header, record, mended = csv.reader(io.StringIO(out.decode("utf-8-sig")))
    assert header == [*COLUMNS, "Our own"]
    assert (record[-1], mended[:5], len(mended)) == ("kept", ["a", "visit", "Part", "text", "A"], 19)
    assert set(codes(again)) == {"unknown_column"}


def test_the_file_starts_with_a_byte_order_mark_so_that_spreadsheets_read_accents() -> None:
    out = formats.write(spec_of(question("record_id", label="Größe")), "redcap")
    assert out.data.startswith(b"\xef\xbb\xbfVariable / Field Name,")
    assert (out.media_type, out.extension) == ("text/csv", "csv")


def test_names_become_legal_and_unique_and_logic_follows() -> None:
    spec = spec_of(
        question("record_id"),
        question("I.Größe"),
        question("I Größe", order=1),
        question("i_grosse", branching="[I.Größe] = '1'", order=2),
        question("1st", branching="[I%20Größe] = '2'", order=3),
        question("中", order=4),
    )
    out = formats.write(spec, "redcap")
    again = formats.read(out.data)
    assert dict(out.renamed) == {"I.Größe": "i_grosse_2", "I Größe": "i_grosse_3", "1st": "f_1st", "中": "field"}
    assert [f.branching for f in again.fields if f.branching] == ["[i_grosse_2] = '1'", "[i_grosse_3] = '2'"]
    assert left(spec, "redcap") == []


def test_two_fields_of_one_name_get_two_and_logic_means_the_first() -> None:
    spec = spec_of(
        question("record_id"),
        question("weight", path="a/weight#1", form="a"),
        question("weight", path="b/weight#1", form="b", branching="[weight] = ''"),
    )
    rows = written(spec)
    assert [r[COLUMNS[0]] for r in rows] == ["record_id", "weight", "weight_2"]
    assert rows[2][COLUMNS[11]] == "[weight] = ''"


def test_a_name_longer_than_redcap_takes_is_cut() -> None:
    names = [r[COLUMNS[0]] for r in written(spec_of(question("id"), question("a" * 150), question("a" * 151)))]
    assert [len(name) for name in names] == [2, 100, 100]
    assert len(set(names)) == 3


def test_codes_that_redcap_refuses_change_with_the_logic_that_names_them_and_are_announced() -> None:
    options = (Option("NOT DONE", "Not done"), Option("a,b", "Both"), Option("", "None"), Option("-1", "Less"))
    asked = question("q", kind="choice", options=options)
    more = question("why", branching="[q] = 'NOT DONE'")
    out = formats.write(spec_of(question("id"), asked, more), "redcap")
    _, read, why = formats.read(out.data).fields
    assert [o.code for o in read.options] == ["NOT_DONE", "a_b", "None", "-1"]
    assert [o.label for o in read.options] == ["Not done", "Both", "None", "Less"]
    assert parse(why.branching) == parse("[q] = 'NOT_DONE'")
    assert {(loss.path, loss.what) for loss in out.losses} == {("q", "options"), ("why", "branching")}


def test_pipes_commas_and_signs_in_texts_come_back() -> None:
    options = (Option("1", "a | b, c"), Option("2", "Hb < 7 <b>bold</b>"), Option("3", "x &amp; y"))
    field = question("q", kind="choice", options=options, label="Is <b> a tag & not | bold?", note="=1+1")
    assert "|" not in row(field)[COLUMNS[5]].split(" | ")[0]
    assert left(spec_of(question("id"), field), "redcap") == []
    assert formats.write(spec_of(question("id"), field), "redcap").losses == ()


@pytest.mark.parametrize(
    ("more", "field_type", "validation"),
    [
        ({"kind": "text"}, "text", ""),
        ({"kind": "notes"}, "notes", ""),
        ({"kind": "integer"}, "text", "integer"),
        ({"kind": "decimal"}, "text", "number"),
        ({"kind": "date"}, "text", "date_ymd"),
        ({"kind": "date", "date_format": "dmy"}, "text", "date_dmy"),
        ({"kind": "date", "date_format": "my"}, "text", ""),
        ({"kind": "datetime"}, "text", "datetime_ymd"),
        ({"kind": "time"}, "text", "time"),
        ({"kind": "choice", "options": YES_NO}, "radio", ""),
        ({"kind": "choice", "options": YES_NO, "field_type": "yesno"}, "yesno", ""),
        ({"kind": "choice", "options": tuple(Option(str(i), f"L{i}") for i in range(12))}, "dropdown", ""),
        ({"kind": "choice"}, "text", ""),
        ({"kind": "multichoice", "options": YES_NO}, "checkbox", ""),
        ({"kind": "file"}, "file", ""),
        ({"kind": "display", "asks": False}, "descriptive", ""),
        ({"kind": "decimal", "asks": False, "calculation": "1 + 1"}, "calc", ""),
        ({"kind": "text", "asks": False, "calculation": "if(1, 'a', 'b')"}, "text", ""),
        ({"kind": "text", "asks": False}, "text", ""),
    ],
)
def test_every_kind_has_a_type_and_reads_back(more: dict[str, object], field_type: str, validation: str) -> None:
    field = question("q", **more)
    assert (row(field)[COLUMNS[3]], row(field)[COLUMNS[7]]) == (field_type, validation)
    assert left(spec_of(question("id"), field), "redcap") == []
    assert formats.write(spec_of(question("id"), field), "redcap").losses == ()
