"""Step 1: bytes of a dictionary file to DictionarySpec, and back. The format is found in the content, not its name.

A format is a package here with FORMAT, looks_like(data), read(data, name) and, where it can be written, write(spec).
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from forms_catalog.formats import fhir, odm, redcap, table, xlsform
from forms_catalog.formats.containers import container
from forms_catalog.formats.problems import UnreadableFile
from forms_catalog.formats.summary import summary
from forms_catalog.specs import DictionarySpec, Written

__all__ = ["UnreadableFile", "detect", "read", "summary", "write", "writers"]

# What a file can be, by how its bytes are packed; the first that recognises its own is taken.
_BY_CONTAINER: dict[str, tuple[ModuleType, ...]] = {
    "text": (redcap, table),
    "xml": (odm, fhir),
    "json": (fhir,),
    "zip": (xlsform, table),
}
_READERS = {module.FORMAT: module for modules in _BY_CONTAINER.values() for module in modules}
_WRITERS: dict[str, Callable[[DictionarySpec], Written]] = {
    "fhir": fhir.write,
    "odm": odm.write,
    "odm2": odm.write_2,
    "redcap": redcap.write,
    "xlsform": xlsform.write,
}
_ADVICE = (
    "Upload a REDCap data dictionary (CSV), a study as CDISC ODM-XML,"
    " a FHIR Questionnaire, an XLSForm or a request sheet (CSV, Excel) with a question column."
)
_UNKNOWN = {
    "text": "No row has the columns of a dictionary, such as 'Variable / Field Name' and 'Field Type'.",
    "xml": "This is an XML or HTML file, but no dictionary.",
    "json": "This is a JSON file, but no dictionary.",
    "zip": "This is a zip or Excel file, but no dictionary.",
}


def detect(data: bytes) -> str:
    """The format's name, from content alone. Raises UnreadableFile where it is no dictionary that is read here."""
    packed = container(data)
    for module in _BY_CONTAINER[packed]:
        if module.looks_like(data):
            return str(module.FORMAT)
    raise UnreadableFile("not_a_dictionary", f"{_UNKNOWN[packed]} {_ADVICE}")


def read(data: bytes, name: str = "") -> DictionarySpec:
    """The dictionary in the file with all its fields and problems. `name` becomes the title. Raises UnreadableFile."""
    found: DictionarySpec = _READERS[detect(data)].read(data, name)
    return found


def writers() -> tuple[str, ...]:
    """The names of the formats that `write` takes, sorted."""
    return tuple(sorted(_WRITERS))


def write(spec: DictionarySpec, format_name: str) -> Written:
    """The dictionary as a file of that format, with what the format cannot say. Raises KeyError for another name."""
    return _WRITERS[format_name](spec)
