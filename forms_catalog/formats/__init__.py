"""Step 1: bytes of a dictionary file to DictionarySpec. The format is found in the content, never in its name."""

from __future__ import annotations

from forms_catalog.formats import redcap
from forms_catalog.formats.csv_rows import decode
from forms_catalog.formats.problems import Findings, UnreadableFile
from forms_catalog.formats.summary import summary
from forms_catalog.specs import DictionarySpec

__all__ = ["UnreadableFile", "detect", "read", "summary"]

_BINARY = {
    b"PK\x03\x04": "This is a zip or Excel file.",
    b"\xd0\xcf\x11\xe0": "This is an old Excel file.",
    b"%PDF": "This is a PDF.",
    b"\x89PNG": "This is a picture.",
    b"\xff\xd8\xff": "This is a picture.",
    b"\x1f\x8b": "This is a compressed file.",
}
_READERS = {redcap.FORMAT: redcap.read}
_ADVICE = "Upload a REDCap data dictionary (CSV)."


def detect(data: bytes) -> str:
    """The format's name, from content alone. Raises UnreadableFile where it is no dictionary that is read here."""
    for start, what in _BINARY.items():
        if data.startswith(start):
            raise UnreadableFile("binary", f"{what} {_ADVICE}")
    text = decode(data, Findings())
    if redcap.looks_like(text):
        return redcap.FORMAT
    if text.lstrip()[:1] in ("<", "{", "["):
        raise UnreadableFile("unknown_format", f"This is an XML, HTML or JSON file. {_ADVICE}")
    message = f"No row has the columns of a dictionary, such as 'Variable / Field Name' and 'Field Type'. {_ADVICE}"
    raise UnreadableFile("not_a_dictionary", message)


def read(data: bytes, name: str = "") -> DictionarySpec:
    """The dictionary in the file with all its fields and problems. `name` becomes the title. Raises UnreadableFile."""
    return _READERS[detect(data)](data, name)
