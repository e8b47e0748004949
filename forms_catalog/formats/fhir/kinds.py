"""FHIR item types to the kinds of FieldSpec, with unit, limits and initial value."""

from __future__ import annotations

from forms_catalog.formats.fhir.choices import Choices, code_of
from forms_catalog.formats.fhir.parts import Json, dicts, extensions, is_true, node_of, text, value_of

_KINDS = {
    "boolean": "choice",
    "decimal": "decimal",
    "integer": "integer",
    "quantity": "decimal",
    "date": "date",
    "dateTime": "datetime",
    "instant": "datetime",
    "time": "time",
    "string": "text",
    "text": "notes",
    "url": "text",
    "uri": "text",
    "reference": "text",
    "choice": "choice",
    "open-choice": "choice",
    "coding": "choice",
    "attachment": "file",
    "display": "display",
}
CHOOSING = frozenset({"choice", "open-choice", "coding"})


def kind_of(item: Json, choices: Choices) -> str:
    """The kind; 'text' for a type that is none of FHIR's. A list of answers makes any type a choice."""
    kind = _KINDS.get(text(item.get("type")), "text")
    if choices.given and kind not in ("display", "file"):
        kind = "choice"
    return (
        "multichoice" if kind == "choice" and item.get("type") != "boolean" and is_true(item.get("repeats")) else kind
    )


def is_known(type_: str) -> bool:
    """Whether FHIR has such an item type (a group is no field)."""
    return type_ in _KINDS


def is_open(item: Json) -> bool:
    """Whether a person may answer in words of their own beside the list."""
    return item.get("type") == "open-choice" or item.get("answerConstraint") in ("optionsOrType", "optionsOrString")


def units_of(item: Json) -> list[str]:
    """The unit, or the units there is a choice of, as written."""
    beside = extensions(item)
    if "unit" in beside:
        return [_unit(value_of(beside["unit"])[1])]
    offered = [e for e in dicts(item.get("extension")) if text(e.get("url")).endswith("questionnaire-unitOption")]
    found = [_unit(value_of(extension)[1]) for extension in offered[:50]]
    if found or item.get("type") != "quantity":
        return found
    kind, value = value_of((dicts(item.get("initial")) or [{}])[0])
    unit = text(node_of(value).get("unit")) or text(node_of(value).get("code")) if kind == "Quantity" else ""
    return [unit] if unit else []


def _unit(value: object) -> str:
    node = node_of(value)
    return (text(node.get("display")) or text(node.get("code")) or text(value)).strip()


def limit(item: Json, end: str) -> str:
    """minValue or maxValue ('min', 'max') as text; a quantity's value."""
    beside = extensions(item)
    for name in (f"{end}Value", f"{end}Quantity"):
        if name in beside:
            value = value_of(beside[name])[1]
            return text(node_of(value).get("value")) or text(value)
    return ""


def initial_of(item: Json, choices: Choices) -> str:
    """The initial value; several codes joined with a comma."""
    selected = [choice.option.code for choice in choices.given if choice.selected]
    if selected:
        return ",".join(selected)
    rows = item.get("initial")
    given = [value_of(row) for row in dicts(rows)] if isinstance(rows, list) else [value_of(item, "initial")]
    return ",".join(code for kind, value in given[:100] if (code := code_of(kind, value, choices)))
