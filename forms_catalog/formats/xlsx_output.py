"""Rows of text to an Excel workbook, the same bytes for the same rows. Pure; writers of workbooks call it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence

from forms_catalog.formats.xlsx_cells import escaped

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STAMPS = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_NEVER = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can say


def workbook(sheets: Sequence[tuple[str, Sequence[Sequence[str]]]]) -> bytes:
    """(name, rows) of each sheet as .xlsx. Every cell is a text: nothing in it becomes a formula or a number."""
    import openpyxl  # half a second, and only those who write Excel need it
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            cells = []
            for text in row:
                cell = WriteOnlyCell(sheet, escaped(text) or None)
                if text:
                    cell.data_type = "s"
                cells.append(cell)
            sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return _timeless(out)


def _timeless(saved: io.BytesIO) -> bytes:
    """The same package without the times at which it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(saved) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in package.namelist():
            data = _STAMPS.sub(rb"\g<1>2000-01-01T00:00:00Z\g<2>", package.read(name))
            entry = zipfile.ZipInfo(name, _NEVER)
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, data)
    return out.getvalue()
