"""What REDCap has no column for travels in the Field Annotation, and what a person changes there wins."""

from __future__ import annotations

import csv
import io
from dataclasses import fields

import pytest

from forms_catalog import formats
from forms_catalog.formats.redcap.marks import KEPT
from forms_catalog.specs import EventSpec, FieldSpec, Option, Translation
from tests.forms_catalog.formats.made import COLUMNS, codes, only, question, redcap, spec_of
from tests.forms_catalog.formats.round_trip import left

HB = question(
    "hb",
    kind="decimal",
    unit="g/dL",
    note="Lowest of the week",
    initial="9.5",
    repeating=True,
    codes=(("http://loinc.org", "718-7", "Hemoglobin"),),
    translations=(Translation("de", "Hämoglobin", "Der tiefste @HIDDEN", (Option("1", "Ja"),)),),
)


def file_of(*made: FieldSpec) -> str:
    return formats.write(spec_of(question("record_id"), *made), "redcap").data.decode("utf-8-sig")


def changed(text: str, column: str, cell: str) -> bytes:
    """The file after somebody has changed the last row."""
    rows = list(csv.reader(io.StringIO(text)))
    rows[-1][COLUMNS.index(column)] = cell
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def test_everything_kept_is_an_attribute_of_a_field() -> None:
    assert {f.name for f in fields(FieldSpec)} >= KEPT


def test_codes_translations_units_and_first_values_come_back() -> None:
    assert left(spec_of(question("record_id"), HB), "redcap") == []
    assert formats.write(spec_of(question("record_id"), HB), "redcap").losses == ()
    assert formats.read(file_of(HB).encode()).fields[1].asks


def test_the_unit_stands_where_a_person_reads_it() -> None:
    cells = list(csv.DictReader(io.StringIO(file_of(HB))))[1]
    assert cells["Field Note"] == "Lowest of the week (g/dL)"
    assert cells["Field Annotation"].startswith("@DEFAULT='9.5'\n@ASKONCE={")


def test_a_change_made_in_redcap_wins_over_the_mark() -> None:
    again = formats.read(changed(file_of(HB), "Field Note", "Any day")).fields[1]
    assert again.note == "Any day"
    assert (again.unit, again.codes, again.repeating) == ("g/dL", HB.codes, True)


def test_an_unchanged_row_keeps_the_note_it_had_before_export() -> None:
    assert formats.read(changed(file_of(HB), "Form Name", "visit")).fields[1].note == "Lowest of the week"


def test_a_form_gets_its_name_back_on_every_row() -> None:
    made = spec_of(question("a", form="Visit 1"), question("b", form="visit_1"), question("c", form="Visit 1"))
    out = formats.write(made, "redcap")
    rows = list(csv.DictReader(io.StringIO(out.data.decode("utf-8-sig"))))
    assert [r["Form Name"] for r in rows] == ["visit_1_2", "visit_1_2", "visit_1_2", "visit_1"]
    assert left(made, "redcap") == []


def test_a_section_that_ends_inside_a_form_ends_on_reading_too() -> None:
    made = spec_of(question("record_id", section="Part"), question("b"), question("c", section="Part"))
    assert left(made, "redcap") == []


def test_a_row_for_the_record_id_comes_first_and_is_read_as_no_field() -> None:
    made = spec_of(question("sex", kind="choice", options=(Option("1", "F"),)))
    out = formats.write(made, "redcap")
    again = formats.read(out.data)
    assert out.data.decode("utf-8-sig").splitlines()[1].startswith("record_id,visit,,text,Record ID,")
    assert [f.name for f in again.fields] == ["sex"]
    assert codes(again) == {"record_id_row": 2}
    assert {loss.what for loss in out.losses} == {"fields"}
    assert formats.write(again, "redcap").data == out.data


def test_events_and_language_are_announced_as_lost() -> None:
    made = spec_of(question("record_id"), events=(EventSpec("D100", "Day 100", ("visit",)),), language="de")
    assert {loss.what for loss in formats.write(made, "redcap").losses} == {"events", "language"}


def test_forms_are_put_together_and_the_order_is_announced() -> None:
    made = spec_of(question("record_id", form="a"), question("b", form="b", order=1), question("c", form="a", order=2))
    out = formats.write(made, "redcap")
    assert [f.name for f in formats.read(out.data).fields] == ["record_id", "c", "b"]
    assert {(loss.path, loss.what) for loss in out.losses} == {("b", "order")}


@pytest.mark.parametrize(
    "mark",
    [
        "@ASKONCE={",
        "@ASKONCE={}",
        "@ASKONCE=[1]",
        '@ASKONCE={"unit":5,"kind":"poem","codes":[["a"]],"translations":[[]],"options":3,"form":[]}',
        '@ASKONCE={"unit":"\\ud800"}',
        '@ASKONCE={"unit":"\\u0000"}',
        "@ASKONCE=" + '{"a":' * 100_000,
        '@ASKONCE={"repeating":"yes","row":7,"added":9,"added_row":{}}',
    ],
    ids=range(8),
)
def test_a_damaged_mark_says_nothing_and_breaks_nothing(mark: str) -> None:
    field = only(label="Weight (kg)", validation="number", annotation=mark)
    assert (field.unit, field.kind, field.codes, field.form, field.repeating) == ("kg", "decimal", (), "visit", False)


def test_a_text_that_looks_like_an_escape_is_a_text() -> None:
    made = spec_of(question("record_id", translations=(Translation("de", "\\u0000 \\n"),)))
    assert left(made, "redcap") == []
    assert formats.write(made, "redcap").losses == ()


def test_a_tag_before_the_mark_is_still_obeyed() -> None:
    assert not only(annotation='@HIDDEN\n@ASKONCE={"unit":"kg"}').asks


def test_cells_that_start_like_a_formula_stay_as_they_are() -> None:
    spec = formats.read(redcap({"name": "record_id", "note": "=1+1", "annotation": "@HIDDEN", "label": "-5 to +5"}))
    (cells,) = csv.DictReader(io.StringIO(formats.write(spec, "redcap").data.decode("utf-8-sig")))
    assert (cells["Field Note"], cells["Field Annotation"], cells["Field Label"]) == ("=1+1", "@HIDDEN", "-5 to +5")
