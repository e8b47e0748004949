"""The sheets of a request: one for a CSV, all of a workbook. Each is a name and rows with their line numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from forms_catalog.formats import xlsx_input
from forms_catalog.formats.containers import container
from forms_catalog.formats.csv_rows import Row, decode, rows
from forms_catalog.formats.headers import Header
from forms_catalog.formats.problems import Findings
from forms_catalog.formats.table import columns

_HEAD = 100_000  # characters in which the header of a CSV must stand


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet with a header that is understood; `rows` are those below it. `name` is '' for a CSV."""

    name: str
    header: Header
    rows: tuple[Row, ...]

    @property
    def where(self) -> str:
        """How problems name it: '' or 'sheet Labs: '."""
        return f"sheet {self.name[:40]}: " if self.name else ""


def in_file(data: bytes, findings: Findings, most_rows: int = xlsx_input.MAX_ROWS) -> list[Sheet]:
    """Sheets that ask something; [] where none does. Of a workbook the first `most_rows` rows.

    Raises UnreadableFile.
    """
    return _in_workbook(data, findings, most_rows) if container(data) == "zip" else _in_text(data, findings)


def _in_text(data: bytes, findings: Findings) -> list[Sheet]:
    """A CSV is one sheet, its delimiter found from the header."""
    text = decode(data, findings)
    for delimiter in ",;\t|":
        header = columns.find_header(rows(text[:_HEAD], delimiter, Findings()))
        if header:
            return [_sheet("", header, rows(text, delimiter, findings))]
    return []


def _in_workbook(data: bytes, findings: Findings, most_rows: int) -> list[Sheet]:
    """Every sheet with a header of its own; the others are named, so that nobody thinks they were read."""
    found, others = [], []
    for sheet in xlsx_input.read_workbook(data, findings, most_rows):
        header = columns.find_header(sheet.rows)
        if header:
            found.append(_sheet(sheet.name, header, sheet.rows))
        elif sheet.rows:
            others.append(sheet.name[:40])
    if found and others:
        text = f"These sheets ask nothing and were left out: {', '.join(others[:8])}. A sheet needs a question column."
        findings.info(0, "", "sheet_left_out", text)
    return found


def _sheet(name: str, header: Header, found: Iterable[Row]) -> Sheet:
    return Sheet(name, header, tuple(_filled(row, header) for row in found if row.line > header.line))


def _filled(row: Row, header: Header) -> Row:
    """Workbook rows end with their last filled cell; a heading is told by the empty ones beside it."""
    return Row(row.line, [*row.cells, *[""] * (len(header.names) - len(row.cells))])
