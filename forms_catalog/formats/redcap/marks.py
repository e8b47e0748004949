"""What REDCap has no column for, kept in the Field Annotation as `@ASKONCE={…}` and read back. Pure.

REDCap shows and keeps tags it does not know. The JSON holds attributes of FieldSpec; `row` is a checksum of the row's
other cells: attributes that a person can see and change in REDCap count only while the row is as it was written.
`added` is the text that was added to the annotation before the mark.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from forms_catalog.specs import FieldSpec, Option, Translation

TAG = "@ASKONCE="
ROW_ADDED = "record id"  # value of `added_row`
_ALWAYS = frozenset({"unit", "codes", "translations", "repeating"})
_WHILE_UNCHANGED = frozenset({
    "label", "kind", "note", "validation", "date_format", "minimum", "maximum", "initial", "section", "identifier",
    "required", "calculation", "options",
})  # fmt: skip
KEPT = _ALWAYS | _WHILE_UNCHANGED
_KINDS = frozenset(
    {"text", "notes", "integer", "decimal", "date", "datetime", "time", "choice", "multichoice", "file", "display"}
)
_FORMATS = frozenset({"", "ymd", "dmy", "mdy", "my"})
_YES_OR_NO = frozenset({"repeating", "identifier", "required"})


def split(annotation: str) -> tuple[str, dict[str, Any]]:
    """(annotation without the mark, what the mark says). A damaged mark stays in the annotation and says nothing."""
    start = annotation.rfind(TAG + "{")
    if start < 0:
        return annotation, {}
    try:
        found = json.loads(annotation[start + len(TAG) :])
        json.dumps(found, ensure_ascii=False).encode()  # half characters cannot be kept
    except (ValueError, RecursionError):
        return annotation, {}
    if not isinstance(found, dict):
        return annotation, {}
    return annotation[:start].rstrip(), found


def without_added(annotation: str, mark: Mapping[str, Any]) -> str:
    """The annotation as it was before the writer added tags to it."""
    added = mark.get("added")
    return annotation.removesuffix(added).rstrip() if isinstance(added, str) and added else annotation


def tag(values: Mapping[str, Any]) -> str:
    """The mark for these values (`value_of` makes them); other @-tags cannot be read into it."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return TAG + text.replace("@", "\\u0040")


def value_of(field: FieldSpec, what: str) -> Any:
    """The attribute as JSON holds it."""
    value = getattr(field, what)
    if what == "options":
        return _plain_options(value)
    if what == "translations":
        return [[t.language, t.label, t.note, _plain_options(t.options)] for t in value]
    return value


def _plain_options(options: tuple[Option, ...]) -> list[list[str]]:
    return [[option.code, option.label] for option in options]


def checksum(cells: Mapping[str, str], names: tuple[str, ...]) -> str:
    """8 hex digits over the cells named but the annotation; white space does not count."""
    words = "\x1f".join(" ".join(cells.get(name, "").split()) for name in names if name != "field_annotation")
    return f"{zlib.crc32(words.encode('utf-8', 'surrogatepass')):08x}"


def restored(field: FieldSpec, mark: Mapping[str, Any], row: str) -> FieldSpec:
    """The field with what the mark says about it; values of a wrong shape are passed over."""
    trusted = KEPT if mark.get("row") == row else _ALWAYS
    found = {}
    for what in sorted(trusted & mark.keys()):
        value = _read(what, mark[what])
        if value is not None:
            found[what] = value
    return replace(field, **found) if found else field


def is_text(value: Any) -> bool:
    """Whether it is a text that can be kept: NUL cannot."""
    return isinstance(value, str) and "\x00" not in value


def _read(what: str, value: Any) -> Any:
    if what in _YES_OR_NO:
        return value if isinstance(value, bool) else None
    if what in ("codes", "options", "translations"):
        try:
            return _READERS[what](value)
        except (IndexError, TypeError, ValueError):
            return None
    if not is_text(value) or (what == "kind" and value not in _KINDS):
        return None
    return None if what == "date_format" and value not in _FORMATS else value


def _texts(values: Any, count: int) -> tuple[str, ...]:
    if not isinstance(values, list) or len(values) != count or not all(map(is_text, values)):
        raise ValueError("not a list of texts")
    return tuple(values)


def _codes(value: Any) -> tuple[tuple[str, str, str], ...]:
    found = [_texts(item, 3) for item in value]
    return tuple((system, code, display) for system, code, display in found)


def _options(value: Any) -> tuple[Option, ...]:
    return tuple(Option(*_texts(item, 2)) for item in value)


def _translations(value: Any) -> tuple[Translation, ...]:
    return tuple(_translation(*item) for item in value)


def _translation(*item: Any) -> Translation:
    language, label, note = _texts([*item[:-1]], 3)
    return Translation(language, label, note, _options(item[-1]))


_READERS: dict[str, Callable[[Any], Any]] = {
    "codes": _codes,
    "options": _options,
    "translations": _translations,
}
