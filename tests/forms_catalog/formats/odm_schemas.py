"""CDISC's schemas for ODM 1.3.2 and 2.0, as odmlib ships them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import odmlib
from lxml import etree

FOLDER = Path(odmlib.__file__).parent / "schemas/odm"
FILES = {"odm": "1.3.2/ODM1-3-2.xsd", "odm2": "2.0/ODM.xsd"}


@cache
def schema(format_name: str) -> etree.XMLSchema:
    """The schema of what a writer writes; takes a moment, so each is read once."""
    return etree.XMLSchema(etree.parse(str(FOLDER / FILES[format_name])))


def faults(data: bytes, format_name: str) -> list[str]:
    """What is not valid about a file, [] where nothing is."""
    found = schema(format_name)
    found.validate(etree.fromstring(data))
    return [f"line {error.line}: {error.message}" for error in found.error_log]  # type: ignore[attr-defined]
