"""Any dictionary as an R4 Questionnaire: valid, in standard elements, the same when read again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_catalog import formats
from forms_catalog.specs import DictionarySpec, EventSpec, FieldSpec, Option, Translation
from tests.forms_catalog.formats.fhir_files import item, questionnaire
from tests.forms_catalog.formats.fhir_rules import broken_rules, walk
from tests.forms_catalog.formats.round_trip import there_and_back
from tests.shared_data import SHARED, first_fields, needs_shared, read_once

FILES = sorted(p for kind in ("fhir", "redcap", "odm") for p in (SHARED / "data" / "import" / kind).glob("*.*"))
YES_NO = (Option("1", "Yes"), Option("0", "No"))
COLOURS = (Option("r", "Red"), Option("g", "Green"))


def field(path: str, kind: str = "text", **more: Any) -> FieldSpec:
    said: dict[str, Any] = {"path": path, "name": path, "form": "f", "label": path, "kind": kind, "order": 0, "line": 0}
    return FieldSpec(**(said | more))


def spec(*fields: FieldSpec, **more: Any) -> DictionarySpec:
    said: dict[str, Any] = {"format": "redcap", "version": "0123456789ab", "fields": fields, "title": "A study"}
    return DictionarySpec(**(said | more))


def written(*fields: FieldSpec, **more: Any) -> dict[str, Any]:
    """The Questionnaire, which reads again as the fields."""
    trip = there_and_back(spec(*fields, **more), "fhir")
    assert trip.left == []
    body: dict[str, Any] = json.loads(trip.written.data)
    assert broken_rules(body) == []
    return body


def last(*fields: FieldSpec) -> dict[str, Any]:
    return list(walk(written(*fields)["item"]))[-1]


def own(item: dict[str, Any]) -> set[str]:
    urls = [extension["url"] for extension in item.get("extension", ())]
    return {url.rsplit("/", 1)[-1] for url in urls if "askonce" in url}


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_every_real_file_is_the_same_after_writing_and_reading(path: Path) -> None:
    trip = there_and_back(first_fields(read_once(path)), "fhir")
    assert trip.left == []
    made = trip.written
    assert {loss.what for loss in made.losses} <= {"events"}
    assert broken_rules(json.loads(made.data)) == []
    again = formats.write(trip.again, "fhir")
    assert json.loads(again.data)["item"] == json.loads(made.data)["item"]


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_every_real_file_is_valid_for_fhir_resources(path: Path) -> None:
    from fhir.resources.R4B.questionnaire import Questionnaire

    made = formats.write(first_fields(read_once(path)), "fhir")  # it takes 3 ms a field
    assert Questionnaire.model_validate_json(made.data).status == "draft"


@pytest.mark.parametrize(
    ("logic", "rules", "behavior"),
    [
        ("[c] = 'r'", [{"question": "c", "operator": "=", "answerCoding": {"code": "r"}}], None),
        ("[c] <> 'r'", [{"question": "c", "operator": "!=", "answerCoding": {"code": "r"}}], None),
        ("[m(g)] = '1'", [{"question": "m", "operator": "=", "answerCoding": {"code": "g"}}], None),
        ("[m(g)] <> '1'", [{"question": "m", "operator": "!=", "answerCoding": {"code": "g"}}], None),
        ("[b] = '1'", [{"question": "b", "operator": "=", "answerBoolean": True}], None),
        ("[n] > -2", [{"question": "n", "operator": ">", "answerInteger": -2}], None),
        ("[t] = ''", [{"question": "t", "operator": "exists", "answerBoolean": False}], None),
        (
            "[n] >= 1 and [t] <> ''",
            [
                {"question": "n", "operator": ">=", "answerInteger": 1},
                {"question": "t", "operator": "exists", "answerBoolean": True},
            ],
            "all",
        ),
        (
            "[t] = 'a' or [t] = 'b'",
            [
                {"question": "t", "operator": "=", "answerString": "a"},
                {"question": "t", "operator": "=", "answerString": "b"},
            ],
            "any",
        ),
    ],
)
def test_conditions_of_its_shape_become_enable_when(logic: str, rules: list[Any], behavior: str | None) -> None:
    choices = [field("c", "choice", options=COLOURS), field("m", "multichoice", options=COLOURS)]
    others = [field("b", "choice", options=YES_NO), field("n", "integer"), field("t")]
    item = last(*choices, *others, field("it", branching=logic))
    assert (item["enableWhen"], item.get("enableBehavior")) == (rules, behavior)
    assert "branching" not in own(item)


@pytest.mark.parametrize(
    "logic",
    [
        "[c] > 1",
        "[n] = 1 and ([t] = 'a' or [t] = 'b')",
        "[n] + 1 = 2",
        "[visit][n] = 1",
        "[ghost] = 1",
        "not [n] = 1",
        "[n] = [t]",
        "this is no logic (",
    ],
)
def test_other_conditions_are_kept_as_text(logic: str) -> None:
    item = last(field("c", "choice", options=COLOURS), field("n", "integer"), field("t"), field("it", branching=logic))
    assert "enableWhen" not in item
    assert {"url": "https://askonce.example/fhir/StructureDefinition/branching", "valueString": logic} in item[
        "extension"
    ]


def test_standard_elements_carry_what_they_can() -> None:
    item = last(
        field(
            "hb",
            "decimal",
            label="Hemoglobin",
            note="one decimal",
            unit="g/dL",
            minimum="2.5",
            maximum="25",
            required=True,
            field_type="decimal",
            codes=(("http://loinc.org", "718-7", "Hemoglobin"),),
            translations=(Translation("th", "ฮีโมโกลบิน", "หนึ่ง"),),
        )
    )
    assert own(item) == set()
    assert (item["type"], item["required"], item["code"][0]["code"]) == ("decimal", True, "718-7")
    assert item["_text"]["extension"][0]["extension"][1]["valueString"] == "ฮีโมโกลบิน"


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "date", "date_format": "dmy", "validation": "date_dmy", "minimum": "today", "initial": "[other]"},
        {"kind": "decimal", "minimum": "2.70", "maximum": "[hb_max]", "label": "Hb (g/dL)"},
        {"kind": "display", "annotation": "@HIDDEN", "asks": False, "codes": (("s", "c", "d"),), "initial": "x"},
        {"kind": "decimal", "calculation": "[a] + 1", "asks": False, "required": True, "field_type": "calc"},
        {"kind": "choice", "options": COLOURS, "initial": "g", "repeating": True, "identifier": True},
        {"kind": "multichoice", "options": COLOURS, "initial": "r,g", "section": "S"},
        {"kind": "choice", "options": (Option("a  b", "<b>Bold</b> &amp; more"), Option(" ", "Blank"))},
        {"kind": "choice", "options": (), "label": "  kept as it is  ", "note": "<i>also</i>"},
        {"kind": "integer", "options": COLOURS},
        {"kind": "file", "repeating": True, "section": "S", "asks": False},
    ],
)
def test_everything_a_field_can_say_comes_back(more: dict[str, Any]) -> None:
    last(field("a", "integer"), field("x", **more))


def test_several_forms_sections_and_double_names_come_back() -> None:
    fields = [
        field("a", form="one", section="First"),
        field("b", form="one", section="First"),
        field("one/x#1", name="x", form="one"),
        field("two/x#1", name="x", form="two", section="First"),
        field("group-1", form="two", repeating=True, section="Again"),
        field("c", form=""),
    ]
    body = written(*fields)
    assert [item.get("text") for item in body["item"]] == ["one", "two", "c"]
    again = formats.read(json.dumps(body).encode()).fields
    assert [(f.path, f.name, f.form, f.section) for f in again] == [(f.path, f.name, f.form, f.section) for f in fields]


def test_a_form_that_repeats_is_one_repeating_group_so_that_its_answers_stay_together() -> None:
    again = [field("a", repeating=True), field("b", "choice", options=COLOURS, repeating=True, section="More")]
    (group,) = written(*again)["item"]
    assert [i["linkId"] for i in walk([group]) if i.get("repeats")] == [group["linkId"]]
    assert {i["linkId"] for i in walk([group])} > {"a", "b"}


def test_systems_and_scores_of_a_fhir_source_are_written_again() -> None:
    score = {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 2}
    option = {"valueCoding": {"system": "http://loinc.org", "code": "LA6568-5", "display": "Not at all"}}
    asked = item("q", "choice", answerOption=[option | {"extension": [score]}])
    rule = {"question": "q", "operator": "=", "answerCoding": {"system": "http://loinc.org", "code": "LA6568-5"}}
    source = formats.read(questionnaire(asked, item("it", enableWhen=[rule])))
    first, second = walk(json.loads(formats.write(source, "fhir").data)["item"])
    assert first["answerOption"] == [option | {"extension": [score]}]
    assert second["enableWhen"] == [rule]


def test_time_points_are_named_as_lost() -> None:
    made = formats.write(spec(field("a"), events=(EventSpec("v1", "Visit", ("f",)),)), "fhir")
    assert [(loss.path, loss.what) for loss in made.losses] == [("", "events")]


KINDS = ["text", "notes", "integer", "decimal", "date", "datetime", "time", "choice", "multichoice", "file", "display"]
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
ANY_FIELD = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "label": TEXT,
        "options": st.lists(TEXT.filter(str.strip), max_size=3, unique=True).map(
            lambda codes: tuple(Option(code.strip(), code) for code in dict.fromkeys(c.strip() for c in codes))
        ),
        **dict.fromkeys(("note", "unit", "minimum", "initial", "validation", "field_type", "section"), TEXT),
        **{name: st.booleans() for name in ("required", "asks", "repeating", "identifier")},
        "branching": st.sampled_from(["", "[x] = '1'", "[x(a)] = '1'", "[x] > 2 or [x] = ''", "nonsense ("]),
    }
)


@settings(deadline=None, max_examples=60)
@given(given_fields=st.lists(ANY_FIELD, min_size=1, max_size=3))
def test_whatever_a_field_holds_it_is_the_same_after_writing_and_reading(given_fields: list[dict[str, Any]]) -> None:
    fields = [field("xyz"[number], **more) for number, more in enumerate(given_fields)]
    fields = [f if f.label or not f.asks else field(f.name, f.kind) for f in fields]
    trip = there_and_back(spec(*fields), "fhir")
    assert trip.left == []
    assert broken_rules(json.loads(trip.written.data)) == []
