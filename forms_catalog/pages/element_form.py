"""The form in which a person edits an element: its spec as texts, and texts as a spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from forms_catalog import lifecycle
from forms_catalog.specs import ConvertibleUnit, ElementSpec, Option

PLAIN = ("label", "definition", "datatype", "scope", "recall", "reuse", "section", "source", "unit", "note")
NUMBERS = ("minimum", "maximum")
CHOICES = {
    "datatype": [(name, name) for name in lifecycle.DATATYPES],
    "scope": [(name, name) for name in lifecycle.SCOPES],
    "reuse": [(name, f"{name}: {words}") for name, words in lifecycle.REUSES.items()],
}


class FormError(ValueError):
    """A text that cannot be read; the message names the place and what to write."""


def texts(spec: ElementSpec) -> dict[str, str]:
    """The element as the form's inputs."""
    found = {name: str(getattr(spec, name)) for name in PLAIN}
    found |= {name: _number(getattr(spec, name)) for name in (*NUMBERS, "effort_seconds")}
    found["options"] = "\n".join(f"{o.code}, {o.label}" for o in spec.options)
    found["bindings"] = "\n".join(" | ".join(parts).rstrip(" |") for parts in spec.bindings)
    found["units"] = "\n".join(f"{u.ucum} | {u.to_canonical}" for u in spec.convertible_units)
    found["never"] = " ".join(spec.do_not_merge_with)
    found["identifier"] = "on" if spec.identifier else ""
    return {**found, "id": spec.id}


def read(post: Mapping[str, str], before: ElementSpec) -> ElementSpec:
    """The element the inputs say; what they do not show stays. Raises FormError."""
    given = {name: value.replace("\r\n", "\n").replace("\x00", "").strip() for name, value in post.items()}
    changed: dict[str, Any] = {name: given[name] for name in PLAIN if name in given}
    changed |= {name: _read_number(given[name], name) for name in NUMBERS if name in given}
    if "effort_seconds" in given:
        seconds = _read_number(given["effort_seconds"], "effort_seconds")
        changed["effort_seconds"] = None if seconds is None else round(seconds)
    if "options" in given:
        changed["options"] = tuple(_option(line) for line in _lines(given["options"]))
    if "bindings" in given:
        changed["bindings"] = tuple(_binding(line) for line in _lines(given["bindings"]))
    if "units" in given:
        changed["convertible_units"] = tuple(_unit(line) for line in _lines(given["units"]))
    if "never" in given:
        changed["do_not_merge_with"] = tuple(given["never"].split())
    if "whole" in given:  # an empty checkbox is not sent; this says the form had one
        changed["identifier"] = given.get("identifier") == "on"
    return replace(before, **changed)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _option(line: str) -> Option:
    code, _, label = line.partition(",")
    return Option(code.strip(), label.strip() or code.strip())


def _binding(line: str) -> tuple[str, str, str]:
    parts = [part.strip() for part in line.split("|")]
    if len(parts) not in (2, 3) or not all(parts[:2]):
        raise FormError(f"Codes: write 'system | code | name' for '{line[:60]}'.")
    return parts[0], parts[1], parts[2] if len(parts) == 3 else ""


def _unit(line: str) -> ConvertibleUnit:
    unit, _, rule = (part.strip() for part in line.partition("|"))
    head, number = rule[:2], rule[2:].replace(".", "", 1)
    if not unit or not (rule == "x" or (head in ("x*", "x/") and number.isdecimal())):
        raise FormError(f"Units also taken in: write 'unit | x*10' or 'unit | x/10' for '{line[:60]}'.")
    return ConvertibleUnit(unit, rule)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _read_number(text: str, name: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise FormError(f"{lifecycle.WORDS[name].capitalize()}: '{text[:40]}' is not a number.") from error
    if not abs(value) < 1e15:
        raise FormError(f"{lifecycle.WORDS[name].capitalize()}: '{text[:40]}' is too large.")
    return value
