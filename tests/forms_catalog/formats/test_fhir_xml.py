"""A Questionnaire in XML gives the same fields as the same Questionnaire in JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from forms_catalog import formats
from forms_catalog.formats import UnreadableFile
from forms_catalog.specs import DictionarySpec
from tests.forms_catalog.formats.fhir_files import FILES
from tests.shared_data import needs_shared


def element(name: str, value: Any, beside: Any = None) -> str:
    """One JSON property as XML, as the FHIR specification maps them."""
    if isinstance(value, list):
        return "".join(element(name, one) for one in value)
    if isinstance(value, dict):
        if "resourceType" in value:
            return f"<{name}>{resource(value)}</{name}>"
        marks = "".join(f" {key}={quoteattr(value[key])}" for key in ("id", "url") if is_mark(name, key, value))
        return f"<{name}{marks}>{inside(value, name)}</{name}>"
    word = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name} value={quoteattr(word)}>{inside(beside, name) if beside else ''}</{name}>"


def is_mark(name: str, key: str, value: dict[str, Any]) -> bool:
    return key in ("id", "url") and key in value and name in ("extension", "modifierExtension")


def inside(value: dict[str, Any], name: str) -> str:
    parts = [(k, v) for k, v in value.items() if k[0] != "_" and k != "resourceType" and not is_mark(name, k, value)]
    return "\n".join(element(key, part, value.get(f"_{key}")) for key, part in parts if key != "div")


def resource(body: dict[str, Any]) -> str:
    name = body["resourceType"]
    return f'<{name} xmlns="http://hl7.org/fhir">{inside(body, name)}</{name}>'


def fields(spec: DictionarySpec) -> list[Any]:
    return [replace(field, line=0, original=()) for field in spec.fields]


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_real_files_read_the_same_in_xml(path: Path) -> None:
    wanted = formats.read(path.read_bytes(), path.name)
    found = formats.read(resource(json.loads(path.read_bytes())).encode(), path.name)
    assert fields(found) == fields(wanted)
    assert (found.format, found.format_version, found.title) == ("fhir", wanted.format_version, wanted.title)
    assert sorted(p.code for p in found.problems) == sorted(p.code for p in wanted.problems)


def test_lines_point_at_the_link_ids() -> None:
    data = b"""<Questionnaire xmlns="http://hl7.org/fhir">
<item>
 <linkId value="a"/><text value="A"/><type value="boolean"/><required value="true"/>
</item>
</Questionnaire>"""
    field = formats.read(data).fields[0]
    assert (field.line, field.required, field.kind) == (3, True, "choice")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'<QuestionnaireResponse xmlns="http://hl7.org/fhir"/>', "not_a_questionnaire"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><Questionnaire xmlns="http://hl7.org/fhir">&b;</Questionnaire>', "doctype"),
        (b'<Questionnaire xmlns="http://hl7.org/fhir"><item>', "malformed"),
        (b'<Questionnaire xmlns="http://example.org"/>', "not_a_dictionary"),
        (b'<Questionnaire xmlns="http://hl7.org/fhir">' + b"<item>" * 100_000, "too_deep"),
    ],
)
def test_what_cannot_be_read_gets_one_error(data: bytes, code: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        formats.read(data)
    assert error.value.code == code
