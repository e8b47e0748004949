"""Learning, step 0: where decided requests come from: pairs in files, and the decisions shipped with the catalog."""

from __future__ import annotations

import csv
import io
import json
from importlib.resources import files
from pathlib import Path

from forms_catalog import formats, starter
from forms_catalog.formats import catalog_json
from forms_catalog.learning.examples import Decided, Examples, collect
from forms_catalog.matching import CatalogEntry, entry_of_element, queries_of_fields, query_of_row

CONTENT_WEIGHT = 2.0  # few, but they alone have units, options and types


def catalog_of(path: Path) -> list[CatalogEntry]:
    """The elements of a catalog file. Raises OSError."""
    return _entries(catalog_json.read(path.read_bytes()))


def _entries(catalog: catalog_json.Catalog) -> list[CatalogEntry]:
    return [entry_of_element(e, catalog.texts.get(i, {})) for i, e in catalog.elements.items()]


def pairs_of(path: Path) -> list[Decided]:
    """Rows {"query": {…}, "target_ids": […]}, one a line. Raises OSError, ValueError with the line."""
    out = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        try:
            row = json.loads(line)
            out.append(Decided(query_of_row(row), frozenset(map(str, row["target_ids"]))))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path}, line {number}: this is no decided request ({error}).") from error
    return out


def from_files(catalog: Path, pairs: Path) -> Examples:
    """Examples of a catalog file and a file of decided requests."""
    return collect(catalog_of(catalog), pairs_of(pairs))


def content(weight: float = CONTENT_WEIGHT) -> Examples:
    """The shipped programs with their curators' decisions; each program is held out as a whole."""
    decided: list[Decided] = []
    held: list[str] = []
    for program in starter.program_codes():
        targets = _decisions(program)
        for query in queries_of_fields(formats.read(starter.program_csv(program)).fields):
            if query.path in targets:
                decided.append(Decided(query, targets[query.path]))
                held.append(program)
    return collect(_entries(starter.catalog()), decided, weight, held)


def _decisions(program: str) -> dict[str, frozenset[str]]:
    """The main element of each mapped field of a shipped program; nothing where no decisions are shipped."""
    file = files("forms_catalog.content").joinpath("decisions", f"{program}.csv")
    if not file.is_file():
        return {}
    rows = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))
    return {r["variable"]: frozenset({r["catalog_id"]}) for r in rows if r["relation"] not in ("not_same", "new")}
