"""What an import report counts about a dictionary. Pure; used by inspect_dictionary, intake and pages."""

from __future__ import annotations

from typing import Any

from forms_catalog.specs import DictionarySpec


def summary(spec: DictionarySpec) -> dict[str, Any]:
    """Counts as plain JSON: fields, questions a person must answer, display-only fields, choices, logic, problems."""
    return {
        "format": spec.format,
        "format_version": spec.format_version,
        "version": spec.version,
        "fields": len(spec.fields),
        "questions": len(spec.questions),
        "display_only": sum(field.kind == "display" for field in spec.fields),
        "choices": sum(len(field.options) for field in spec.fields),
        "branching": _read(spec, "branching"),
        "calculations": _read(spec, "calculation"),
        "timepoints": len(spec.events),
        "problems": [
            {"line": p.line, "path": p.path, "code": p.code, "severity": p.severity, "message": p.message}
            for p in spec.problems
        ],
    }


def _read(spec: DictionarySpec, what: str) -> dict[str, int]:
    """How many texts there are and how many could be read; the reader has reported each one that could not."""
    total = sum(bool(getattr(field, what)) for field in spec.fields)
    failed = sum(problem.code in (f"{what}_unreadable", f"{what}_unchecked") for problem in spec.problems)
    return {"total": total, "parsed": total - failed}
