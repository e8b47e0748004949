"""The header row of a sheet, for the readers that find columns by name."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header stands, its cells as written, and what each column is for the reader ('' = not known to it)."""

    line: int
    written: tuple[str, ...]
    names: tuple[str, ...]


def key(text: str) -> str:
    """A header cell without case, spaces and marks: 'CDE_Public ID*' and 'cde public id' are the same."""
    return re.sub(r"[^a-z0-9]", "", text.lower())
