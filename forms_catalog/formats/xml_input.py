"""XML bytes to a tree, for every XML reader: no entities, no DTD, no network, bounded depth and size.

Whatever its encoding, the file is made UTF-8 first, so that what is checked here is what the parser sees.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

from lxml import etree

from forms_catalog.formats.problems import Findings, UnreadableFile

Element = etree._Element

MAX_MARKS = 400_000  # '<' and '=' outside of patient data; a dictionary of 5,000 items has about 285,000
_HEAD = 100_000  # bytes in which the first element must start
_CHUNK = 1 << 16
_MANY_LINES = 100_000
_DATA = ("SubjectData", "ItemGroupData")  # what ODM puts beside the dictionary; dropped while it is read
_DECLARATION = re.compile(rb"\s*<\?xml\s[^>]*?\?>", re.DOTALL)
_ENCODING = re.compile(rb"\s*<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']", re.DOTALL)
_BESIDE = re.compile(rb"\s+|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_ROOT = re.compile(rb"<(?:[^\s<>/:]+:)?([^\s<>/:]+)")
_POSITION = re.compile(r", line \d+, column \d+$")
_BY_BOM = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_TABLES = {
    *(f"iso8859-{n}" for n in range(1, 17)),
    *(f"cp{n}" for n in (437, 850, 874, 932, 949, 950, *range(1250, 1259))),
    *("ascii", "koi8-r", "gb2312", "gbk", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr"),
}


def root_name(data: bytes) -> str:
    """The first element's name without its prefix; '' where there is none. Raises UnreadableFile('doctype')."""
    found = _ROOT.match(_prolog_read(_utf8(data[:_HEAD], Findings())))
    return found[1].decode("utf-8", "replace") if found else ""


def parse(data: bytes, findings: Findings) -> Element:
    """The root element, with comments, processing instructions and patient data left out.

    Raises UnreadableFile: doctype, encoding, malformed (with line and column), too_deep, too_many_elements.
    """
    text = _utf8(data, findings)
    _prolog_read(text[:_HEAD])
    options: dict[str, Any] = {"resolve_entities": False, "load_dtd": False, "no_network": True, "huge_tree": False}
    parser: Any = etree.XMLPullParser(
        events=("start", "end"),
        tag=tuple(f"{{*}}{name}" for name in _DATA),
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        **options,
    )
    try:
        root: Element = _fed(parser, text)
    except etree.XMLSyntaxError as error:
        raise _malformed(error) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype()
    return root


def _fed(parser: Any, text: bytes) -> Element:
    """Feed the parser piece by piece, drop patient data as it comes, and stop where there is too much of the rest."""
    if not any(name.encode() in text for name in _DATA):
        _few(_marks(text))  # nothing will be dropped, so no tree is begun that is too large to be finished
    marks = 0
    for at in range(0, len(text), _CHUNK):
        piece = text[at : at + _CHUNK]
        parser.feed(piece)
        marks += _marks(piece)
        if _dropped(parser):
            marks = max(0, marks - _marks(piece))
        _few(marks)
    root: Element = parser.close()
    return root


def _marks(text: bytes) -> int:
    return text.count(b"<") + text.count(b"=")


def _few(marks: int) -> None:
    if marks > MAX_MARKS:
        message = f"The file has more than {MAX_MARKS} elements and attributes. Split it by form."
        raise UnreadableFile("too_many_elements", message)


def _dropped(parser: Any) -> bool:
    """Empty every finished element of patient data; whether there was one."""
    found = False
    for event, element in parser.read_events():
        found = True
        if event == "end":
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    return found


def _prolog_read(text: bytes) -> bytes:
    """The text from the first element on. A DOCTYPE is refused before any parser sees it."""
    at = 0
    while found := _BESIDE.match(text, at):
        at = found.end()
    if text[at : at + 9].upper() == b"<!DOCTYPE":
        raise _doctype()
    return text[at:]


def _doctype() -> UnreadableFile:
    message = (
        "The file has a DOCTYPE, which can hide harmful content. Delete that line (<!DOCTYPE …>) and upload again."
    )
    return UnreadableFile("doctype", message)


def _malformed(error: etree.XMLSyntaxError) -> UnreadableFile:
    line, column = error.position
    text = _POSITION.sub("", str(error.msg))[:200]
    if text.startswith("Excessive depth"):
        return UnreadableFile(
            "too_deep", f"Line {line}, column {column}: elements are nested too deep to be a dictionary."
        )
    message = (
        f"Line {line}, column {column}: this is no correct XML ({text}). Correct it there or export the file again."
    )
    return UnreadableFile("malformed", message)


def _utf8(data: bytes, findings: Findings) -> bytes:
    """The file in UTF-8 with its XML declaration blanked, so that line and column stay what they are."""
    encoding = _encoding(data)
    for mark, _ in _BY_BOM:
        data = data.removeprefix(mark)
    if encoding != "utf-8":
        data = data.decode(encoding, "replace").encode()
    elif not _is_utf8(data):
        message = "The file is not UTF-8; such lines were read as Windows-1252. Check letters with accents."
        findings.info(0, "", "encoding_guessed", message)
        data = _mended(data)
    declared = _DECLARATION.match(data)
    return data if not declared else re.sub(rb"[^\r\n]", b" ", declared[0]) + data[declared.end() :]


def _encoding(data: bytes) -> str:
    """The encoding by byte order mark, zero bytes, or declaration. Raises UnreadableFile('encoding')."""
    for mark, name in _BY_BOM:
        if data.startswith(mark):
            return name
    if data[:2] == b"<\x00":
        return "utf-16-le"
    declared = _ENCODING.match(data[:400])
    name = declared[1].decode("ascii") if declared else "utf-8"
    try:
        known = codecs.lookup(name).name
    except LookupError:
        known = ""
    if known.startswith(("utf-8", "utf-16")):
        return "utf-8"  # a declaration that can be read as ASCII is no UTF-16
    if known not in _TABLES:
        raise UnreadableFile(
            "encoding", f"The file says its encoding is {name!r}, which is not read. Save it as UTF-8."
        )
    return known


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), 1 << 20):
            decoder.decode(data[at : at + (1 << 20)])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _mended(data: bytes) -> bytes:
    """Windows-1252 made UTF-8 in the lines that are not UTF-8; in all lines where there are very many."""
    if data.count(b"\n") > _MANY_LINES:
        return data.decode("cp1252", "replace").encode()
    return b"".join(
        line if _is_utf8(line) else line.decode("cp1252", "replace").encode() for line in data.splitlines(keepends=True)
    )
