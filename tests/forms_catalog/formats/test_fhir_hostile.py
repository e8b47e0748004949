"""Questionnaires made to break the reader: nothing but UnreadableFile comes out, in little time and memory."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms_catalog import formats
from forms_catalog.formats import UnreadableFile
from tests.forms_catalog.formats.fhir_files import choice, expression, item, questionnaire

LINK = "%resource.item.where(linkId='a').answer"


def nested(depth: int, inner: dict[str, Any], **each: Any) -> dict[str, Any]:
    for number in range(depth):
        inner = item(f"g{number}", "group", item=[inner], **each)
    return inner


def rules(count: int, answer: str = "x") -> list[dict[str, Any]]:
    return [{"question": "a", "operator": "=", "answerString": f"{answer}{n}"} for n in range(count)]


def many(count: int, **more: Any) -> list[dict[str, Any]]:
    return [item(f"i{n}", **more) for n in range(count)]


def shared_set() -> bytes:
    concepts = [{"code": f"c{n}", "display": f"Code {n}"} for n in range(20_000)]
    contained = [{"resourceType": "ValueSet", "id": "v", "compose": {"include": [{"concept": concepts}]}}]
    return questionnaire(*many(10_000, type_="choice", answerValueSet="#v"), contained=contained)


def sums() -> bytes:
    text = " + ".join([f"{LINK}.value.ordinal()"] * 150)
    weights = choice("a", *(f"c{n}" for n in range(55)))
    for option in weights["answerOption"]:
        option["extension"] = [{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 1}]
    return questionnaire(weights, *many(1_000, extension=[expression("calculatedExpression", text)]))


HOSTILE: dict[str, Callable[[], bytes]] = {
    "items at the deepest level": lambda: questionnaire(nested(90, item("a"))),
    "items beyond it": lambda: questionnaire(nested(200, item("a"))),
    "too many items": lambda: questionnaire(*({"linkId": str(n), "type": "string"} for n in range(21_000))),
    "long titles around many items": lambda: questionnaire(
        nested(50, item("g", "group", item=many(15_000)), prefix="p" * 1_000)
    ),
    "a condition on every level": lambda: questionnaire(
        item("a"), nested(60, item("g", "group", item=many(5_000, enableWhen=rules(1))), enableWhen=rules(50))
    ),
    "thousands of conditions": lambda: questionnaire(item("a"), *many(20, enableWhen=rules(5_000))),
    "long conditions of many items": lambda: questionnaire(item("a"), *many(500, enableWhen=rules(150, "y" * 50))),
    "a value set shared by all": shared_set,
    "scores written out": sums,
    "nested expressions": lambda: questionnaire(
        item("a"),
        *many(300, extension=[expression("enableWhenExpression", "iif(" * 99 + LINK + ".exists()" + ",true)" * 99)]),
    ),
    "many expressions": lambda: questionnaire(
        item("a"),
        *(item(f"e{n}", extension=[expression("calculatedExpression", f"{n} + {LINK}.count()")]) for n in range(4_000)),
    ),
    "a circle of variables": lambda: questionnaire(
        *many(200, extension=[expression("calculatedExpression", "%v + %v")]),
        extension=[
            {
                "url": "http://hl7.org/fhir/StructureDefinition/variable",
                "valueExpression": {"name": "v", "language": "text/fhirpath", "expression": "%v + %v + %v"},
            }
        ],
    ),
    "one linkId for all": lambda: questionnaire(*(item("a") for _ in range(15_000))),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_questionnaires_cost_little(name: str) -> None:
    data = HOSTILE[name]()

    formats.read(questionnaire(item("a", extension=[expression("calculatedExpression", "1")])))  # builds the grammars
    started = time.process_time()
    with suppress(UnreadableFile):
        formats.read(data)
    assert time.process_time() - started < 10, "about 1 s on an idle core; what blows up takes minutes"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
WORDS = """linkId text _text type item enableWhen enableBehavior answerOption option options answerValueSet extension
code initial initialString repeats required readOnly maxLength prefix valueCoding valueString url question operator
answerCoding answerBoolean hasAnswer display system valueExpression expression language concept"""
KEYS = st.sampled_from(WORDS.split())
URLS = st.sampled_from(
    [
        "http://hl7.org/fhir/StructureDefinition/questionnaire-unit",
        "http://hl7.org/fhir/StructureDefinition/minValue",
        "http://hl7.org/fhir/StructureDefinition/translation",
        "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression",
        "https://askonce.example/fhir/StructureDefinition/dictionary",
    ]
)
PART = st.recursive(
    ANYTHING | URLS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=30,
)


@settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))
@given(items=PART, contained=PART, extension=PART)
def test_whatever_stands_in_a_questionnaire_it_is_read(items: Any, contained: Any, extension: Any) -> None:
    body = {"resourceType": "Questionnaire", "item": items, "contained": contained, "extension": extension}
    spec = formats.read(json.dumps(body).encode())
    paths = [field.path for field in spec.fields]
    assert len(set(paths)) == len(paths)
    formats.summary(spec)


@settings(deadline=None, max_examples=200)
@given(
    data=st.binary(max_size=200), before=st.sampled_from([b"", b"{", b'{"resourceType": "Questionnaire", "item": ['])
)
def test_any_bytes_are_read_or_refused(data: bytes, before: bytes) -> None:
    with suppress(UnreadableFile):
        formats.read(before + data)
