"""Small hand-made dictionaries for tests of readers and writers."""

from __future__ import annotations

import csv
import io
from typing import Any

from forms_catalog import formats
from forms_catalog.specs import DictionarySpec, FieldSpec

REDCAP = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number,'
    "Text Validation Min,Text Validation Max,Identifier?,Branching Logic (Show field only if...),Required Field?,"
    "Custom Alignment,Question Number (surveys only),Matrix Group Name,Matrix Ranking?,Field Annotation"
)
COLUMNS = next(csv.reader([REDCAP]))
SHORT = {
    "name": COLUMNS[0],
    "form": COLUMNS[1],
    "section": COLUMNS[2],
    "type": COLUMNS[3],
    "label": COLUMNS[4],
    "choices": COLUMNS[5],
    "note": COLUMNS[6],
    "validation": COLUMNS[7],
    "low": COLUMNS[8],
    "high": COLUMNS[9],
    "identifier": COLUMNS[10],
    "branching": COLUMNS[11],
    "required": COLUMNS[12],
    "matrix": COLUMNS[15],
    "annotation": COLUMNS[17],
}
RECORD = {"name": "record_id", "form": "visit", "type": "text", "label": "Record"}


def redcap(*rows: dict[str, str], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """A REDCap dictionary of 18 columns; rows name their cells as in SHORT, form and type where others are meant."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = {SHORT[name]: cell for name, cell in {"form": "visit", "type": "text", "label": "Q", **row}.items()}
        writer.writerow([cells.get(column, "") for column in COLUMNS])
    return out.getvalue().encode(encoding)


def only(**row: str) -> FieldSpec:
    """The one field of a dictionary with this row."""
    (field,) = formats.read(redcap({"name": "q", **row})).fields
    return field


def codes(spec: DictionarySpec) -> dict[str, int]:
    """Problem code → the line it was first found on."""
    return {p.code: p.line for p in reversed(spec.problems)}


def question(name: str, **more: Any) -> FieldSpec:
    """A text question of the form 'visit', of no particular format."""
    given: dict[str, Any] = {
        "path": name,
        "form": "visit",
        "label": f"Question {name}",
        "kind": "text",
        "order": 0,
        "line": 0,
    }
    return FieldSpec(name=name, **(given | more))


def spec_of(*fields: FieldSpec, **more: Any) -> DictionarySpec:
    """A dictionary of a format that REDCap is not."""
    return DictionarySpec(format="made", version="0" * 12, fields=fields, **more)
