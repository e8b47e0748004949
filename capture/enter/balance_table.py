"""The opening-balance table: CSV or Excel bytes → rows by patient, with what is wrong by row and column. Pure.

One row a report, a static answer, or one field of an open event; `what` tells them apart. balance_file loads it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from forms_catalog.formats import csv_rows, headers, xlsx_input, xlsx_output
from forms_catalog.formats.containers import container
from forms_catalog.formats.problems import Findings, UnreadableFile

COLUMNS = {
    "what": "report, answer or event",
    "patient": "the pseudonym",
    "program": "the program's code; for a report only",
    "infusion_date": "tells two infusions of one patient apart; may be empty",
    "last_report": "the code of the last report made elsewhere, or none; empty rows are left alone",
    "as_of": "the day the last report spoke for, or the answer was told (YYYY-MM-DD)",
    "still_owed": "codes of earlier reports that were not made and are still owed, with spaces between",
    "program_id": "the program's own number of the person",
    "record": "of an event: its kind and a number of your own, such as infection 1",
    "field": "of an answer or event: the element of the catalog",
    "value": "of an answer or event: its value, as the catalog codes it",
}
BY_KEY = {headers.key(name): name for name in COLUMNS}
KINDS = ("report", "answer", "event")
NOTHING = "none"
MOST_ROWS = 5_000
MUST = ("what", "patient")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Row:
    """One filled row with the line it stands on; cells by column name, stripped."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong, at a line and column ('' = the row, line 0 = the file), and what to do."""

    line: int
    column: str
    message: str


def read(data: bytes) -> tuple[list[Row], list[Wrong]]:
    """The filled rows, and what is wrong with each as far as it can be seen without the patients. Never raises."""
    findings = Findings()
    try:
        lines = _lines(data, findings)
    except UnreadableFile as error:
        return [], [Wrong(0, "", error.message)]
    if not lines:
        return [], [Wrong(0, "", "The table is empty. Download the template and fill it in.")]
    names = [BY_KEY.get(headers.key(cell), cell.strip()) for cell in lines[0].cells]
    if missing := [name for name in MUST if name not in names]:
        return [], [Wrong(lines[0].line, "", f"The column {missing[0]} is missing. Use the template's first row.")]
    strange = [n for n in names if n and n not in COLUMNS]
    wrong = [Wrong(lines[0].line, n, f"The column {n[:40]} is not known. Take it out.") for n in strange]
    rows = [Row(one.line, _cells(names, one.cells)) for one in lines[1:]]
    rows = [row for row in rows if _filled(row)]
    if len(rows) > MOST_ROWS:
        return [], [Wrong(0, "", f"The table has more than {MOST_ROWS} rows. Split it.")]
    return rows, [*wrong, *(w for row in rows for w in _check(row))]


def day(text: str) -> date | None:
    """A date as YYYY-MM-DD (Excel's date cells read as such); None for anything else."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def write_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    """The table as CSV that a spreadsheet opens: UTF-8 with a mark. No cell becomes a formula."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(COLUMNS), restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows([{k: f"'{v}" if v.startswith(FORMULA) else v for k, v in row.items()} for row in rows])
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(rows: Sequence[Mapping[str, str]]) -> bytes:
    """The table as a workbook, with a second sheet that says what each column is."""
    body = [list(COLUMNS), *([row.get(c, "") for c in COLUMNS] for row in rows)]
    return xlsx_output.workbook([("balance", body), ("columns", [[c, words] for c, words in COLUMNS.items()])])


def _lines(data: bytes, findings: Findings) -> list[csv_rows.Row]:
    if container(data) != "text":
        sheets = xlsx_input.read_workbook(data, findings)
        return list(sheets[0].rows) if sheets else []
    text = csv_rows.decode(data, findings)
    first = text.split("\n", 1)[0]
    mark = max((",", ";", "\t"), key=first.count)
    return [row for row in csv_rows.rows(text, mark, findings) if any(cell.strip() for cell in row.cells)]


def _cells(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return {n: c.strip().removeprefix("'") for n, c in zip(names, cells, strict=False) if n}


def _filled(row: Row) -> bool:
    """Rows of the template that nobody filled in are left alone."""
    said = [c for c in COLUMNS if c not in ("what", "patient", "program", "infusion_date") and row[c]]
    return bool(said) or row["what"] not in ("report", "")


def _check(row: Row) -> Iterable[Wrong]:
    if row["what"] not in KINDS:
        yield Wrong(row.line, "what", f"{row['what'][:40]!r} is none of {', '.join(KINDS)}.")
        return
    if not row["patient"]:
        yield Wrong(row.line, "patient", "Give the pseudonym.")
    for column in ("as_of", "infusion_date"):
        if row[column] and day(row[column]) is None:
            yield Wrong(row.line, column, f"{row[column][:20]!r} is no date. Write YYYY-MM-DD.")
    needed = {"report": ("program", "last_report"), "answer": ("field", "value", "as_of")}
    for column in needed.get(row["what"], ("record", "field", "value")):
        if not row[column]:
            yield Wrong(row.line, column, f"A row of the kind {row['what']} needs {column}: {COLUMNS[column]}.")
