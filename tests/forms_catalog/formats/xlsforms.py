"""XLSForms for tests: rows name their columns, so that a test shows only what it is about."""

from __future__ import annotations

from typing import Any

from forms_catalog import formats
from forms_catalog.specs import DictionarySpec, FieldSpec
from tests.forms_catalog.formats.workbooks import workbook

Row = dict[str, Any]
YES_NO = [
    {"list_name": "yes_no", "name": "yes", "label": "Yes"},
    {"list_name": "yes_no", "name": "no", "label": "No"},
]
SYMPTOMS = [
    {"list_name": "symptoms", "name": "fever", "label": "Fever"},
    {"list_name": "symptoms", "name": "cough", "label": "Cough"},
]


def xlsform(*survey: Row, choices: list[Row] | None = None, settings: Row | None = None) -> bytes:
    """A form; a question without a label has its name for one."""
    rows = [row if any("label" in key.lower() for key in row) else {"label": row.get("name"), **row} for row in survey]
    sheets = {"survey": grid(rows), "choices": grid([*YES_NO, *SYMPTOMS] if choices is None else choices)}
    return workbook(sheets | ({"settings": grid([settings])} if settings else {}))


def grid(rows: list[Row]) -> list[list[Any]]:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return [columns, *([row.get(name) for name in columns] for row in rows)]


def read(*survey: Row, **more: Any) -> DictionarySpec:
    return formats.read(xlsform(*survey, **more), "form.xlsx")


def only(**row: Any) -> FieldSpec:
    """The field of a form with one question."""
    (found,) = read({"name": "q", **row}).fields
    return found


def problems(spec: DictionarySpec) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in spec.problems]


BEGIN, END = {"type": "begin group"}, {"type": "end group"}
EVERYTHING = xlsform(
    {"type": "start", "name": "started"},
    {"type": "deviceid", "name": "device"},
    {"type": "begin group", "name": "base", "label::English (en)": "Baseline", "label::Deutsch (de)": "Beginn"},
    {
        "type": "select_one yes_no",
        "name": "consent",
        "label::English (en)": "Consent?",
        "label::Deutsch (de)": "Einverstanden?",
        "hint::English (en)": "Ask first",
        "required": "yes",
    },
    {"type": "begin group", "name": "more", "label::English (en)": "Details", "relevant": "${consent} = 'yes'"},
    {
        "type": "integer",
        "name": "age",
        "label::English (en)": "Age (years)",
        "constraint": ". >= 0 and . < 120",
        "constraint_message::English (en)": "Really?",
        "required": "true()",
    },
    {
        "type": "select_multiple symptoms",
        "name": "symptoms",
        "label::English (en)": "Symptoms",
        "label::Deutsch (de)": "Symptome",
        "relevant": "${age} > 17",
        "appearance": "minimal",
    },
    {"type": "end group"},
    {"type": "end group"},
    {"type": "begin repeat", "name": "visits", "label::English (en)": "Visits"},
    {
        "type": "date",
        "name": "seen",
        "label::English (en)": "Date of visit",
        "constraint": ". <= today()",
        "relevant": "selected(${symptoms}, 'fever') or count-selected(${symptoms}) > 1",
    },
    {
        "type": "text",
        "name": "why",
        "label::English (en)": "Why?",
        "relevant": "regex(${age}, '[0-9]')",
        "appearance": "multiline",
    },
    {"type": "end repeat"},
    {"type": "calculate", "name": "months", "calculation": "${age} * 12"},
    {"type": "note", "name": "bye", "label::English (en)": "Thank you"},
    {"type": "decimal", "name": "weight", "label::English (en)": "Weight (kg)", "default": "70.5", "readonly": "yes"},
    {"type": "geopoint", "name": "place", "label::English (en)": "Where?"},
    choices=[
        {"list_name": "yes_no", "name": "yes", "label::English (en)": "Yes", "label::Deutsch (de)": "Ja"},
        {"list_name": "yes_no", "name": "no", "label::English (en)": "No", "label::Deutsch (de)": "Nein"},
        {"list_name": "symptoms", "name": "fever", "label::English (en)": "Fever"},
        {"list_name": "symptoms", "name": "cough", "label::English (en)": "Cough"},
    ],
    settings={"form_title": "Follow-up", "form_id": "follow_up", "version": "3", "default_language": "English (en)"},
)
