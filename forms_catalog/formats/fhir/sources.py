"""What an item of a FHIR source says of its choices beyond code and label, for writing: code system and score."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from forms_catalog.formats.fhir.parts import Json, dicts, extensions, node_of, text, value_of
from forms_catalog.specs import FieldSpec

_SCORE = "http://hl7.org/fhir/StructureDefinition/ordinalValue"


@dataclass(frozen=True, slots=True)
class Source:
    """System and score extension of each code, where the source gave them."""

    systems: dict[str, str]
    scores: dict[str, Json]


NOTHING = Source({}, {})


def source_of(field: FieldSpec) -> Source:
    """What the field's original row says; nothing where it is no FHIR item."""
    original = dict(field.original)
    written = original.get("answerOption") or original.get("option") or ""
    if not written.startswith("["):
        return NOTHING
    try:
        rows = dicts(json.loads(written))
    except ValueError:
        return NOTHING
    systems: dict[str, str] = {}
    scores: dict[str, Json] = {}
    for row in rows:
        coding = node_of(value_of(row)[1])
        code, system = text(coding.get("code")).strip(), text(coding.get("system")).strip()
        if code and system and " " not in system:
            systems.setdefault(code, system)
        score = value_of((extensions(row) | extensions(coding)).get("ordinalValue", {}))[1]
        if code and text(score):
            scores.setdefault(code, {"url": _SCORE, "valueDecimal": _number(text(score))})
    return Source(systems, {code: score for code, score in scores.items() if score["valueDecimal"] is not None})


def _number(words: str) -> int | float | None:
    try:
        number = float(words[:15])
    except ValueError:
        return None
    if number.is_integer():
        return int(number)
    return number if math.isfinite(number) else None
