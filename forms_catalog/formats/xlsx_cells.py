"""The XML parts of an Excel workbook: which sheets there are, what their cells hold, and how a number is shown. Pure.

The parts come from xlsx_package, without DOCTYPE and bounded. They are read with lxml, a row at a time: openpyxl takes
2 s for the 60,000 cells that may be read, this 0.3 s.
"""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lxml import etree

MAX_COLUMNS = 300
_CHUNK = 1 << 16
_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})  # Excel's built-in date formats
_SPOKEN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_LETTER = re.compile(r"[dmyhs]", re.IGNORECASE)
_REFERENCE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x(?=[0-9A-Fa-f]{4}_)")
_EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 - sheets know no zone
_MOST_DAYS = 2_958_465  # 9999-12-31


@dataclass(frozen=True, slots=True)
class Part:
    """One sheet as the workbook lists it, with the name of its XML part."""

    title: str
    hidden: bool
    name: str


@dataclass(frozen=True, slots=True)
class Book:
    """What cells refer to: shared texts, for each style whether it shows a date, and the day dates count from."""

    texts: tuple[str, ...]
    dates: tuple[bool, ...]
    from_1904: bool


def sheets(parts: Mapping[str, bytes]) -> tuple[tuple[Part, ...], Book]:
    """The sheets that have a part, and what their cells refer to. Raises etree.XMLSyntaxError for damaged XML."""
    main = _main(parts)
    root = _tree(parts[main])
    folder, name = posixpath.split(main)
    targets = {
        item.get("Id", ""): _target(folder, item.get("Target", ""))
        for item in _tree(parts.get(f"{folder}/_rels/{name}.rels", b"<none/>"))
    }
    found = []
    for sheet in _all(root, "sheet"):
        relation = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
        part = targets.get(relation, "")
        if part in parts:
            found.append(Part(sheet.get("name", ""), sheet.get("state", "visible") != "visible", part))
    texts = tuple(_shared(parts.get(f"{folder}/sharedStrings.xml", b"")))
    counts = any(item.get("date1904") in ("1", "true") for item in _all(root, "workbookPr"))
    return tuple(found), Book(texts, _date_styles(parts.get(f"{folder}/styles.xml", b"")), counts)


def _main(parts: Mapping[str, bytes]) -> str:
    found = next((name for name in parts if name.lower() == "xl/workbook.xml"), "")
    return found or next(name for name in parts if re.fullmatch(r"xl/workbook\d*\.xml", name, re.IGNORECASE))


def _target(folder: str, target: str) -> str:
    return posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target))


def _tree(data: bytes) -> Any:
    return etree.fromstring(data, etree.XMLParser(**_options()))


def _options() -> dict[str, Any]:
    return {"resolve_entities": False, "load_dtd": False, "no_network": True, "huge_tree": False, "remove_pis": True}


def _all(root: Any, name: str) -> Iterator[Any]:
    yield from root.iter(f"{{*}}{name}")


def _ended(data: bytes, name: str) -> Iterator[Any]:
    """Each element of that name once it is whole; emptied afterwards, so that memory stays small."""
    parser: Any = etree.XMLPullParser(events=("end",), tag=f"{{*}}{name}", remove_comments=True, **_options())
    for at in range(0, len(data), _CHUNK):
        parser.feed(data[at : at + _CHUNK])
        for _, element in parser.read_events():
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    if data:
        parser.close()


def _shared(data: bytes) -> Iterator[str]:
    for item in _ended(data, "si"):
        yield _words(item)


def _words(item: Any) -> str:
    """The text of a shared or inline string, rich text joined, without phonetic readings."""
    found = [t.text or "" for t in _all(item, "t") if not t.getparent().tag.endswith("}rPh")]
    return unescaped("".join(found))


def _date_styles(data: bytes) -> tuple[bool, ...]:
    if not data:
        return ()
    root = _tree(data)
    own = {item.get("numFmtId", ""): _shows_date(item.get("formatCode", "")) for item in _all(root, "numFmt")}
    formats = next(_all(root, "cellXfs"), ())
    return tuple(
        own.get(number, number.isdigit() and len(number) < 4 and int(number) in _DATES)
        for number in (item.get("numFmtId", "") for item in formats)
    )


def _shows_date(code: str) -> bool:
    return bool(_DATE_LETTER.search(_SPOKEN.sub("", code[:255].split(";", 1)[0])))


def rows(data: bytes, book: Book) -> Iterator[tuple[int, dict[int, str]]]:
    """(row number, its filled cells by column from 0), in the file's order; columns beyond MAX_COLUMNS are left out."""
    line = 0
    for row in _ended(data, "row"):
        number = row.get("r", "")
        line = int(number) if number.isascii() and number.isdigit() and len(number) < 8 else line + 1
        yield line, dict(_cells(row, book))


def _cells(row: Any, book: Book) -> Iterator[tuple[int, str]]:
    column = -1
    for cell in row.iterchildren("{*}c"):
        place = _REFERENCE.fullmatch(cell.get("r", ""))
        column = column_of(place[1]) if place else column + 1
        if column < MAX_COLUMNS and len(cell) and (text := _text(cell, book)):
            yield column, text


def column_of(letters: str) -> int:
    """A is 0, AA is 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _text(cell: Any, book: Book) -> str:
    """The cell as people see it. Of a formula the value it had when the file was saved."""
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _words(cell)
    value = next(cell.iterchildren("{*}v"), None)
    text = "" if value is None or value.text is None else str(value.text)
    match kind:
        case "s":
            at = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
            return book.texts[at] if 0 <= at < len(book.texts) else ""
        case "b":
            return {"1": "TRUE", "0": "FALSE"}.get(text, text)
        case "n":
            style = cell.get("s", "0")
            at = int(style) if style.isascii() and style.isdigit() and len(style) < 9 else 0
            return number_text(text, is_date=at < len(book.dates) and book.dates[at], from_1904=book.from_1904)
        case _:
            return unescaped(text)


def number_text(text: str, *, is_date: bool, from_1904: bool = False) -> str:
    """1.0 is 1 and 0.30000000000000004 is 0.3; a day without a time is a date, a time without a day is a time."""
    try:
        number = float(text) if len(text) < 40 else float("nan")
    except ValueError:
        return text
    if is_date and 0 <= number <= _MOST_DAYS:
        return _moment(number, from_1904)
    if math.isnan(number) or abs(number) >= 1e15:
        return text
    return str(int(number)) if number.is_integer() else f"{number:.15g}"


def _moment(number: float, from_1904: bool) -> str:
    try:
        found = _EPOCHS[from_1904] + timedelta(seconds=round(number * 86_400))
    except OverflowError:
        return str(number)
    clock = f"{found:%H:%M:%S}".removesuffix(":00")
    if number < 1:
        return clock
    day = f"{found.year:04d}-{found:%m-%d}"
    return day if number.is_integer() else f"{day} {clock}"


def unescaped(text: str) -> str:
    """The text without Excel's _xHHHH_ for characters that XML cannot hold."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def escaped(text: str) -> str:
    """The text as a cell can hold it: what XML cannot say becomes _xHHHH_, as Excel does it."""
    return _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0][0]):04X}_" + found[0][1:], text)
