"""Small Questionnaires for tests, and the shared real ones with a count of their items that uses no reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from forms_catalog import formats
from forms_catalog.specs import DictionarySpec, FieldSpec
from tests.shared_data import SHARED

FILES = sorted((SHARED / "data" / "import" / "fhir").glob("*.json"))
R5_PROFILE = "http://hl7.org/fhir/5.0/StructureDefinition/Questionnaire"


def questionnaire(*items: dict[str, Any], **more: Any) -> bytes:
    """A Questionnaire as bytes; every item gets type string where it says none."""
    body = {"resourceType": "Questionnaire", "status": "active", "name": "Form", "item": list(items), **more}
    return json.dumps(body).encode()


def item(link: str, type_: str = "string", **more: Any) -> dict[str, Any]:
    return {"linkId": link, "text": link.upper(), "type": type_, **more}


def choice(link: str, *codes: str, type_: str = "choice", **more: Any) -> dict[str, Any]:
    options = [{"valueCoding": {"code": code, "display": code.title()}} for code in codes]
    return item(link, type_, answerOption=options, **more)


def expression(name: str, text: str) -> dict[str, Any]:
    """An SDC extension holding FHIRPath."""
    url = f"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-{name}"
    return {"url": url, "valueExpression": {"language": "text/fhirpath", "expression": text}}


def extension(name: str, **value: Any) -> dict[str, Any]:
    return {"url": f"http://hl7.org/fhir/StructureDefinition/{name}", **value}


def read(*items: dict[str, Any], **more: Any) -> DictionarySpec:
    return formats.read(questionnaire(*items, **more))


def only(*items: dict[str, Any], **more: Any) -> FieldSpec:
    """The last field of the Questionnaire."""
    return read(*items, **more).fields[-1]


def codes(spec: DictionarySpec) -> list[str]:
    return [problem.code for problem in spec.problems]


def items_that_are_no_groups(path: Path) -> int:
    """Counted from the JSON alone."""

    def count(node: dict[str, Any]) -> int:
        return int(node.get("type", "group") != "group") + sum(map(count, node.get("item", [])))

    return count(json.loads(path.read_bytes()))
