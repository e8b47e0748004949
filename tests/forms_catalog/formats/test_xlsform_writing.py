"""A dictionary written as an XLSForm converts with pyxform and reads back as it was, but for losses it announces."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pytest
from pyxform.xls2xform import convert

from forms_catalog import formats
from forms_catalog.specs import DictionarySpec, EventSpec, FieldSpec, Option, Translation
from tests.forms_catalog.formats.made import question
from tests.forms_catalog.formats.round_trip import left, there_and_back
from tests.forms_catalog.formats.xlsforms import EVERYTHING, read
from tests.shared_data import SHARED, first_fields, needs_shared, read_once

REDCAP = sorted(path.name for path in (SHARED / "data/import/redcap").glob("*.csv"))


def spec_of(*fields: FieldSpec, **more: object) -> DictionarySpec:
    placed = tuple(replace(one, order=at) for at, one in enumerate(fields))
    return DictionarySpec("redcap", "0" * 12, placed, title="Study", **more)  # type: ignore[arg-type]


def rows_of(data: bytes, sheet: str = "survey") -> list[dict[str, str]]:
    header, *rows = openpyxl.load_workbook(io.BytesIO(data))[sheet].iter_rows(values_only=True)
    return [{str(name): str(cell) for name, cell in zip(header, row, strict=True) if cell is not None} for row in rows]


def written(*fields: FieldSpec) -> list[dict[str, str]]:
    return rows_of(formats.write(spec_of(*fields), "xlsform").data)


def lost(spec: DictionarySpec) -> set[tuple[str, str]]:
    return {(loss.path, loss.what) for loss in formats.write(spec, "xlsform").losses}


def converted(data: bytes) -> str:
    return str(convert(data, validate=False, file_type=".xlsx", form_name="data").xform)


def test_an_xlsform_reads_back_as_it_was_and_loses_nothing() -> None:
    spec = formats.read(EVERYTHING)
    assert left(spec, "xlsform") == []
    assert lost(spec) == set()
    again = formats.read(formats.write(spec, "xlsform").data)
    assert (again.title, again.language) == (spec.title, spec.language)
    assert [f.field_type for f in again.fields] == [f.field_type for f in spec.fields]


def test_pyxform_converts_what_is_written() -> None:
    xform = converted(formats.write(formats.read(EVERYTHING), "xlsform").data)
    assert "selected( /data/" in xform
    assert xform.count("<bind ") == 12  # 11 fields and the instance id that pyxform adds


def test_the_same_dictionary_gives_the_same_bytes() -> None:
    spec = formats.read(EVERYTHING)
    assert formats.write(spec, "xlsform").data == formats.write(spec, "xlsform").data


@needs_shared
@pytest.mark.parametrize("name", REDCAP)
def test_a_real_redcap_dictionary_goes_through_an_xlsform(name: str) -> None:
    trip = there_and_back(first_fields(read_once(SHARED / "data/import/redcap" / name)), "xlsform")
    assert trip.left == []
    assert {loss.what for loss in trip.written.losses} <= {"branching", "calculation", "initial"}


@needs_shared
@pytest.mark.parametrize("name", ["ptsd_psilocybin.csv", "ccc19_covid_cancer.csv", "iedea_tblcenter.csv"])
def test_pyxform_converts_real_redcap_dictionaries(name: str) -> None:
    spec = first_fields(read_once(SHARED / "data/import/redcap" / name))
    assert converted(formats.write(spec, "xlsform").data).startswith("<?xml")


def test_logic_is_written_as_xlsform_says_it() -> None:
    ill = question("ill", kind="choice", options=(Option("1", "Yes"), Option("0", "No")))
    signs = question("signs", kind="multichoice", options=(Option("a", "A"),), branching="[ill] = '1'")
    since = question("since", kind="date", branching="[signs(a)] = '1' and [ill] <> ''", maximum="today")
    rows = {row["name"]: row for row in written(ill, signs, since)}
    assert rows["signs"]["relevant"] == "${ill} = '1'"
    assert rows["since"]["relevant"] == "selected(${signs}, 'a') and ${ill} != ''"
    assert rows["since"]["constraint"] == ". <= today()"


def test_logic_that_xlsform_cannot_say_is_announced_and_kept() -> None:
    late = question("late", branching="[visit_1][ill] = '1'")
    total = question("total", kind="decimal", asks=False, calculation="stdev([ill], [late])", field_type="calc")
    spec = spec_of(question("ill", kind="integer"), late, total)
    assert lost(spec) == {("late", "branching"), ("total", "calculation")}
    again = formats.read(formats.write(spec, "xlsform").data)
    assert [(f.branching, f.calculation) for f in again.fields[1:]] == [(late.branching, ""), ("", total.calculation)]


def test_a_row_changed_by_hand_counts_more_than_the_mark() -> None:
    data = formats.write(spec_of(question("q", branching="[e][x] = '1'", kind="decimal", unit="kg")), "xlsform").data
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book["survey"]
    header = [cell.value for cell in sheet[1]]
    sheet.cell(sheet.max_row, header.index("type") + 1).value = "integer"
    out = io.BytesIO()
    book.save(out)
    (again,) = formats.read(out.getvalue()).fields
    assert (again.kind, again.branching, again.unit) == ("integer", "", "kg")


def test_forms_sections_and_repeats_become_groups_and_come_back() -> None:
    fields = [
        question("a", form="one"),
        question("b", form="one", section="First / part"),
        question("c", form="one", section="First / part", repeating=True),
        question("d", form="two", section="First / part"),
        question("e", form="one"),
    ]
    spec = spec_of(*fields)
    assert left(spec, "xlsform") == []
    types = [row["type"] for row in rows_of(formats.write(spec, "xlsform").data)]
    assert types.count("begin_group") == types.count("end_group") == 6
    assert types.count("begin_repeat") == types.count("end_repeat") == 1
    assert converted(formats.write(spec, "xlsform").data)


def test_names_and_codes_that_xforms_refuse_are_changed_and_logic_follows() -> None:
    first = question("1 a", kind="choice", options=(Option("x y", "X"), Option("x_y", "Z")))
    second = question("b", branching="[1%20a] = 'x y'")
    spec = spec_of(first, second)
    made = formats.write(spec, "xlsform")
    assert made.renamed == {"1 a": "q_1_a"}
    assert rows_of(made.data)[1]["relevant"] == "${q_1_a} = 'x_y_2'"
    assert left(spec, "xlsform") == []
    assert ("1 a", "options") in lost(spec)


@pytest.mark.parametrize(
    "made",
    [
        question("q", label="=1+1"),
        question("q", label="#N/A", note="-5"),
        question("q", label="a <b> & c &lt; d"),
        question("q", label="cost ${none} and $5"),
        question("q", label="bell \x07 and _x0007_"),
        question("q", kind="display", asks=False, label=""),
        question("q", kind="date", date_format="my"),
        question("q", kind="date", date_format="dmy", validation="date_dmy", minimum="2020-01-01"),
        question("q", kind="notes", identifier=True, required=True),
        question("q", kind="integer", minimum="0", maximum="[q]", unit="mg/dL", codes=(("s", "c", "d"),)),
        question("q", kind="time", minimum="08:00", asks=False),
        question("q", kind="choice", options=()),
        question(
            "q",
            kind="choice",
            options=(Option("1", "Yes"),),
            translations=(Translation("de", "Q", "", (Option("1", "Ja"),)),),
        ),
        question("q", annotation="@HIDDEN\nappearance: none", asks=False, initial="x"),
        question("q", branching="((broken"),
        question("q", kind="file", asks=True, field_type="signature"),
    ],
)
def test_every_attribute_comes_back(made: FieldSpec) -> None:
    trip = there_and_back(spec_of(made, language="en"), "xlsform")
    assert trip.left == []
    assert {loss.what for loss in trip.written.losses} <= {"branching"}
    assert converted(trip.written.data)


def test_events_and_filters_of_choices_are_announced_as_lost() -> None:
    events = (EventSpec("v1", "Visit 1", ("visit",)),)
    assert ("", "events") in lost(spec_of(question("q"), events=events))
    filtered = read({"type": "select_one yes_no", "name": "q", "choice_filter": "a = 1"})
    assert lost(filtered) == {("q", "annotation")}
    assert "choice_filter" not in rows_of(formats.write(filtered, "xlsform").data)[0]


def test_what_could_not_be_read_is_written_as_the_xlsform_had_it() -> None:
    spec = read({"type": "text", "name": "q", "relevant": "regex(${p}, 'a+')"}, {"type": "text", "name": "p"})
    assert rows_of(formats.write(spec, "xlsform").data)[0]["relevant"] == "regex(${p}, 'a+')"
    assert lost(spec) == set()


def test_questions_with_the_same_choices_share_one_list() -> None:
    options = (Option("1", "Yes"), Option("0", "No"))
    data = formats.write(spec_of(*(question(n, kind="choice", options=options) for n in "ab")), "xlsform").data
    assert [row["type"] for row in rows_of(data)] == ["select_one a", "select_one a"]
    assert [row["list_name"] for row in rows_of(data, "choices")] == ["a", "a"]
