"""What ODM has no place for: how this product writes it into Aliases of its own files and reads it back.

Only files whose SourceSystem is this product are read so; elsewhere such an Alias is a code like any other.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from forms_catalog.formats.odm.elements import attribute, children
from forms_catalog.formats.xml_input import Element
from forms_catalog.specs import FieldSpec, Translation

SYSTEM = "AskOnce"
PREFIX = "AskOnce."
ASKED_WHEN = "AskOnce.asked-when"  # Context of a branching text that could not be read and so not be inverted
VERBATIM = "AskOnce.verbatim"  # Context of a calculation that could not be read
LOGIC = "REDCap"  # Context of expressions in this product's language, which is REDCap's syntax
TEXTS = (
    *("name", "kind", "field_type", "validation", "date_format", "annotation", "initial"),
    *("branching_as_written", "calculation_as_written"),
)
FLAGS = ("identifier", "asks")


def aliases(element: Element | None) -> dict[str, str]:
    """This product's own Aliases of an element: what they say by name."""
    found: dict[str, str] = {}
    for alias in () if element is None else children(element, "Alias"):
        context = attribute(alias, "Context")
        if context.startswith(PREFIX):
            found[context.removeprefix(PREFIX)] = alias.get("Name") or ""
    return found


def restored(field: FieldSpec, said: dict[str, str]) -> FieldSpec:
    """The field with what its own Aliases say in place of what ODM alone could tell."""
    values: dict[str, Any] = {name: said[name] for name in TEXTS if name in said}
    values |= {name: said[name] == "yes" for name in FLAGS if name in said}
    if "languages" in said:
        by_language = {t.language: t for t in field.translations}
        values["translations"] = tuple(by_language.get(t) or Translation(t) for t in said["languages"].split())
    if "codes" in said:
        values["codes"] = _codes(said["codes"], field.codes)
    return replace(field, **values) if values else field


def languages(said: list[Translation]) -> dict[str, str]:
    """The order of a field's languages, where its texts as written do not bring them in that order."""
    met = [
        *(t.language for t in said if t.label),
        *(t.language for t in said if t.note),
        *(t.language for t in said if t.options),
    ]
    wanted = [t.language for t in said]
    return {} if list(dict.fromkeys(met)) == wanted else {"languages": " ".join(wanted)}


def codes_text(codes: tuple[tuple[str, str, str], ...]) -> str:
    """Codes as text, where Alias and Coding cannot hold them all."""
    return json.dumps(codes, ensure_ascii=False)


def _codes(text: str, otherwise: tuple[tuple[str, str, str], ...]) -> tuple[tuple[str, str, str], ...]:
    try:
        found = json.loads(text)
        return tuple((str(system), str(code), str(display)) for system, code, display in found)
    except (ValueError, TypeError, RecursionError):
        return otherwise
