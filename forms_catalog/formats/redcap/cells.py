"""One field as the cells of a REDCap row, by API name. Pure; the writer calls it."""

from __future__ import annotations

import html

from forms_catalog.formats.html_text import plain
from forms_catalog.formats.redcap.choices import IMPLIED
from forms_catalog.formats.redcap.kinds import CHOICES, is_known, kind_of, type_of
from forms_catalog.formats.redcap.tags import tags_of
from forms_catalog.formats.units_in_labels import unit_of
from forms_catalog.specs import FieldSpec, Option

MANY_CHOICES = 10  # from here on a list to pick from, not buttons
_TYPES = {"notes": "notes", "multichoice": "checkbox", "file": "file", "display": "descriptive"}
_VALIDATIONS = {"integer": "integer", "decimal": "number", "time": "time"}
_MONTH_YEAR = "MM-YYYY"


def made(field: FieldSpec) -> tuple[dict[str, str], str]:
    """(the filled cells but section and annotation, the tags that the annotation needs beside what it has)."""
    field_type, note = _type(field), _note(field)
    cells = {
        "field_name": field.name,
        "form_name": field.form,
        "field_type": field_type,
        "field_label": escaped(field.label),
        "select_choices_or_calculations": _choices(field, field_type),
        "field_note": escaped(note),
        "identifier": "y" if field.identifier else "",
        "branching_logic": field.branching,
        "required_field": "y" if field.required and field.asks else "",
    }
    if field_type == "text":
        validation = _validation(field, f"{field.label} {note}")
        cells["text_validation_type_or_show_slider_number"] = validation
        if validation:
            cells |= {"text_validation_min": field.minimum, "text_validation_max": field.maximum}
    if field_type == "slider":
        cells |= {"text_validation_min": field.minimum, "text_validation_max": field.maximum}
    return cells, " ".join(_tags(field, field_type))


def escaped(text: str) -> str:
    """The text so that REDCap shows it as it is: what would be taken for HTML is written as entities."""
    return text if plain(text) == " ".join(text.split()) else html.escape(text, quote=False)


def _type(field: FieldSpec) -> str:
    own = field.field_type if type_of(field.field_type) == field.field_type else ""
    if own in IMPLIED and field.options == IMPLIED[own] and field.kind == "choice":
        return own
    if own in ("slider", "sql") and kind_of(own, "", "")[0] == field.kind:
        return own
    if field.calculation and not field.asks and field.kind in ("integer", "decimal"):
        return "calc"
    if field.kind in ("choice", "multichoice"):
        return _choice_type(field, own)
    return _TYPES.get(field.kind, "text")


def _choice_type(field: FieldSpec, own: str) -> str:
    """REDCap refuses a choice question without choices: it becomes a text, and the mark says what it is."""
    if not field.options:
        return "text"
    if field.kind == "multichoice":
        return "checkbox"
    if own in CHOICES and own != "checkbox":
        return own
    return "dropdown" if len(field.options) >= MANY_CHOICES else "radio"


def _choices(field: FieldSpec, field_type: str) -> str:
    if field_type == "calc":
        return field.calculation
    return " | ".join(map(_choice, field.options)) if field_type in CHOICES else ""


def _choice(option: Option) -> str:
    """A | in a label cannot be escaped in REDCap but as an HTML entity, which it shows as the sign."""
    return f"{option.code}, {escaped(option.label).replace('|', '&#124;')}"


def _note(field: FieldSpec) -> str:
    """The note, with the unit and the form of the date where neither label nor note says them."""
    note, number = field.note, field.kind in ("integer", "decimal")
    if field.unit and unit_of(field.label, note, number=number) != field.unit:
        note = f"{note} ({field.unit})" if note else field.unit
    if field.date_format == "my" and kind_of("text", "", f"{field.label} {note}") != ("date", "my"):
        note = f"{note} {_MONTH_YEAR}".strip()
    return note


def _validation(field: FieldSpec, words: str) -> str:
    """The field's own validation where REDCap knows it and means the same by it, else that of its kind."""
    own = field.validation
    if own and own == own.lower() and is_known(own) and kind_of("text", own, words) == (field.kind, field.date_format):
        return own
    if field.kind in ("date", "datetime"):
        return "" if field.date_format == "my" else f"{field.kind}_{field.date_format or 'ymd'}"
    return _VALIDATIONS.get(field.kind, "")


def _tags(field: FieldSpec, field_type: str) -> list[str]:
    own = tags_of(field.annotation)
    tags = []
    if not field.asks and own.asks and field_type not in ("calc", "descriptive"):
        tags.append(f"@CALCTEXT({field.calculation})" if field.calculation else "@READONLY")
    if field.initial and own.initial != field.initial and (quote := _quote(field.initial)):
        tags.append(f"@DEFAULT={quote}{field.initial}{quote}")
    return tags


def _quote(text: str) -> str:
    return next((quote for quote in "'\"" if quote not in text and "\n" not in text), "")
