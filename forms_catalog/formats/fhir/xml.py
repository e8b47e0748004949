"""A FHIR resource in XML as the plain values its JSON would be, so that one reader serves both. Numbers stay texts."""

from __future__ import annotations

from typing import Any

from lxml import etree

from forms_catalog.formats.fhir.parts import Json
from forms_catalog.formats.problems import Findings
from forms_catalog.formats.xml_input import Element, parse, root_name

NAMESPACE = "http://hl7.org/fhir"
_LISTS = frozenset(
    {"item", "code", "coding", "answerOption", "option", "enableWhen", "initial", "extension", "contained", "include"}
    | {"concept", "contains", "designation", "entry", "profile", "identifier"}
)
_ONE = frozenset({("answerOption", "initial"), ("coding", "code"), ("concept", "code"), ("contains", "code")})
_HOLDERS = frozenset({"contained", "resource"})


def is_fhir(data: bytes) -> bool:
    """Whether the XML is a FHIR resource. Raises UnreadableFile('doctype')."""
    return root_name(data) in (
        "Questionnaire",
        "Bundle",
        "QuestionnaireResponse",
    ) and NAMESPACE.encode() in data.replace(b"\x00", b"")


def document_of(data: bytes, findings: Findings) -> tuple[Json, list[tuple[str, int]]]:
    """The resource, and each linkId with its line. Raises UnreadableFile (xml_input.parse)."""
    root = parse(data, findings)
    lines = [(str(node.get("value", "")).strip(), _line(node)) for node in root.iter(f"{{{NAMESPACE}}}linkId")]
    return _resource(root), lines


def _line(node: Element) -> int:
    line = node.sourceline
    return line if isinstance(line, int) else 0


def _resource(element: Element) -> Json:
    return {"resourceType": _name(element)} | _parts(element)


def _name(element: Element) -> str:
    return str(etree.QName(element).localname)


def _parts(element: Element) -> Json:
    """The children by name; what FHIR lets be there several times is a list."""
    found: Json = {key: str(element.get(key)) for key in ("id", "url") if element.get(key) is not None}
    inside = _name(element)
    for child in element:
        if not isinstance(child.tag, str) or etree.QName(child).namespace != NAMESPACE:
            continue
        name = _name(child)
        value = _resource(child[0]) if name in _HOLDERS and len(child) else _value(child)
        beside = _beside(child)
        if (name in _LISTS and not _is_single(inside, name, child)) or name in found:
            before = found.get(name, [])
            found[name] = before if isinstance(before, list) else [before]
            found[name].append(value)
        else:
            found[name] = value
            if beside:
                found[f"_{name}"] = beside
    return found


def _is_single(inside: str, name: str, child: Element) -> bool:
    """A code is a list of codings in an item, and one word elsewhere."""
    return (inside, name) in _ONE or (name == "code" and child.get("value") is not None)


def _value(element: Element) -> Any:
    value = element.get("value")
    return _parts(element) if value is None else str(value)


def _beside(element: Element) -> Json:
    """The extensions of a primitive, which JSON keeps under _name."""
    return _parts(element) if element.get("value") is not None and len(element) else {}
