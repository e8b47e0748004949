"""One field to one R4 item: type, text, choices, limits, unit, codes, translations. Conditions: writing_logic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from forms_catalog.formats.fhir.parts import OWN, Json
from forms_catalog.formats.fhir.sources import NOTHING
from forms_catalog.formats.fhir.writing_logic import Names
from forms_catalog.formats.unit_words import ucum_of
from forms_catalog.specs import YES_NO, FieldSpec, Option

STANDARD = "http://hl7.org/fhir/StructureDefinition/"
_TYPES = {
    "text": "string",
    "notes": "text",
    "integer": "integer",
    "decimal": "decimal",
    "date": "date",
    "datetime": "dateTime",
    "time": "time",
    "choice": "choice",
    "multichoice": "choice",
    "file": "attachment",
    "display": "display",
}
_KEPT = {"text": {"reference", "url"}, "choice": {"open-choice"}, "multichoice": {"open-choice"}}
_CONTROLS = {"radio": "radio-button", "dropdown": "drop-down", "checkbox": "check-box", "slider": "slider"}
_CODE = re.compile(r"[^\s]+( [^\s]+)*")
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,8})", re.ASCII)
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?", re.ASCII)
_DATE = re.compile(r"[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", re.ASCII)
_PART_OF_DATE = re.compile(r"[12]\d{3}(?:-(?:0[1-9]|1[0-2]))?", re.ASCII)
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d", re.ASCII)
_URI = re.compile(r"\S+")


def type_of(field: FieldSpec) -> str:
    """The R4 item type; a field with choices is a choice, two choices Yes and No a boolean."""
    kind = field.kind
    if kind == "choice" and field.options == YES_NO and field.field_type != "open-choice":
        return "boolean"
    if field.options and kind not in ("display", "file"):
        kind = kind if kind in ("choice", "multichoice") else "choice"
    if field.field_type in _KEPT.get(kind, ()):
        return field.field_type
    if kind == "text" and field.validation == "url":
        return "url"
    return _TYPES.get(kind, "string")


def item_of(field: FieldSpec, names: Names) -> Json:
    """The item without its condition, elements in FHIR's order."""
    type_ = type_of(field)
    shown = type_ == "display"
    item: Json = {"extension": list(_extensions(field, type_)), "linkId": names.links[field.path]}
    if field.codes and not shown:
        item["code"] = [_coding(*code) for code in field.codes]
    if field.label:
        item["text"] = field.label
        item["_text"] = _spoken((t.language, t.label) for t in field.translations)
    item["type"] = type_
    item["required"] = field.required and not shown
    item["repeats"] = field.kind == "multichoice"
    item["readOnly"] = not field.asks and not shown
    if type_ in ("choice", "open-choice"):
        item["answerOption"] = list(_options(field, names))
    elif not shown and (initial := _value(type_, field.initial)):
        item["initial"] = [{f"value{initial[0]}": initial[1]}]
    return {key: value for key, value in item.items() if value not in (False, [], {})}


def answer_of(field: FieldSpec, text: str, names: Names) -> Json:
    """One answer of a QuestionnaireResponse as value[x] of the item's type; days are ISO.

    A text that FHIR does not take for the type, such as a time without its zone, is a valueString: nothing is lost.
    """
    type_ = type_of(field)
    if type_ in ("choice", "open-choice"):
        chosen = (o for o in field.options if o.code == text)
        return next((_option(o, names.coding(field, text), []) for o in chosen), {"valueString": text})
    if type_ in ("reference", "attachment"):
        return {"valueReference": {"display": text}} if type_ == "reference" else {"valueAttachment": {"title": text}}
    if type_ == "url":
        return {"valueUri": text}
    if type_ in ("date", "dateTime") and _PART_OF_DATE.fullmatch(text):
        return {"valueDate" if type_ == "date" else "valueDateTime": text}
    found = _value(type_, _plain(text) if type_ in ("integer", "decimal") else text)
    return {f"value{found[0]}": found[1]} if found else {"valueString": text}


