"""Excel workbooks (.xlsx) to rows of text, for every reader of sheets: hardened, bounded, as people see the cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from forms_catalog.formats import xlsx_cells, xlsx_package
from forms_catalog.formats.csv_rows import Row
from forms_catalog.formats.problems import Findings, UnreadableFile

MAX_SHEETS = 60
MAX_ROWS = 20_000  # of one sheet
MAX_CELL = 32_767  # characters, what Excel itself takes
MAX_TEXT = (
    5_000_000  # characters and cells, also empty ones, of all rows together: one long text may stand in many cells
)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^<>]{0,99}?\bref=\"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\"")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its rows with anything in them (line = the row's number in Excel), no empty cells at their ends."""

    name: str
    hidden: bool
    rows: tuple[Row, ...]


def read_workbook(data: bytes, findings: Findings, most_rows: int = MAX_ROWS) -> tuple[Sheet, ...]:
    """All sheets in the file's order, of each the rows up to number `most_rows`. What is cut is reported.

    Raises UnreadableFile: malformed, too_large and the codes of xlsx_package.parts.
    """
    parts = xlsx_package.parts(data)
    try:
        return tuple(_sheets(parts, findings, most_rows))
    except (etree.LxmlError, StopIteration, RuntimeError, ValueError) as error:
        shown = " ".join(str(error).split())[:120]
        message = f"The workbook is damaged ({shown}). Open it in Excel, save it as .xlsx and upload that."
        raise UnreadableFile("malformed", message) from None


def _sheets(parts: Mapping[str, bytes], findings: Findings, most_rows: int) -> Iterator[Sheet]:
    listed, book = xlsx_cells.sheets(parts)
    left = MAX_TEXT
    for part in listed[:MAX_SHEETS]:
        rows = []
        for row in _rows(parts[part.name], book, most_rows, part.title, findings):
            left -= sum(map(len, row.cells)) + len(row.cells)
            if left < 0:
                raise UnreadableFile("too_large", f"The cells hold more than {MAX_TEXT} characters. Split the file.")
            rows.append(row)
        yield Sheet(part.title, part.hidden, tuple(rows))
    if len(listed) > MAX_SHEETS:
        message = f"The workbook has more than {MAX_SHEETS} sheets; the rest were left out. Split it."
        findings.error(0, "", "too_many_sheets", message)


def _rows(data: bytes, book: xlsx_cells.Book, most: int, title: str, findings: Findings) -> Iterator[Row]:
    down = _downward(data)
    above: dict[int, str] = {}
    for count, (line, cells) in enumerate(xlsx_cells.rows(data, book), start=1):
        if line > most or count > MAX_ROWS:
            if most == MAX_ROWS and cells:
                message = f"Sheet {title[:40]!r} goes on below row {MAX_ROWS}; that was left out. Split it."
                findings.warning(line, "", "rows_left_out", message)
            return
        for column in down.get(line, ()):
            if column in above:
                cells.setdefault(column, above[column])
        above = cells
        if cells:
            row = [""] * (max(cells) + 1)
            for column, text in cells.items():
                row[column] = text if len(text) <= MAX_CELL else _cut(text, line, findings)
            yield Row(line, row)


def _cut(text: str, line: int, findings: Findings) -> str:
    message = f"A cell has more than {MAX_CELL} characters; the rest was left out. Shorten it."
    findings.error(line, "", "cell_too_long", message)
    return text[:MAX_CELL]


def _downward(data: bytes) -> dict[int, list[int]]:
    """Row → columns that show the cell above them: cells merged downward show one value in all their rows."""
    found: dict[int, list[int]] = {}
    filled = 0
    for first, top, last, bottom in _MERGED.findall(data):
        column, rows = xlsx_cells.column_of(first.decode()), range(int(top) + 1, min(int(bottom), MAX_ROWS) + 1)
        filled += len(rows)
        if filled > MAX_ROWS:
            break
        if first == last and column < xlsx_cells.MAX_COLUMNS:
            for row in rows:
                found.setdefault(row, []).append(column)
    return found
