"""Learning, step 0: where decided requests come from: pairs in files, and the decisions shipped with the catalog."""

from __future__ import annotations

import csv
import io
import json
from importlib.resources import files
from pathlib import Path

from forms_catalog import formats, starter
from forms_catalog.formats import catalog_json
from forms_catalog.learning.examples import Decided
from forms_catalog.matching import CatalogEntry, entries_of, queries_of_fields, query_of_row


def catalog_of(path: Path) -> list[CatalogEntry]:
    """The elements of a catalog file. Raises OSError."""
    return _entries(catalog_json.read(path.read_bytes()))


def _entries(catalog: catalog_json.Catalog) -> list[CatalogEntry]:
    return entries_of(catalog.elements.values(), catalog.texts)


def pairs_of(path: Path) -> list[Decided]:
    """Rows {"query": {…}, "target_ids": […]}, one a line; no target where nothing fits. Raises OSError, ValueError
    with the line."""
    out = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        try:
            row = json.loads(line)
            out.append(Decided(query_of_row(row), frozenset(map(str, row["target_ids"] or ()))))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path}, line {number}: this is no decided request ({error}).") from error
    return out


def content() -> list[Decided]:
    """The shipped programs with their curators' decisions; each program is held out as a whole."""
    decided: list[Decided] = []
    for program in starter.program_codes():
        targets = _decisions(program)
        fields = formats.read(starter.program_csv(program)).fields
        decided += [Decided(q, targets[q.path], program) for q in queries_of_fields(fields) if q.path in targets]
    return decided


def shipped_catalog() -> list[CatalogEntry]:
    """The elements of the starter catalog."""
    return _entries(starter.catalog())


def _decisions(program: str) -> dict[str, frozenset[str]]:
    """The main element of each decided field of a shipped program, none where nothing fits; nothing where no decisions
    are shipped."""
    file = files("forms_catalog.content").joinpath("decisions", f"{program}.csv")
    if not file.is_file():
        return {}
    rows = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))
    told = (
        (r["variable"], r["catalog_id"] if r["relation"] != "new" else "") for r in rows if r["relation"] != "not_same"
    )
    return {variable: frozenset({element} if element else ()) for variable, element in told}
