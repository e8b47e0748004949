"""REDCap field types and text validations to the kinds and date formats of FieldSpec."""

from __future__ import annotations

import re

_ALIASES = {"select": "dropdown", "textarea": "notes", "multiselect": "checkbox"}
_KINDS = {
    "text": "text",
    "notes": "notes",
    "radio": "choice",
    "dropdown": "choice",
    "yesno": "choice",
    "truefalse": "choice",
    "sql": "choice",
    "checkbox": "multichoice",
    "slider": "integer",
    "calc": "decimal",
    "file": "file",
    "descriptive": "display",
}
_VALIDATIONS = {"int": "integer", "integer": "integer", "float": "decimal", "number": "decimal"}
_TEXTS = frozenset({"", "email", "phone", "zipcode", "alpha_only", "mrn", "mrn_10d", "mrn_generic", "ssn", "vmrn"})
_FAMILIES = {"date": "date", "datetime": "datetime", "time": "time", "number": "decimal", "integer": "integer"}
_MONTH_YEAR = re.compile(r"(?<![-/.])\bMM\s?[-/.]\s?(?:YYYY|JJJJ|AAAA)\b")

CHOICES = frozenset({"radio", "dropdown", "checkbox"})  # the types whose choices stand in the row


def type_of(cell: str) -> str:
    """The field type in REDCap's present words; '' where it is none of them."""
    word = cell.strip().lower()
    word = _ALIASES.get(word, word)
    return word if word in _KINDS else ""


def kind_of(field_type: str, validation: str, words: str) -> tuple[str, str]:
    """(kind, date_format) of a field; `words` are its label and note, where a month and year may be asked for."""
    kind = _KINDS.get(field_type, "text")
    if kind != "text":
        return kind, ""
    if not validation:
        return ("date", "my") if _MONTH_YEAR.search(words) else ("text", "")
    checked = _VALIDATIONS.get(validation) or _FAMILIES.get(validation.split("_", maxsplit=1)[0], "text")
    return checked, _date_format(validation) if checked in ("date", "datetime") else ""


def _date_format(validation: str) -> str:
    ending = validation.rsplit("_", 1)[-1]
    return ending if ending in ("ymd", "dmy", "mdy") else "ymd"


def is_known(validation: str) -> bool:
    """Whether a text validation is one of REDCap's own; others are set up by one installation only."""
    family = validation.split("_", maxsplit=1)[0]
    return validation in _TEXTS or validation in _VALIDATIONS or family in {*_FAMILIES, "phone", "postalcode"}