def _plain(text: str) -> str:
    """A number without sign, exponent or bare point that JSON would not take."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return f"{number:f}" if number.is_finite() and abs(number.adjusted()) < 15 else text


def _extensions(field: FieldSpec, type_: str) -> Iterator[Json]:
    if type_ == "display":
        for number, code in enumerate(field.codes, start=1):
            yield {"url": f"{OWN}code-{number}", "valueCoding": _coding(*code)}
    if field.note:
        spoken = _spoken((t.language, t.note) for t in field.translations)
        yield _extension("entryFormat", valueString=field.note) | ({"_valueString": spoken} if spoken else {})
    if field.unit:
        known = ucum_of(field.unit)
        ucum = {"system": "http://unitsofmeasure.org", "code": known} if known and _CODE.fullmatch(known) else {}
        yield _extension("questionnaire-unit", valueCoding=ucum | {"display": field.unit})
    for name, limit in (("minValue", field.minimum), ("maxValue", field.maximum)):
        if type_ in ("integer", "decimal", "date", "dateTime", "time") and (value := _value(type_, limit)):
            yield _extension(name, **{f"value{value[0]}": value[1]})
    if control := _CONTROLS.get(field.field_type):
        coding = {"system": "http://hl7.org/fhir/questionnaire-item-control", "code": control}
        yield _extension("questionnaire-itemControl", valueCodeableConcept={"coding": [coding]})


def _extension(name: str, **value: Any) -> Json:
    return {"url": STANDARD + name, **value}


def _value(type_: str, text: str) -> tuple[str, Any] | None:
    """('Integer', 5) and the like, or None where FHIR would not take the text for that type."""
    if type_ == "boolean" and text in ("0", "1"):
        return "Boolean", text == "1"
    if type_ == "integer" and _INTEGER.fullmatch(text):
        return "Integer", int(text)
    if type_ in ("integer", "decimal") and _DECIMAL.fullmatch(text):
        return "Decimal", float(text) if "." in text else int(text)
    if type_ in ("date", "dateTime") and _DATE.fullmatch(text):
        return ("Date" if type_ == "date" else "DateTime"), text
    if type_ == "time" and _TIME.fullmatch(text):
        return "Time", text
    return ("String", text) if type_ in ("string", "text") and text.strip() else None


def _options(field: FieldSpec, names: Names) -> Iterator[Json]:
    wanted = set(field.initial.split(",")) if field.kind == "multichoice" else {field.initial}
    spoken: dict[str, list[tuple[str, str]]] = {}
    for translation in field.translations:
        for option in translation.options:
            spoken.setdefault(option.code, []).append((translation.language, option.label))
    scores = names.sources.get(field.path, NOTHING).scores
    for option in field.options:
        row = _option(option, names.coding(field, option.code), spoken.get(option.code, []))
        if option.code in scores:
            row["extension"] = [*row.get("extension", ()), scores[option.code]]
        yield row | ({"initialSelected": True} if option.code in wanted else {})


def _option(option: Option, coding: Json, spoken: list[tuple[str, str]]) -> Json:
    exact: Json = {}
    if not _CODE.fullmatch(option.code):  # FHIR allows no double or outer spaces in a code
        coding["code"] = " ".join(option.code.split()) or "-"
        exact = {"extension": [{"url": f"{OWN}code", "valueString": option.code}]}
    if option.label:
        coding["display"] = option.label
    if beside := _spoken(iter(spoken)):
        coding["_display"] = beside
    return exact | {"valueCoding": coding}


def _spoken(texts: Iterator[tuple[str, str]]) -> Json:
    """The translation extensions of one text, {} where there are none."""
    found = [
        {
            "url": f"{STANDARD}translation",
            "extension": [{"url": "lang", "valueCode": language}, {"url": "content", "valueString": words}],
        }
        for language, words in texts
        if words
    ]
    return {"extension": found} if found else {}


def _coding(system: str, code: str, display: str) -> Json:
    parts = {"system": system if _URI.fullmatch(system) else "", "code": code, "display": display}
    if code and not _CODE.fullmatch(code):
        parts["code"] = " ".join(code.split())
    return {key: value for key, value in parts.items() if value}
