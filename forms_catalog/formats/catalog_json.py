"""Starter content and match_requests: a catalog as one JSON document or as JSONL rows → elements and record groups."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from forms_catalog.specs import ConvertibleUnit, ElementSpec, Option, Problem, RecordGroupSpec, SummaryRule

DATATYPES = {
    "string": "text", "character": "text", "varchar": "text", "alphanumeric": "text", "text": "text", "notes": "text",
    "number": "decimal", "numeric": "decimal", "float": "decimal", "double": "decimal", "decimal": "decimal",
    "int": "integer", "integer": "integer", "date": "date", "time": "time", "datetime": "datetime",
    "boolean": "choice", "yesno": "choice", "radio": "choice", "dropdown": "choice", "choice": "choice",
    "checkbox": "multichoice", "multichoice": "multichoice",
}  # fmt: skip
BESIDE = ("name", "question_text", "object_class", "property", "context", "dec_id")


@dataclass(frozen=True, slots=True)
class Catalog:
    """Elements and record groups by id. `texts` keeps what a matcher may read beside them: question_text, name …"""

    elements: Mapping[str, ElementSpec]
    groups: Mapping[str, RecordGroupSpec] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read(data: bytes | str) -> Catalog:
    """Read a file: one JSON document (an object with `elements`, or a list) or one element a line. Never raises."""
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        return Catalog({}, problems=(Problem(0, "", "not_utf8", "error", "The catalog is not UTF-8 text."),))
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return _from_lines(text.splitlines())
    if isinstance(document, Mapping) and "elements" in document:
        return parse(document)
    return parse({"elements": document if isinstance(document, list) else [document]})


def parse(document: Mapping[str, Any]) -> Catalog:
    """Read a parsed document with `elements` and, where it has them, `record_groups`."""
    rows = enumerate(_list(document.get("elements")), start=1)
    catalog = _catalog((0, f"elements[{i}]", row) for i, row in rows)
    return Catalog(catalog.elements, _groups(document), catalog.texts, catalog.problems)


def element(row: Mapping[str, Any]) -> ElementSpec:
    """One row → ElementSpec, tolerant of what other catalogs leave out or name in their own way."""
    options = tuple(_options(row.get("options")))
    limits = [_number(x) for x in _list(row.get("range"))[:2]]
    low, high = limits if len(limits) == 2 else (None, None)
    return ElementSpec(
        id=_text(row.get("id")),
        label=_text(row.get("label")) or _text(row.get("name")) or _text(row.get("id")),
        definition=_text(row.get("definition")),
        datatype=_datatype(_text(row.get("datatype") or row.get("type")), bool(options)),
        scope=_text(row.get("scope")) or "visit",
        recall=_text(row.get("recall")) or "point-in-time",
        reuse=_text(row.get("reuse")) or "never",
        options=options,
        unit=_text(row.get("unit_ucum") or row.get("units") or row.get("unit")),
        convertible_units=tuple(_units(row.get("convertible_units"))),
        minimum=low,
        maximum=high,
        effort_seconds=_seconds(row.get("effort_seconds")),
        identifier=row.get("identifier") is True,
        record_only=row.get("record_only") is True,
        do_not_merge_with=tuple(_text(x) for x in _list(row.get("do_not_merge_with"))),
        bindings=tuple(_bindings(row.get("bindings"))),
        **{name: _text(row.get(name)) for name in _PLAIN},
    )


_PLAIN = ("section", "source", "group", "summary_of", "detail_of", "combine", "note")


def _from_lines(lines: Iterable[str]) -> Catalog:
    rows: list[tuple[int, str, Any]] = []
    broken: list[Problem] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            rows.append((number, "", json.loads(line)))
        except (ValueError, RecursionError):
            broken.append(Problem(number, "", "not_json", "error", f"Line {number} is not JSON."))
    catalog = _catalog(rows)
    return Catalog(catalog.elements, {}, catalog.texts, (*broken, *catalog.problems))


def _catalog(rows: Iterable[tuple[int, str, Any]]) -> Catalog:
    """Elements by id from (line, path, row); the first of an id is kept, the rest are problems."""
    elements: dict[str, ElementSpec] = {}
    texts: dict[str, dict[str, str]] = {}
    problems: list[Problem] = []
    for line, path, row in rows:
        found = element(row) if isinstance(row, Mapping) else None
        if found is None or not found.id:
            problems.append(Problem(line, path, "no_id", "error", "An element needs an id."))
        elif found.id in elements:
            problems.append(Problem(line, path, "duplicate_id", "error", f"{found.id} comes twice; the first is kept."))
        else:
            elements[found.id] = found
            texts[found.id] = {name: _text(row[name]) for name in BESIDE if row.get(name)}
    return Catalog(elements, {}, texts, tuple(problems))


def _groups(document: Mapping[str, Any]) -> dict[str, RecordGroupSpec]:
    rows = (row for row in _list(document.get("record_groups")) if isinstance(row, Mapping))
    return {group.id: group for group in map(_group, rows)}


def _group(row: Mapping[str, Any]) -> RecordGroupSpec:
    return RecordGroupSpec(
        id=_text(row.get("id")),
        definition=_text(row.get("definition")),
        date=_text(row.get("date")),
        fields=tuple(_text(x) for x in _list(row.get("fields"))),
        summaries={str(name): _summary(rule) for name, rule in (row.get("summaries") or {}).items()},
        end=_text(row.get("end")),
        open_values=tuple(_text(x) for x in _list(row.get("open_values"))),
    )


def _summary(rule: Mapping[str, Any]) -> SummaryRule:
    within = _list(rule.get("within"))
    return SummaryRule(
        op=_text(rule.get("op")),
        where={str(k): tuple(_text(x) for x in v) for k, v in (rule.get("where") or {}).items()},
        of=_text(rule.get("of")),
        within=(int(within[0]), int(within[1])) if len(within) == 2 else None,
    )


def _datatype(written: str, has_options: bool) -> str:
    """Our word for a catalog's type: 'CHARACTER/Enumerated', 'integer' with options and 'boolean' are choices."""
    head, _, kind = written.lower().partition("/")
    known = DATATYPES.get(head.strip().replace(" ", ""), "text")
    if known == "multichoice":
        return known
    if has_options or kind.strip() == "enumerated":
        return "choice"
    return known


