"""Curator decisions as files to download and to hand in again: our own two tables, and Usagi's saved table. Pure.

Called by export_decisions and decision_intake. Our own files are those that decisions reads; Usagi's carry our decision
beside its columns. What cannot be read at all raises UnreadableTable.
"""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cattrs import BaseValidationError

from forms_catalog import decisions, serial
from forms_catalog.decisions import NotSame
from forms_catalog.specs import ElementSpec, FieldSpec, MappingSpec, Problem

OWN = ("program", "variable", "catalog_id", "relation", "further_sources", "qualifier_question", "qualifier_options",
       "condition", "transform", "reason")  # fmt: skip
VALUES = ("program", "variable", "program_code", "catalog_id", "catalog_code")
USAGI = ("sourceCode", "sourceName", "sourceFrequency", "sourceAutoAssignedConceptIds", "ADD_INFO:element",
         "ADD_INFO:decision", "matchScore", "mappingStatus", "equivalence", "statusSetBy", "statusSetOn", "conceptId",
         "conceptName", "domainId", "mappingType", "comment", "createdBy", "createdOn", "assignedReviewer")  # fmt: skip
EQUIVALENCE = {"exact": "EQUAL", "recode": "EQUIVALENT", "unit_conversion": "EQUIVALENT", "broader": "WIDER",
               "narrower": "NARROWER", "new": "UNMATCHED"}  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")
CUSTOM = 2_000_000_000  # where Usagi's catalog keeps numbers of one's own
MARKS = {"own": {"program", "variable", "catalog_id", "relation", "reason"},
         "usagi": {"sourceCode", "mappingStatus", "conceptId"}}  # fmt: skip
LARGEST = 20_000_000  # bytes
LONGEST_CELL = 120_000  # characters; what the csv module takes itself depends on who raised its limit


class UnreadableTable(ValueError):
    """The bytes are no table of decisions; the message says where and what to do. `line` is 1-based, 0 = the whole."""

    code = "table_unreadable"

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(f"Line {line}: {message}" if line else message)
        self.line = line


@dataclass(frozen=True, slots=True)
class NoSteps(Problem):
    """A field that Usagi approved without our decision; `concept` is the number of the element chosen there."""

    concept: str = ""


def own(
    mappings: Iterable[MappingSpec],
    pairs: Iterable[NotSame],
    fields: Sequence[FieldSpec],
    elements: Mapping[str, ElementSpec],
) -> tuple[str, str]:
    """The decisions and their codes as the two tables that `decisions.read` takes (after `unguarded`)."""
    known = {f.path: f for f in fields}
    mappings = list(mappings)
    refused = [
        dict.fromkeys(OWN, "")
        | {
            "program": p.program,
            "variable": p.path,
            "catalog_id": p.element,
            "relation": "not_same",
            "reason": p.reason,
        }
        for p in pairs
    ]
    rows = [decisions.to_row(m) for m in mappings] + refused
    codes = [row for m in mappings if m.relation != "new" for row in _values(m, known.get(m.path), elements)]
    return _written(OWN, rows), _written(VALUES, codes)


def _values(
    mapping: MappingSpec, field: FieldSpec | None, elements: Mapping[str, ElementSpec]
) -> Iterable[dict[str, Any]]:
    """A row for each pair of codes; without our code where a roll-up made it or the program's code has none."""
    table: Mapping[str, Any] = next((s.args.get("map", {}) for s in mapping.transform if s.op == "recode"), {})
    named = [(str(theirs), *_owner(mapping, str(ours), elements)) for ours, theirs in table.items()]
    told = {theirs for theirs, _, _ in named}
    rest = [(o.code, mapping.sources[0].element, "") for o in (field.options if field else ()) if o.code not in told]
    for theirs, element, ours in [*named, *rest]:
        cells = (mapping.program, mapping.path, theirs, element, ours)
        yield dict(zip(VALUES, cells, strict=True))


def _owner(mapping: MappingSpec, code: str, elements: Mapping[str, ElementSpec]) -> tuple[str, str]:
    """The element whose code it is."""
    for source in mapping.sources:
        element = elements.get(source.element)
        if element and (not element.options or code in {o.code for o in element.options}):
            return element.id, code
    return mapping.sources[0].element, ""


def number(element: str) -> int:
    """Usagi numbers its concepts: the same element has the same number everywhere. Its id is in ADD_INFO:element."""
    return CUSTOM + zlib.crc32(element.encode()) % 147_483_647


def usagi(
    mappings: Iterable[tuple[MappingSpec, str, str]],
    fields: Sequence[FieldSpec],
    elements: Mapping[str, ElementSpec],
) -> str:
    """Usagi's saved table of (decision, who, date); fields without one are UNCHECKED. One row for each element read."""
    decided = {spec.path: (spec, who, day) for spec, who, day in mappings}
    rows = [row for f in fields if f.asks or f.path in decided for row in _rows(f, decided.get(f.path), elements)]
    return _written(USAGI, rows)


