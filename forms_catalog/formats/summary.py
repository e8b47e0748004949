"""What an import report counts about a dictionary. Pure; used by inspect_dictionary, intake and pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from forms_catalog.language import LogicError, parse
from forms_catalog.specs import DictionarySpec


def summary(spec: DictionarySpec) -> dict[str, Any]:
    """Counts as plain JSON: fields, questions a person must answer, display-only fields, choices, logic, problems."""
    return {
        "format": spec.format,
        "version": spec.version,
        "fields": len(spec.fields),
        "questions": len(spec.questions),
        "display_only": sum(field.kind == "display" for field in spec.fields),
        "choices": sum(len(field.options) for field in spec.fields),
        "branching": _read(field.branching for field in spec.fields),
        "calculations": _read(field.calculation for field in spec.fields),
        "timepoints": 0,
        "problems": [
            {"line": p.line, "path": p.path, "code": p.code, "severity": p.severity, "message": p.message}
            for p in spec.problems
        ],
    }


def _read(texts: Iterable[str]) -> dict[str, int]:
    written = [text for text in texts if text]
    return {"total": len(written), "parsed": sum(map(_parses, written))}


def _parses(text: str) -> bool:
    try:
        parse(text)
    except LogicError:
        return False
    return True
