"""Excel workbooks for tests: proper ones made with openpyxl, and packages put together by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl

_MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELS = b'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
_OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
START = b"<worksheet " + _MAIN + b"><sheetData>"
END = b"</sheetData></worksheet>"
STRINGS = b"<sst " + _MAIN + b">"
BOOK = (
    b"<workbook " + _MAIN + b' xmlns:r="' + _OFFICE + b'"><sheets><sheet name="survey" sheetId="1" r:id="rId1"/>'
    b"</sheets></workbook>"
)
LINKS = (
    b"<Relationships " + _RELS + b'><Relationship Id="rId1" Type="t" Target="worksheets/sheet1.xml"/></Relationships>'
)


def workbook(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """A workbook with these sheets and rows."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([*row])
    return saved(book)


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def package(parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A package with one sheet called survey; `parts` replace or add to what a workbook needs."""
    out = io.BytesIO()
    needed = {"xl/workbook.xml": BOOK, "xl/_rels/workbook.xml.rels": LINKS, "xl/worksheets/sheet1.xml": START + END}
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, data in (needed | parts).items():
            made.writestr(name, data)
    return out.getvalue()


def sheet(inner: bytes) -> dict[str, bytes]:
    """The parts of a package whose sheet has these rows."""
    return {"xl/worksheets/sheet1.xml": START + inner + END}
