"""A field no element fits (`new`) becomes a draft element. Called by decisions, mapping.confirm and merging."""

from __future__ import annotations

from math import isfinite

from forms_catalog.specs import ElementSpec, FieldSpec

PREFIX = "draft:"
_TEXT_KINDS = frozenset({"text", "notes", "file"})


def draft_id(program: str, path: str) -> str:
    """The id of a draft element; it never meets a catalog id, which has no colon."""
    return f"{PREFIX}{program}:{path}"


def is_draft(element: str) -> bool:
    """True for the id of a draft element."""
    return element.startswith(PREFIX)


def draft_element(program: str, field: FieldSpec) -> ElementSpec:
    """The element that asks and delivers for this program only; the last answer is offered, never reused silently."""
    return ElementSpec(
        id=draft_id(program, field.path),
        label=field.label or field.name,
        definition=field.note or field.label or field.name,
        datatype="text" if field.kind in _TEXT_KINDS else field.kind,
        scope="visit",
        recall="point-in-time",
        reuse="confirm",
        section=field.section,
        options=field.options,
        unit=field.unit,
        minimum=_number(field.minimum),
        maximum=_number(field.maximum),
        identifier=field.identifier,
        note=f"Asked by {program} only; draft until a curator releases it.",
    )


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if isfinite(found) else None  # 'nan' is a text that float() takes and JSON does not