def _options(value: Any) -> Iterable[Option]:
    """Options written as labels, as {code, label}, or as a mapping of code to label."""
    if isinstance(value, Mapping):
        value = [{"code": code, "label": label} for code, label in value.items()]
    for item in _list(value):
        if isinstance(item, Mapping):
            code = _text(item.get("code", item.get("value")))
            yield Option(code, _text(item.get("label", item.get("display"))) or code)
        elif item is not None:
            yield Option(_text(item), _text(item))


def _units(value: Any) -> Iterable[ConvertibleUnit]:
    for item in _list(value):
        if isinstance(item, Mapping):
            yield ConvertibleUnit(_text(item.get("ucum")), _text(item.get("to_canonical")))


def _bindings(value: Any) -> Iterable[tuple[str, str, str]]:
    """Only codes somebody checked: a code without its evidence is worse than none."""
    for item in _list(value):
        if isinstance(item, Mapping) and item.get("status") == "verified":
            yield _text(item.get("system")), _text(item.get("code")), _text(item.get("display"))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    """A plain value as text that a database takes; '' for null and for what is no plain value."""
    if not isinstance(value, str | int | float):
        return ""
    return str(value).replace("\x00", "").encode("utf-8", "replace").decode().strip()


def _number(value: Any) -> float | None:
    """A finite number; JSON as Python reads it also knows NaN and Infinity, and whole numbers of any size."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < 1e15:
        return None
    return float(value)


def _seconds(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else round(number)
