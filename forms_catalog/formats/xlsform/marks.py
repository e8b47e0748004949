"""What an XLSForm has no column for, kept as JSON in this product's own column `askonce` and read back. Pure.

`row` is a checksum of the row and its choices as they were written: what a person can see and change there counts only
while they are unchanged. Values have the shapes of redcap/marks.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from forms_catalog.formats.redcap import marks as shapes
from forms_catalog.specs import FieldSpec, Option

_TEXTS = frozenset({"annotation", "branching", "form", "field_type", "branching_as_written", "calculation_as_written"})
KEPT = shapes.KEPT | _TEXTS | {"asks"}


def checksum(cells: Mapping[str, str], options: tuple[Option, ...], column: str) -> str:
    """8 hex digits over all cells but our own column, and the choices."""
    words = [f"{name}={' '.join(cells[name].split())}" for name in sorted(cells) if name != column]
    words += [f"{option.code}={' '.join(option.label.split())}" for option in options]
    return f"{zlib.crc32(chr(31).join(words).encode('utf-8', 'surrogatepass')):08x}"


def written(values: Mapping[str, Any]) -> str:
    """The mark as a cell; pyxform would take ${…} in it for a question."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).replace("$", "\\u0024")


def value_of(field: FieldSpec, what: str) -> Any:
    """The attribute as JSON holds it."""
    return shapes.value_of(field, what)


def restored(field: FieldSpec, mark: Mapping[str, Any], row: str) -> FieldSpec:
    """The field with what the mark says about it; values of a wrong shape are passed over."""
    found = shapes.restored(field, mark, row)
    if mark.get("row") != row:
        return found
    texts: dict[str, Any] = {what: mark[what] for what in _TEXTS & mark.keys() if isinstance(mark[what], str)}
    if isinstance(mark.get("asks"), bool):
        texts["asks"] = mark["asks"]
    return replace(found, **texts) if texts else found
