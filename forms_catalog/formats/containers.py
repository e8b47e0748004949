"""How the bytes of an uploaded file are packed: text, xml, json or zip. Nothing is parsed or unpacked here."""

from __future__ import annotations

import codecs

from forms_catalog.formats.problems import UnreadableFile

MAX_BYTES = 20_000_000  # forty times the largest real dictionary seen
_NOT_TAKEN = {
    b"\xd0\xcf\x11\xe0": "This is an old Excel file (.xls) or has a password. Save it as .xlsx without one.",
    b"%PDF": "This is a PDF. Upload the dictionary itself, as the system that made it exports it.",
    b"\x89PNG": "This is a picture. Upload the dictionary itself.",
    b"\xff\xd8\xff": "This is a picture. Upload the dictionary itself.",
    b"\x1f\x8b": "This is a compressed file. Unpack it and upload the dictionary in it.",
    b"7z\xbc\xaf": "This is a compressed file. Unpack it and upload the dictionary in it.",
    b"Rar!": "This is a compressed file. Unpack it and upload the dictionary in it.",
}
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def container(data: bytes) -> str:
    """'text', 'xml', 'json' or 'zip'. Raises UnreadableFile: empty, too_large, binary."""
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise UnreadableFile("empty", "The file is empty. Export the dictionary again and upload that file.")
    if len(data) > MAX_BYTES:
        raise UnreadableFile("too_large", f"The file is larger than {MAX_BYTES // 1_000_000} MB. Split it by form.")
    for start, message in _NOT_TAKEN.items():
        if data.startswith(start):
            raise UnreadableFile("binary", message)
    if data.startswith(b"PK\x03\x04"):
        return "zip"
    return {"<": "xml", "{": "json", "[": "json"}.get(_first(data), "text")


def _first(data: bytes) -> str:
    """The first character that is no white space, whatever the encoding says it is."""
    head = data[:4_096]
    encoding = _UTF16.get(head[:2], "utf-8-sig")
    text = head[2:].decode(encoding, "replace") if head[:2] in _UTF16 else head.decode(encoding, "replace")
    return text.lstrip()[:1]
