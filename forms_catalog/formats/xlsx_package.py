"""The zip of an Excel workbook, opened with limits: only the parts with cells are inflated, and each is checked first.

The parsers see nothing but what comes out of here: no macros, drawings, external links, or DOCTYPEs.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from forms_catalog.formats.problems import UnreadableFile

MAX_BYTES = 10_000_000
MAX_PARTS = 1_000
MAX_INFLATED = 24_000_000  # bytes of the parts with cells; a form of 2,000 questions has about 4,000,000
MAX_DECLARED = 400_000_000  # bytes of all parts as the zip says
MAX_RATIO = 300  # how much smaller a part with cells may be packed; XML of real tables reaches 60
MAX_MARKS = 750_000  # "<" and "=" in the parts with cells: about 65,000 filled cells, all different
_SMALL = 1_000_000  # below this size no ratio is looked at
_KEPT = re.compile(r"xl/.*\.(?:xml|rels)", re.IGNORECASE)
_LEFT_OUT = re.compile(
    r"xl/(?:activeX|chartsheets|charts|comments|ctrlProps|customXml|diagrams|dialogsheets|drawings|embeddings|"
    r"externalLinks|macrosheets|media|persons|pivotCache|pivotTables|printerSettings|queryTables|richData|slicers|"
    r"slicerCaches|tables|theme|threadedComments|timelines|webextensions|worksheets/_rels)/|"
    r"xl/(?:comments\d*|calcChain|connections|metadata|volatileDependencies|vbaData|xmlMaps)\.xml",
    re.IGNORECASE,
)
_UNSAFE = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]|^[A-Za-z]:|\x00")
_LONG_TAG = re.compile(rb"<[^<>]{20000}")
_ENTRY = b"PK\x01\x02"  # starts each entry of the central directory
_AGAIN = "Open it in Excel, save it as .xlsx and upload that."


def parts(data: bytes) -> dict[str, bytes]:
    """The parts of the workbook that say what its cells hold, by name.

    Raises UnreadableFile: too_large, zip_bomb, encrypted, unsafe_path, malformed, doctype, not_a_workbook.
    """
    if len(data) > MAX_BYTES:
        raise _too_large()
    if data.count(_ENTRY) > MAX_PARTS:  # before any directory is built
        raise UnreadableFile("zip_bomb", f"The file has more than {MAX_PARTS} parts. {_AGAIN}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _parts(package)
    # zipfile: NotImplementedError for a compression it does not know, RuntimeError for a password, OSError for offsets
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        message = f"The file is damaged ({str(error)[:80]}). {_AGAIN}"
        raise UnreadableFile("malformed", message) from None


def _parts(package: zipfile.ZipFile) -> dict[str, bytes]:
    entries = package.infolist()
    _check(entries)
    wanted = [e for e in entries if _KEPT.fullmatch(e.filename) and not _LEFT_OUT.match(e.filename)]
    if not any(re.fullmatch(r"xl/workbook\d*\.xml", e.filename, re.IGNORECASE) for e in wanted):
        message = f"This is a zip file and no Excel workbook (.xlsx). {_AGAIN}"
        raise UnreadableFile("not_a_workbook", message)
    budget = _Budget()
    return {entry.filename: budget.inflated(package, entry) for entry in wanted}


def _check(entries: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if entry.flag_bits & 0x1:
            raise UnreadableFile("encrypted", "The file has a password. Save it without one and upload that.")
        if _UNSAFE.search(name) or "\\" in name:
            raise UnreadableFile("unsafe_path", f"The file has a part with an unsafe name ({name[:40]!r}). {_AGAIN}")
        if name.lower() in seen:
            raise UnreadableFile("malformed", f"The file has two parts named {name[:60]!r}. {_AGAIN}")
        seen.add(name.lower())
    if sum(entry.file_size for entry in entries) > MAX_DECLARED:
        raise _bomb()


class _Budget:
    """What may still be inflated, in bytes and in XML marks, over all parts of one file."""

    def __init__(self) -> None:
        self.bytes = MAX_INFLATED
        self.marks = MAX_MARKS

    def inflated(self, package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
        """The part's bytes, never more than the budget, whatever size the zip declares."""
        if entry.file_size > _SMALL and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
            raise _bomb()
        if entry.file_size > self.bytes:
            raise _too_large()
        with package.open(entry) as part:
            data = part.read(self.bytes + 1)
        self.bytes -= len(data)
        self.marks -= data.count(b"<") + data.count(b"=")
        if self.bytes < 0 or self.marks < 0:
            raise _too_large()
        return _checked(entry.filename, data)


def _checked(name: str, data: bytes) -> bytes:
    """The XML without DOCTYPE. UTF-16 is not written by any spreadsheet and would hide one."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:400]:
        raise UnreadableFile("malformed", f"Part {name[:60]} is not in UTF-8. {_AGAIN}")
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise UnreadableFile("doctype", f"Part {name[:60]} has a DOCTYPE, which can hide harmful content. {_AGAIN}")
    if _LONG_TAG.search(data):
        raise UnreadableFile("malformed", f"Part {name[:60]} has a tag no spreadsheet writes. {_AGAIN}")
    head = data[:200].lower()
    if b"encoding" in head and b"utf-8" not in head and b"ascii" not in head:
        raise UnreadableFile("malformed", f"Part {name[:60]} is not in UTF-8. {_AGAIN}")
    return data


def _bomb() -> UnreadableFile:
    return UnreadableFile("zip_bomb", "The file unpacks to far more than a dictionary. It was not opened.")


def _too_large() -> UnreadableFile:
    message = (
        "The workbook is larger than any dictionary. Delete empty rows and other sheets, or split it, and save it."
    )
    return UnreadableFile("too_large", message)
