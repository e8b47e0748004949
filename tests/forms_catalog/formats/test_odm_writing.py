"""Any dictionary as ODM 1.3.2 and 2.0: valid against CDISC's schemas, and the same when it is read again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from forms_catalog import formats
from forms_catalog.formats.odm.xml_parts import NAMESPACES
from forms_catalog.specs import DictionarySpec, EventSpec, FieldSpec, Option, Translation
from tests.forms_catalog.formats.odm_schemas import faults
from tests.forms_catalog.formats.round_trip import left, there_and_back
from tests.shared_data import SHARED, first_fields, needs_shared, read_once

WRITERS = ["odm", "odm2"]
FOLDER = SHARED / "data/import"
FILES = [p for kind in ("odm", "redcap", "fhir") for p in sorted(FOLDER.glob(f"{kind}/*"))] or [FOLDER / "none"]


def field(name: str = "x", **values: Any) -> FieldSpec:
    said: dict[str, Any] = {"form": "visit", "label": "How are you?", "kind": "text", "order": 0, "line": 0}
    return FieldSpec(**{"path": name, "name": name} | said | values)


def spec(*fields: FieldSpec, **values: Any) -> DictionarySpec:
    said: dict[str, Any] = {"format": "odm", "version": "0123", "fields": fields, "title": "Study", "language": "en"}
    return DictionarySpec(**said | values)


def again(one: FieldSpec, format_name: str, **values: Any) -> FieldSpec:
    return formats.read(formats.write(spec(one, **values), format_name).data).fields[0]


@needs_shared
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_real_dictionaries_are_written_whole_and_valid(path: Any, writer: str) -> None:
    read = first_fields(read_once(path))
    trip = there_and_back(read, writer)
    written, back = trip.written, trip.again
    assert (written.losses, dict(written.renamed)) == ((), {})
    assert faults(written.data, writer) == []
    assert trip.left == []
    assert (back.events, back.language, [f.path for f in back.fields]) == (
        read.events,
        read.language,
        [f.path for f in read.fields],
    )


@needs_shared
@pytest.mark.parametrize("writer", WRITERS)
def test_what_is_read_again_is_written_the_same(writer: str) -> None:
    read = formats.read((FOLDER / "odm/openedc_example_metadata.xml").read_bytes())
    once = formats.write(replace(read, version=""), writer).data
    assert formats.write(replace(formats.read(once), version=""), writer).data == once


words = st.text(min_size=1, max_size=12).filter(lambda text: text == text.strip())
names = st.text(alphabet="abcXYZ09_.-é/ ", min_size=1, max_size=6).filter(lambda text: text == text.strip())
maybe = st.one_of(st.just(""), words)
options = st.lists(st.builds(Option, words, words), max_size=3, unique_by=lambda option: option.code).map(tuple)
logic = st.sampled_from(["", "[a] = '1'", "not ([a] = '1')", "[b(2)] = '1' and [a] > 3", "nobody can read this", "((("])


@st.composite
def any_field(draw: st.DrawFn) -> FieldSpec:
    chosen = draw(options)
    translated = st.builds(
        Translation,
        st.sampled_from(["de", "fr-CA", "ko"]),
        maybe,
        maybe,
        st.just(tuple(Option(o.code, draw(words)) for o in chosen)),
    )
    kinds = ["text", "notes", "integer", "decimal", "date", "datetime", "choice", "multichoice", "file", "display"]
    return field(
        draw(names),
        form=draw(st.sampled_from(["", "one", "two words"])),
        label=draw(maybe),
        kind=draw(st.sampled_from(kinds)),
        section=draw(st.sampled_from(["", "one", "Vitals"])),
        note=draw(maybe),
        field_type=draw(st.sampled_from(["", "text", "radio", "integer", "decimal", "boolean", "partialDate", "calc"])),
        options=chosen,
        unit=draw(st.sampled_from(["", "kg", "10*3/uL", "% of all"])),
        validation=draw(st.sampled_from(["", "number_2dp", "date_dmy"])),
        date_format=draw(st.sampled_from(["", "ymd", "my"])),
        minimum=draw(st.sampled_from(["", "0", "2.50", "today"])),
        maximum=draw(st.sampled_from(["", "9", "[a]"])),
        branching=draw(logic),
        calculation=draw(logic),
        required=draw(st.booleans()),
        identifier=draw(st.booleans()),
        asks=draw(st.booleans()),
        repeating=draw(st.booleans()),
        annotation=draw(maybe),
        initial=draw(maybe),
        codes=tuple(
            draw(st.lists(st.tuples(st.sampled_from(["http://loinc.org", "LOINC", "x y"]), words, maybe), max_size=3))
        ),
        translations=tuple(draw(st.lists(translated, max_size=2, unique_by=lambda t: t.language))),
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(any_field(), max_size=4, unique_by=lambda one: one.path), st.sampled_from(WRITERS))
def test_whatever_a_field_says_is_valid_and_comes_back(fields: list[FieldSpec], writer: str) -> None:
    trip = there_and_back(spec(*fields), writer)
    written = trip.written
    assert faults(written.data, writer) == []
    assert trip.left == []
    assert all("XML cannot hold" in loss.message for loss in written.losses)


@pytest.mark.parametrize("writer", WRITERS)
def test_characters_that_xml_cannot_hold_are_replaced_and_reported(writer: str) -> None:
    one = field(label="a\x00b\x1f\ud800c", options=(Option("1", "x\ufffe"),), kind="choice")
    written = formats.write(spec(one), writer)
    assert {(loss.path, loss.what) for loss in written.losses} == {("x", "label"), ("x", "options")}
    assert formats.read(written.data).fields[0].label == "a\ufffdb\ufffd\ufffdc"
    assert faults(written.data, writer) == []


@pytest.mark.parametrize("writer", WRITERS)
def test_line_breaks_tabs_markup_and_entities_come_back(writer: str) -> None:
    text = "a <b>\r\n\tc</b> &amp; \"d\" 'e' ]]> <!-- é 漢 \U0001f600"
    found = again(field(label=text, note=text, annotation=text, section=text, form=text), writer)
    assert (found.label, found.note, found.annotation, found.section, found.form) == (text,) * 5


@pytest.mark.parametrize("writer", WRITERS)
def test_two_fields_of_one_name_keep_their_paths(writer: str) -> None:
    twice = [replace(field("x"), path=f"visit/x#{n}") for n in (1, 2)]
    assert left(spec(*twice), writer) == []


@pytest.mark.parametrize("writer", WRITERS)
def test_no_oid_is_there_twice_whatever_fields_are_called(writer: str) -> None:
    fields = [field(name) for name in ("F.1", "IG.1.1", "CL.1", "MDV.1", "C.1", "M.1", "MU.1", "E", "x", "x ")]
    made = spec(
        *(replace(f, unit="kg", branching="[x] = '1'", calculation="1") for f in fields),
        events=(EventSpec("E", "E", ("visit",)),),
    )
    written = formats.write(made, writer)
    assert faults(written.data, writer) == []
    assert dict(written.renamed) == {"x ": "x.2"}
    assert left(made, writer) == []


@pytest.mark.parametrize("writer", WRITERS)
def test_events_come_back_with_their_days(writer: str) -> None:
    events = (
        EventSpec("B", "Baseline", ("visit", "a form without fields"), day=0, kind="baseline"),
        EventSpec("D100", "Day 100", ("visit",), 100, 86, 114, repeating=True, kind="followup", arm="Arm 1"),
        EventSpec("AE", "", (), kind="triggered"),
    )
    written = formats.write(spec(field(), events=events), writer)
    assert formats.read(written.data).events == events
    assert faults(written.data, writer) == []


@pytest.mark.parametrize("writer", WRITERS)
def test_the_condition_says_when_not_to_collect(writer: str) -> None:
    data = formats.write(spec(field(branching="[a] = '1'")), writer).data
    (found,) = etree.fromstring(data).iter("{*}FormalExpression")
    assert found.get("Context") == "REDCap"
    assert "".join(map(str, found.itertext())).strip() == "not [a] = '1'"


@pytest.mark.parametrize("writer", WRITERS)
def test_a_language_that_xml_cannot_name_is_reported(writer: str) -> None:
    said = (Translation("English (en)", "x"), Translation("en", "y", "", (Option("1", "b"),)), Translation("de", "z"))
    one = field(translations=said, options=(Option("1", "a"),))
    written = formats.write(spec(one), writer)
    assert {(loss.path, loss.what) for loss in written.losses} == {("x", "translations")}
    assert [t.language for t in formats.read(written.data).fields[0].translations] == ["de"]
    assert faults(written.data, writer) == []


@pytest.mark.parametrize("writer", WRITERS)
def test_a_code_that_is_there_twice_is_written_once_and_reported(writer: str) -> None:
    one = field(kind="choice", options=(Option("1", "a"), Option("1", "b")))
    written = formats.write(spec(one), writer)
    assert [loss.what for loss in written.losses] == ["options"]
    assert formats.read(written.data).fields[0].options == (Option("1", "a"),)
    assert faults(written.data, writer) == []


def test_editions_have_their_namespaces_and_an_empty_dictionary_is_valid() -> None:
    for writer, version in zip(WRITERS, NAMESPACES, strict=True):
        data = formats.write(spec(title=""), writer).data
        assert NAMESPACES[version].encode() in data
        assert faults(data, writer) == []
        assert formats.read(data).format_version == version


def test_shared_lists_units_and_conditions_are_written_once() -> None:
    both = [field(n, kind="choice", options=(Option("1", "Yes"),), unit="kg", branching="[a] = '1'") for n in "xy"]
    root = etree.fromstring(formats.write(spec(*both), "odm").data)
    assert [len(list(root.iter(f"{{*}}{tag}"))) for tag in ("CodeList", "MeasurementUnit", "ConditionDef")] == [1, 1, 1]
