"""The FHIR file, read back as a system would that knows the exported Questionnaire only."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from capture.deliver import fhir_file, slicing
from capture.deliver.slices import Slice
from forms_catalog import formats
from forms_catalog.specs import DictionarySpec, FieldSpec, Option
from tests.capture.deliver import delivered

Json = dict[str, Any]
Place = tuple[str, str]  # linkId and instance
VALUES = {
    "boolean": "valueBoolean",
    "choice": "valueCoding",
    "date": "valueDate",
    "decimal": "valueDecimal",
    "integer": "valueInteger",
    "string": "valueString",
    "text": "valueString",
}
NUMBERS = {"decimal", "integer"}


def written(slice_: Slice, spec: DictionarySpec) -> Json:
    data = fhir_file.write(slice_, spec, identifier="delivery-1", authored=delivered.MADE_AT)
    body: Json = json.loads(data)
    return body


def questionnaire(spec: DictionarySpec) -> Json:
    body: Json = json.loads(formats.write(spec, "fhir").data)
    return body


def take(asked: list[Json], given: list[Json], instance: str = "") -> Iterator[tuple[Place, str, Any]]:
    """(place, type, value) of each answer; fails where the Questionnaire has no such item there."""
    items = {item["linkId"]: item for item in asked}
    for link, count in Counter(one["linkId"] for one in given).items():
        assert count == 1 or items[link].get("repeats")
    for one in given:
        item = items[one["linkId"]]
        if item["type"] == "group":
            number = one["id"].rsplit("-", 1)[1] if item.get("repeats") else instance
            yield from take(item["item"], one["item"], number)
        else:
            values = [answer[VALUES[item["type"]]] for answer in one["answer"]]
            yield (one["linkId"], instance), item["type"], _value(item, values)


def _value(item: Json, values: list[Any]) -> Any:
    """As delivered.values has it: codes with commas between, 1 and 0; numbers as numbers."""
    assert len(values) == 1 or item.get("repeats")
    if item["type"] == "choice":
        offered = [option["valueCoding"] for option in item["answerOption"]]
        assert [v for v in values if v not in offered] == []
        return ",".join(v["code"] for v in values)
    return {True: "1", False: "0"}[values[0]] if item["type"] == "boolean" else values[0]


def assert_complete(slice_: Slice, spec: DictionarySpec, asked: Json) -> list[Place]:
    """The places of a response that holds every value of the slice once, where the Questionnaire asks for it."""
    body = written(slice_, spec)
    assert body["questionnaire"] == f"{asked['url']}|{asked['version']}"
    found = list(take(asked["item"], body["item"]))
    wanted = delivered.values(slice_)
    assert {p: v for p, _, v in found} == {p: float(wanted[p]) if t in NUMBERS else wanted[p] for p, t, _ in found}
    places = [place for place, _, _ in found]
    assert sorted(places) == sorted(wanted)
    return places


@pytest.mark.parametrize("program", delivered.PROGRAMS)
def test_every_value_of_a_made_up_patient_is_there_once_under_its_link(program: str) -> None:
    spec, slices = delivered.of_shipped(program)
    asked = questionnaire(spec)
    taken = sum(len(assert_complete(slice_, spec, asked)) for slice_ in slices)
    assert taken > 150, "too few values to say anything"


def test_repeats_carry_the_instances_of_the_import_file_which_stay_over_a_revision() -> None:
    spec, first, later = delivered.of_repeats()
    asked = questionnaire(spec)
    for slice_, numbers in ((first, ["1", "2"]), (later, ["1", "2", "3"])):
        places = assert_complete(slice_, spec, asked)
        assert [n for link, n in places if link == "inf_dt"] == numbers == delivered.redcap_instances(slice_)
    groups = [[i for i in written(s, spec)["item"] if "id" in i] for s in (first, later)]
    assert groups[1][:2] == groups[0]
    assert [g["id"] for g in groups[1]] == ["infections-1", "infections-2", "infections-3"]


def test_the_response_names_the_person_by_number_only_and_is_valid() -> None:
    spec, slice_, _ = delivered.of_repeats()
    body = written(slice_, spec)
    assert body["subject"] == {"type": "Patient", "identifier": {"value": "1001"}}
    assert (body["authored"], body["status"]) == ("2026-03-01T09:30:00+00:00", "completed")
    assert body["identifier"] == {"value": "delivery-1"}
    assert QuestionnaireResponse.model_validate(body).status == "completed"


def test_a_report_that_was_entered_in_error_says_so_and_holds_nothing() -> None:
    spec, slice_, _ = delivered.of_repeats()
    body = written(slicing.withdraw(slice_, "wrong patient"), spec)
    assert (body["status"], body.get("item")) == ("entered-in-error", None)


def test_what_the_questionnaire_has_no_place_for_is_refused() -> None:
    spec, slice_, _ = delivered.of_repeats()
    with pytest.raises(ValueError, match="own number"):
        written(replace(slice_, subject_id=""), spec)
    with pytest.raises(ValueError, match="no field inf_org"):
        written(slice_, replace(spec, fields=spec.fields[:-1]))


@pytest.mark.parametrize(
    ("kind", "text", "answer"),
    [
        ("decimal", "+.50", {"valueDecimal": 0.5}),
        ("decimal", "about 5", {"valueString": "about 5"}),
        ("integer", "007", {"valueInteger": 7}),
        ("date", "2025", {"valueDate": "2025"}),
        ("datetime", "2025-06-30 10:15", {"valueString": "2025-06-30 10:15"}),
        ("choice", "9", {"valueString": "9"}),
        ("choice", "a", {"valueCoding": {"code": "a", "display": "A"}}),
    ],
)
def test_a_value_its_type_does_not_take_is_kept_as_text(kind: str, text: str, answer: Json) -> None:
    options = (Option("a", "A"),) if kind == "choice" else ()
    field = FieldSpec("crid", "crid", "visit", "Crid", kind, 0, 0, options=options)
    spec, slice_, _ = delivered.of_repeats()
    plain = slice_.rows[0]
    changed = replace(plain, cells=(replace(plain.cells[0], value=text),))
    body = written(replace(slice_, rows=(changed,)), replace(spec, fields=(field, *spec.fields[1:])))
    assert body["item"][0]["item"][0]["answer"] == [answer]