def _rows(
    field: FieldSpec, found: tuple[MappingSpec, str, str] | None, elements: Mapping[str, ElementSpec]
) -> Iterable[dict[str, Any]]:
    start = dict.fromkeys(USAGI, "") | {"sourceCode": field.path, "sourceName": field.label or field.name}
    start |= {"sourceFrequency": "1", "matchScore": "0", "mappingStatus": "UNCHECKED", "equivalence": "UNREVIEWED"}
    start |= {"conceptId": "0", "mappingType": "MAPS_TO"}
    if found is None:
        yield start
        return
    spec, who, day = found
    said = json.dumps(serial.dump(spec), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for source in spec.sources:
        element = elements.get(source.element)
        yield start | {
            "ADD_INFO:element": source.element,
            "ADD_INFO:decision": said,
            "matchScore": 1,
            "mappingStatus": "APPROVED",
            "equivalence": EQUIVALENCE[spec.relation],
            "statusSetBy": who,
            "statusSetOn": day,
            "conceptId": 0 if spec.relation == "new" else number(source.element),
            "conceptName": element.label if element else source.element,
            "domainId": element.section if element else "",
            "comment": spec.reason,
            "createdBy": who,
            "createdOn": day,
        }


def read_usagi(text: str, program: str) -> tuple[tuple[MappingSpec, ...], tuple[Problem, ...]]:
    """The approved decisions of a Usagi file that carry ours; of the others, line by line, why a person has to decide.

    Usagi keeps no steps: an element chosen there anew has to be confirmed on the page.
    """
    found: dict[str, MappingSpec] = {}
    problems: list[Problem] = []
    rows = csv.DictReader(io.StringIO(unguarded(text)))
    if lacking := MARKS["usagi"] - set(rows.fieldnames or ()):
        why = f"This is no table that Usagi saved: it has no column {', '.join(sorted(lacking))}."
        return (), (Problem(1, "", "column_missing", "error", why),)
    for row in rows:
        path = row["sourceCode"] or ""
        if row["mappingStatus"] != "APPROVED":
            continue
        spec = _told(row.get("ADD_INFO:decision") or "")
        named = spec.sources if spec else ()
        wanted = {str(0 if spec and spec.relation == "new" else number(s.element)) for s in named}
        if spec is None or spec.path != path or spec.program != program or row["conceptId"] not in wanted:
            why = f"{path}: the file does not say how the answer is made. Choose the element on the mapping page."
            problems.append(NoSteps(rows.line_num, path, "no_steps", "warning", why, row["conceptId"] or ""))
        elif found.setdefault(path, spec) != spec:
            why = f"{path} has two decisions in this file; keep one."
            problems.append(Problem(rows.line_num, path, "field_decided_twice", "error", why))
    left = {p.path for p in problems}  # of several elements one was changed: the decision is none any more
    return tuple(spec for path, spec in found.items() if path not in left), tuple(problems)


def _told(cell: str) -> MappingSpec | None:
    try:
        return serial.load(MappingSpec, json.loads(cell))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, BaseValidationError):
        return None


def _written(head: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A table as CSV; no spreadsheet takes a cell of it for a formula (`unguarded` takes the mark off again)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_guarded(str(row[name])) for name in head] for row in rows)
    return out.getvalue()


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith((*FORMULA, "'")) else cell


def unguarded(text: str, delimiter: str = ",") -> str:
    """The table without the marks that `_written` puts before cells which look like formulas. Raises UnreadableTable.

    Its lines end as ours do and keep their numbers.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnreadableTable("there is a NUL character, which no table has. Save the file again as CSV (UTF-8).", line)
    out = io.StringIO()
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    marked = tuple(f"'{mark}" for mark in (*FORMULA, "'"))
    write = csv.writer(out, lineterminator="\n")
    try:
        for row in rows:
            if any(len(cell) > LONGEST_CELL for cell in row):
                raise csv.Error(f"a cell has more than {LONGEST_CELL} characters")
            write.writerow([c[1:] if c.startswith(marked) else c for c in row])
    except csv.Error as error:
        why = f"this is no CSV ({error}). Look for a quotation mark that is not closed, and save the file again."
        raise UnreadableTable(why, max(rows.line_num, 1)) from error
    return out.getvalue()


def text_of(data: bytes) -> str:
    """The bytes of a file as a table that `decisions.read` and `read_usagi` take. Raises UnreadableTable."""
    if not data.strip():
        raise UnreadableTable("The file is empty. Export the decisions again and change that file.")
    if len(data) > LARGEST:
        raise UnreadableTable(f"The file is larger than {LARGEST // 1_000_000} MB. Split it.")
    if data.startswith(b"PK"):
        raise UnreadableTable("This is a spreadsheet or a zip, not a CSV. Save the sheet as CSV (UTF-8).")
    try:
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableTable("the text is not UTF-8. Save the file as CSV (UTF-8).", line) from error
    head = text.lstrip().partition("\n")[0]
    return unguarded(text, max(",;\t", key=head.count))  # spreadsheets write ; where , is the decimal mark


def kind_of(text: str) -> str:
    """'own' or 'usagi', by the columns of the table. Raises UnreadableTable."""
    head = set(next(csv.reader(io.StringIO(text)), []))
    found = next((kind for kind, marks in MARKS.items() if marks <= head), "")
    if not found:
        near = max(MARKS, key=lambda kind: len(MARKS[kind] & head))
        lacking = ", ".join(sorted(MARKS[near] - head))
        raise UnreadableTable(
            f"This is no table of decisions: it lacks the column {lacking}. Export one and change it."
        )
    return found


def lines_of(text: str, column: str) -> dict[str, int]:
    """The line on which each name of a column stands first, for messages."""
    found: dict[str, int] = {}
    rows = csv.DictReader(io.StringIO(text))
    for row in rows:
        found.setdefault(row[column] or "", rows.line_num)
    return found
