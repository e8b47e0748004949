"""Curator decisions as files to download and to hand in again: our own two tables, and Usagi's saved table. Pure.

Called by export_decisions. Our own files are those that decisions reads; Usagi's carry our decision beside its columns.
"""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
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
    problems = []
    rows = csv.DictReader(io.StringIO(unguarded(text)))
    if lacking := {"sourceCode", "mappingStatus", "conceptId"} - set(rows.fieldnames or ()):
        why = f"This is no table that Usagi saved: it has no column {', '.join(sorted(lacking))}."
        return (), (Problem(1, "", "column_missing", "error", why),)
    for row in rows:
        path = row["sourceCode"]
        if row["mappingStatus"] != "APPROVED":
            continue
        spec = _told(row.get("ADD_INFO:decision") or "")
        named = spec.sources if spec else ()
        wanted = {str(0 if spec and spec.relation == "new" else number(s.element)) for s in named}
        if spec is None or spec.path != path or spec.program != program or row["conceptId"] not in wanted:
            why = f"{path}: the file does not say how the answer is made. Choose the element on the mapping page."
            problems.append(Problem(rows.line_num, path, "no_steps", "warning", why))
        else:
            found[path] = spec
    return tuple(found.values()), tuple(problems)


def _told(cell: str) -> MappingSpec | None:
    try:
        return serial.load(MappingSpec, json.loads(cell))
    except (ValueError, TypeError, KeyError, BaseValidationError):
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


def unguarded(text: str) -> str:
    """The table without the marks that `_written` puts before cells which look like formulas."""
    out = io.StringIO()
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    marked = tuple(f"'{mark}" for mark in (*FORMULA, "'"))
    csv.writer(out, lineterminator="\n").writerows([c[1:] if c.startswith(marked) else c for c in row] for row in rows)
    return out.getvalue()
