"""What each part of a Questionnaire means once it is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forms_catalog import formats
from forms_catalog.formats import UnreadableFile
from forms_catalog.specs import Option, Translation
from tests.forms_catalog.formats.fhir_files import (
    FILES,
    R5_PROFILE,
    choice,
    codes,
    expression,
    extension,
    item,
    items_that_are_no_groups,
    only,
    questionnaire,
    read,
)
from tests.shared_data import needs_shared

UNIT = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unit"}


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_item_of_a_real_file_that_is_no_group_is_a_field(path: Path) -> None:
    spec = formats.read(path.read_bytes(), path.name)
    assert spec.format == "fhir"
    assert len(spec.fields) == items_that_are_no_groups(path)
    assert not [p for p in spec.problems if p.severity == "error" and p.code != "missing_choices" and not p.line]


@needs_shared
def test_what_a_person_answers_is_told_from_what_is_shown_or_computed() -> None:
    found = {path.stem: formats.read(path.read_bytes()) for path in FILES}
    assert {name: len(spec.questions) for name, spec in found.items()} == {
        "cirg_cnics_audit": 11,
        "cirg_cnics_euroqol": 6,
        "cirg_cnics_sexual_risk": 40,
        "cirg_phq9": 11,
        "hl7sdc_cardiology": 123,
        "lforms_4712701_r5": 26,
        "lforms_ussg_family_health": 27,
        "phenx_alcohol_030501": 38,
    }
    assert found["lforms_4712701_r5"].format_version == "R5"
    assert found["hl7sdc_cardiology"].format_version == "R4"


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("boolean", "choice"),
        ("decimal", "decimal"),
        ("integer", "integer"),
        ("quantity", "decimal"),
        ("date", "date"),
        ("dateTime", "datetime"),
        ("time", "time"),
        ("string", "text"),
        ("text", "notes"),
        ("url", "text"),
        ("attachment", "file"),
        ("reference", "text"),
        ("display", "display"),
    ],
)
def test_item_types(type_: str, kind: str) -> None:
    field = only(item("a", type_))
    assert (field.kind, field.field_type, field.asks) == (kind, type_, type_ != "display")


def test_a_boolean_offers_yes_and_no_as_redcap_does() -> None:
    assert only(item("a", "boolean")).options == (Option("1", "Yes"), Option("0", "No"))


def test_groups_give_the_section_and_what_they_say_holds_for_their_items() -> None:
    inner = item("g2", "group", repeats=True, readOnly=True, item=[item("a")])
    spec = read(item("g1", "group", item=[inner, item("b")]))
    first, second = spec.fields
    assert (first.section, first.repeating, first.asks) == ("G1 / G2", True, False)
    assert (second.section, second.repeating, second.asks) == ("G1", False, True)
    assert {f.form for f in spec.fields} == {"Form"}


def test_items_nested_under_a_question_are_fields_too() -> None:
    assert [f.path for f in read(item("a", item=[item("a.1", item=[item("a.1.1")])]), item("b")).fields] == [
        "a",
        "a.1",
        "a.1.1",
        "b",
    ]


def test_hidden_read_only_and_computed_items_ask_nobody() -> None:
    hidden = item("a", extension=[extension("questionnaire-hidden", valueBoolean=True)])
    computed = item("c", "decimal", extension=[expression("calculatedExpression", "1 + 1")], required=True)
    fields = read(hidden, item("b", readOnly=True), computed).fields
    assert [f.asks for f in fields] == [False, False, False]
    assert (fields[2].calculation, fields[2].required) == ("1 + 1", False)


def test_repeating_choices_take_several_answers_and_other_items_repeat() -> None:
    several, again = read(choice("a", "x", "y", repeats=True), item("b", repeats=True)).fields
    assert (several.kind, several.repeating) == ("multichoice", False)
    assert (again.kind, again.repeating) == ("text", True)


def test_answers_may_be_codes_texts_numbers_and_dates() -> None:
    options = [
        {"valueCoding": {"system": "http://loinc.org", "code": "LA33-6", "display": "<b>Yes</b>"}},
        {"valueString": "Maybe"},
        {"valueInteger": 3},
        {"valueDate": "2020-01-31"},
        {"valueCoding": {"display": "Only words"}},
    ]
    assert only(item("a", "choice", answerOption=options)).options == (
        Option("LA33-6", "Yes"),
        Option("Maybe", "Maybe"),
        Option("3", "3"),
        Option("2020-01-31", "2020-01-31"),
        Option("Only words", "Only words"),
    )


def test_double_codes_count_once_and_are_reported() -> None:
    spec = read(choice("a", "x", "x", "y"))
    assert ([o.code for o in spec.fields[0].options], codes(spec)) == (["x", "y"], ["duplicate_choice_code"])


def test_contained_value_sets_are_read_by_compose_expansion_or_code_system() -> None:
    concepts = [{"code": "a", "display": "A", "designation": [{"language": "de", "value": "Ah"}]}]
    tree = [{"abstract": True, "code": "top", "contains": [{"code": "b", "display": "B"}]}]
    contained = [
        {"resourceType": "ValueSet", "id": "one", "compose": {"include": [{"concept": concepts}]}},
        {"resourceType": "ValueSet", "id": "two", "expansion": {"contains": tree}},
        {"resourceType": "ValueSet", "id": "three", "compose": {"include": [{"system": "urn:s"}]}},
        {"resourceType": "CodeSystem", "url": "urn:s", "concept": [{"code": "c", "concept": [{"code": "d"}]}]},
    ]
    items = [item(name, "choice", answerValueSet=f"#{name}") for name in ("one", "two", "three")]
    fields = read(*items, contained=contained).fields
    assert [[o.code for o in f.options] for f in fields] == [["a"], ["b"], ["c", "d"]]
    assert fields[0].translations == (Translation("de", options=(Option("a", "Ah"),)),)


def test_a_value_set_that_is_not_in_the_file_is_named() -> None:
    spec = read(item("a", "choice", answerValueSet="http://example.org/vs"))
    assert codes(spec) == ["choices_elsewhere"]
    assert "http://example.org/vs" in spec.problems[0].message


def test_limits_unit_format_and_codes() -> None:
    field = only(
        item(
            "hb",
            "decimal",
            code=[{"system": "http://loinc.org", "code": "718-7", "display": "Hemoglobin"}],
            extension=[
                UNIT | {"valueCoding": {"code": "g/dL", "display": "g/dl"}},
                extension("minValue", valueDecimal=2.5),
                extension("maxValue", valueDecimal=25),
                extension("entryFormat", valueString="one decimal"),
            ],
        )
    )
    assert (field.unit, field.minimum, field.maximum, field.note) == ("g/dl", "2.5", "25", "one decimal")
    assert field.codes == (("http://loinc.org", "718-7", "Hemoglobin"),)


def test_a_decimal_keeps_its_zeros() -> None:
    data = questionnaire(item("a", "decimal", extension=[extension("minValue", valueDecimal=987654)]))
    assert formats.read(data.replace(b"987654", b"2.70")).fields[0].minimum == "2.70"


def test_initial_values_come_from_the_item_or_from_the_chosen_option() -> None:
    options = [{"valueString": "x"}, {"valueString": "y", "initialSelected": True}]
    fields = read(
        item("a", "integer", initial=[{"valueInteger": 4}]),
        item("b", "choice", answerOption=options),
        item("c", "boolean", initial=[{"valueBoolean": False}]),
    ).fields
    assert [f.initial for f in fields] == ["4", "y", "0"]


def test_translations_of_label_note_and_options() -> None:
    def spoken(text: str) -> dict[str, object]:
        parts = [{"url": "lang", "valueCode": "th"}, {"url": "content", "valueString": text}]
        return {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/translation", "extension": parts}]}

    field = only(
        item(
            "a",
            "choice",
            _text=spoken("คำถาม"),
            answerOption=[{"valueCoding": {"code": "x", "display": "X", "_display": spoken("เอ็กซ์")}}],
        )
    )
    assert field.translations == (Translation("th", "คำถาม", "", (Option("x", "เอ็กซ์"),)),)


def test_missing_and_double_link_ids_are_reported_and_paths_stay_unique() -> None:
    spec = read(item("a"), {"type": "string", "text": "No id"}, item("a"))
    assert [f.path for f in spec.fields] == ["Form/a#1", "item-2", "Form/a#2"]
    assert sorted(codes(spec)) == ["duplicate_link_id", "missing_link_id"]


def test_lines_are_those_of_the_link_ids() -> None:
    body = json.loads(questionnaire(item("a", item=[item("b")])))
    data = json.dumps(body, indent=1).encode()
    lines = {f.name: f.line for f in formats.read(data).fields}
    assert {name: data.decode().splitlines()[line - 1].strip() for name, line in lines.items()} == {
        "a": '"linkId": "a",',
        "b": '"linkId": "b",',
    }


def test_unknown_types_and_missing_labels_are_asked_all_the_same() -> None:
    spec = read({"linkId": "a", "type": "mystery"})
    assert (spec.fields[0].kind, spec.fields[0].label, spec.fields[0].asks) == ("text", "a", True)
    assert sorted(codes(spec)) == ["missing_label", "unknown_type"]


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ({"meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/Questionnaire|4.3.0"]}}, "R4B"),
        ({"meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/Questionnaire|3.0.1"]}}, "STU3"),
        ({"meta": {"profile": [R5_PROFILE]}}, "R5"),
        ({"versionAlgorithmString": "semver"}, "R5"),
        ({}, "R4"),
    ],
)
def test_the_version_is_the_one_the_file_says(said: dict[str, object], version: str) -> None:
    assert read(item("a"), **said).format_version == version


@pytest.mark.parametrize(
    ("part", "version"),
    [
        ({"type": "coding"}, "R5"),
        ({"disabledDisplay": "hidden"}, "R5"),
        ({"option": [{"valueString": "x"}]}, "STU3"),
        ({"enableWhen": [{"question": "a", "hasAnswer": True}]}, "STU3"),
        ({"initialString": "x"}, "STU3"),
        ({"answerOption": [{"valueString": "x"}]}, "R4"),
    ],
)
def test_else_the_version_is_the_one_whose_elements_are_used(part: dict[str, object], version: str) -> None:
    assert read(item("a") | part).format_version == version


def test_a_bundle_and_a_list_give_one_form_a_questionnaire() -> None:
    one, other = (json.loads(questionnaire(item("a"), item(n), name=n.upper())) for n in "xy")
    for document in ([one, other], {"resourceType": "Bundle", "entry": [{"resource": one}, {"resource": other}]}):
        spec = formats.read(json.dumps(document).encode())
        assert [(f.form, f.path) for f in spec.fields] == [("X", "X/a"), ("X", "x"), ("Y", "Y/a"), ("Y", "y")]
        assert codes(spec) == ["several_questionnaires"]


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({"resourceType": "QuestionnaireResponse"}, "not_a_questionnaire", "answers that were given"),
        ({"resourceType": "Patient"}, "not_a_questionnaire", "FHIR Patient"),
        ({"resourceType": "Questionnaire", "group": {"linkId": "root"}}, "old_questionnaire", "DSTU2"),
        ({"something": "else"}, "not_a_dictionary", "JSON"),
    ],
)
def test_what_is_no_questionnaire_gets_one_clear_error(body: dict[str, object], code: str, words: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        formats.read(json.dumps(body).encode())
    assert error.value.code == code
    assert words in error.value.message
