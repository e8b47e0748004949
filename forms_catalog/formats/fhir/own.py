"""Extensions of this product: what FieldSpec says and FHIR has no element for, and their way back."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from forms_catalog.formats.fhir.parts import OWN, Json, dicts, is_true, text, value_of
from forms_catalog.specs import FieldSpec

MARK = f"{OWN}dictionary"  # stands on a Questionnaire this product wrote: its texts are then taken as they stand
_PLACE = ("path", "name", "form", "order", "line")
_CARRIED = {f.name: f.type for f in fields(FieldSpec) if f.name not in _PLACE and f.type in ("str", "bool")}

CARRIED = frozenset(_CARRIED)


def is_own(questionnaire: Json) -> bool:
    """Whether this product wrote the Questionnaire."""
    return any(extension.get("url") == MARK for extension in dicts(questionnaire.get("extension")))


def differing(wanted: FieldSpec, read: FieldSpec) -> list[Json]:
    """An extension for each text and mark that the standard elements alone would not give back."""
    return [
        _extension(name, getattr(wanted, name)) for name in _CARRIED if getattr(wanted, name) != getattr(read, name)
    ]


def _extension(name: str, value: Any) -> Json:
    """A text as valueString; FHIR has no empty text, so that is valueBoolean false."""
    if isinstance(value, str) and value:
        return {"url": OWN + name, "valueString": value}
    return {"url": OWN + name, "valueBoolean": value is True}


def applied(field: FieldSpec, node: Json) -> FieldSpec:
    """The field with what the item's own extensions say."""
    changes: dict[str, Any] = {}
    for extension in dicts(node.get("extension")) if "extension" in node else ():
        name = text(extension.get("url")).removeprefix(OWN)
        if name in _CARRIED and text(extension.get("url")).startswith(OWN):
            kind, value = value_of(extension)
            is_text = _CARRIED[name] == "str"
            changes[name] = (text(value) if kind == "String" else "") if is_text else is_true(value)
    return replace(field, **changes) if changes else field
