"""Each question of a request: already collected, derivable from what is, near to something that is, or new. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from capture.accept.changes import Near
from forms_catalog.specs import AskSpec, MappingSpec, ProgramSpec, ReleaseSpec

KINDS = ("covered", "derivable", "near_duplicate", "new")
DIRECT = ("exact", "recode", "unit_conversion")


def asked_by_others(release: ReleaseSpec, program: str) -> set[str]:
    """The elements that the other programs of a release ask for."""
    others = (p for p in release.programs.values() if p.code != program)
    return {s.element for p in others for a in p.asks if a.mapping for s in a.mapping.sources}


def classify(before: ReleaseSpec, spec: ProgramSpec, near: Mapping[str, Near]) -> dict[str, list[str]]:
    """Kind → field paths, in the program's order; together all questions of it. A field in `near` is near."""
    asked = asked_by_others(before, spec.code)
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for ask in spec.asks:
        if ask.field.asks:
            found["near_duplicate" if ask.field.path in near else _kind(ask.mapping, asked)].append(ask.field.path)
    return found


def _kind(mapping: MappingSpec | None, asked: set[str]) -> str:
    if mapping is None or mapping.relation in ("new", "not_same"):
        return "new"
    if not {s.element for s in mapping.sources} & asked:
        return "new"
    return "covered" if mapping.relation in DIRECT else "derivable"


def near_of(
    before: ReleaseSpec, after: ReleaseSpec, program: str, objections: Mapping[str, tuple[str, str]]
) -> dict[str, Near]:
    """Field path → the collected question it comes near to, and why it is not the same.

    By decision: it asks more than is collected, or needs something besides. By the matcher, where nobody decided yet:
    `objections`, path → (element, what speaks against it).
    """
    asked = asked_by_others(before, program)
    found: dict[str, Near] = {}
    for ask in after.programs[program].asks:
        if not ask.field.asks:
            continue
        element, reason = objections.get(ask.field.path) or _decided_near(ask, asked, after)
        if element in asked:
            found[ask.field.path] = Near(element, _label(after, element), reason)
    return found


def _decided_near(ask: AskSpec, asked: set[str], release: ReleaseSpec) -> tuple[str, str]:
    """The collected element and why it does not do; '' where the field is not near anything."""
    mapping = ask.mapping
    if mapping is None or mapping.relation in ("new", "not_same"):
        return "", ""
    elements = [s.element for s in mapping.sources]
    there = next((e for e in elements if e in asked), "")
    if mapping.relation == "narrower":
        more = mapping.qualifier_question or "it asks for more detail than is collected"
        return there, f"it asks one thing more: {more}"
    missing = [_label(release, e) for e in elements if e not in asked]
    return (there, f"it also needs what nobody collects: {', '.join(missing)}") if missing else ("", "")


def _label(release: ReleaseSpec, element: str) -> str:
    spec = release.elements.get(element)
    return spec.label if spec else element
