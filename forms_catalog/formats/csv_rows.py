"""CSV bytes to rows with physical line numbers, whatever the encoding, delimiter or damage. For all CSV readers."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from forms_catalog.formats.problems import Findings, UnreadableFile

MAX_BYTES = 10_000_000  # twenty times the largest real dictionary seen
MAX_LINES = 50_000
MAX_LINE = 1_000_000  # characters of one physical line, and of one cell
MAX_RECORD_LINES = 2_000  # a cell with more line breaks than this is an unclosed quote
MAX_CELLS = 600_000  # ten times those of the largest real dictionary seen
MAX_BROKEN = 5_000  # unclosed quotes; a file with more is not what its system exported
_BROKEN = 20  # unclosed quotes after which each further one may look only so far ahead:
_RECORD_LINES_THEN = 5
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# The csv module keeps this limit for the whole process; a choice list of a real program is longer than its default.
csv.field_size_limit(MAX_LINE)


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line it starts on (1-based) and its cells."""

    line: int
    cells: list[str]


def decode(data: bytes, findings: Findings) -> str:
    """The text of the file. UTF-8 and UTF-16 as marked; lines that are not UTF-8 are read as Windows-1252, and said so.

    Raises UnreadableFile: empty, too_large, binary, too_many_lines.
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise UnreadableFile("empty", "The file is empty. Export the dictionary again and upload that file.")
    if len(data) > MAX_BYTES:
        raise UnreadableFile("too_large", f"The file is larger than {MAX_BYTES // 1_000_000} MB. Split it by form.")
    if data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n") > MAX_LINES:
        raise UnreadableFile("too_many_lines", f"The file has more than {MAX_LINES} lines. Split it by form.")
    text = _decode(data, findings)
    return _without_nul(text, findings) if "\x00" in text else text


def _decode(data: bytes, findings: Findings) -> str:
    if data[:2] in _UTF16:
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = "The file is not UTF-8; such lines were read as Windows-1252. Check letters with accents."
        findings.info(line, "", "encoding_guessed", message)
    return "".join(_decode_line(line) for line in data.removeprefix(codecs.BOM_UTF8).splitlines(keepends=True))


def _decode_line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _without_nul(text: str, findings: Findings) -> str:
    count = text.count("\x00")
    if count > 50:
        raise UnreadableFile("binary", "This is not a text file. Export the dictionary as CSV and upload that file.")
    line = text.count("\n", 0, text.index("\x00")) + 1
    findings.warning(line, "", "nul_removed", f"{count} NUL characters were removed. Check that no text is missing.")
    return text.replace("\x00", "")


class _Lines:
    """Hands physical lines to the csv reader and knows where a record began and whether it ran out of lines."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0
        self.taken = 0
        self.most = MAX_RECORD_LINES
        self.broken = 0
        self.ran_out = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.at >= len(self.lines) or self.taken >= self.most:
            self.ran_out = True
            raise StopIteration
        self.at += 1
        self.taken += 1
        return self.lines[self.at - 1]

    def start_record(self) -> int:
        """Begin a record: its 1-based line number."""
        self.taken = 0
        self.ran_out = False
        return self.at + 1

    def step_back(self, line: int) -> str:
        """Go on after this line alone: its text. Where each line opens a quote, looking far ahead takes minutes."""
        self.broken += 1
        if self.broken > MAX_BROKEN:
            message = f"More than {MAX_BROKEN} lines have a quotation mark that is never closed. Export the file again."
            raise UnreadableFile("broken_quotes", message)
        self.most = MAX_RECORD_LINES if self.broken < _BROKEN else _RECORD_LINES_THEN
        self.at = line
        return self.lines[line - 1]


def rows(text: str, delimiter: str, findings: Findings) -> Iterator[Row]:
    """Every record, blank ones as empty cells. A broken record becomes a problem and costs only its own line.

    Raises UnreadableFile: too_many_cells, broken_quotes.
    """
    left = MAX_CELLS
    source = _Lines(list(io.StringIO(text, newline="")))
    reader = csv.reader(source, delimiter=delimiter)
    while source.at < len(source.lines):
        line = source.start_record()
        cells = _next(reader) if len(source.lines[line - 1]) < MAX_LINE else None
        if cells is None or source.ran_out:
            cells = _broken(source.step_back(line), line, delimiter, findings)
            reader = csv.reader(source, delimiter=delimiter)
        left -= len(cells)
        if left < 0:
            raise UnreadableFile("too_many_cells", f"The file has more than {MAX_CELLS} cells. Split it by form.")
        yield Row(line, cells)


def _next(reader: Iterator[list[str]]) -> list[str] | None:
    try:
        return next(reader)
    except (csv.Error, StopIteration):
        return None


def _broken(line_text: str, line: int, delimiter: str, findings: Findings) -> list[str]:
    """The cells of a line whose quote is never closed, or none where the line is longer than any dictionary's."""
    if len(line_text) >= MAX_LINE:
        findings.error(line, "", "line_too_long", f"Line {line} is longer than {MAX_LINE} characters and was left out.")
        return []
    message = f"A quotation mark in line {line} is never closed; the line was read alone. Close it and upload again."
    findings.error(line, "", "unclosed_quote", message)
    plain = csv.reader([line_text], delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return [cell.strip('"') for cell in next(plain, [])]
