"""The sheets of a request: one for a CSV, all of a workbook. Each is a name and rows with their line numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from forms_catalog.formats.csv_rows import Row, decode, rows
from forms_catalog.formats.problems import Findings
from forms_catalog.formats.table import columns
from forms_catalog.formats.table.columns import Header

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


def in_file(data: bytes, findings: Findings) -> list[Sheet]:
    """The sheet of a CSV, its delimiter found from the header; [] where no row is one. Raises UnreadableFile."""
    text = decode(data, findings)
    for delimiter in ",;\t|":
        header = columns.find_header(rows(text[:_HEAD], delimiter, Findings()))
        if header:
            return [_sheet("", header, rows(text, delimiter, findings))]
    return []


def _sheet(name: str, header: Header, found: Iterator[Row]) -> Sheet:
    return Sheet(name, header, tuple(row for row in found if row.line > header.line))
