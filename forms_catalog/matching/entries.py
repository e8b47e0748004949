"""What goes into and comes out of the matcher: frozen, plain. Built from specs or from JSONL rows."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from forms_catalog.specs import ElementSpec, FieldSpec, Option, Relation

DecisionKind = Literal["accept", "review", "new"]
REFERENCE = re.compile(r"\[(\w+)(?:\(([^)]+)\))?\]\s*=\s*'([^']*)'")


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One element a query can be matched to. `convertible` holds (UCUM, rule) pairs such as ('g/L', 'x/10').

    `datatype` is free text ("choice", "NUMBER/Non-enumerated"). `recall` is '' where the catalog does not say.
    `wordings` are other words a person confirmed for it.
    """

    id: str
    label: str
    question_text: str = ""
    definition: str = ""
    datatype: str = ""
    options: tuple[Option, ...] = ()
    unit: str = ""
    object_class: str = ""
    property: str = ""
    recall: str = ""
    section: str = ""
    convertible: tuple[tuple[str, str], ...] = ()
    do_not_merge_with: tuple[str, ...] = ()
    record_only: bool = False
    wordings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """One field request in a program's own words. Only `label` or `name` must say something.

    `kind` is a FieldSpec kind or free text. `context` is what the field depends on: the labels and chosen answers of
    the questions its branching names. `path` identifies the field inside its file.
    """

    name: str = ""
    label: str = ""
    section: str = ""
    kind: str = ""
    options: tuple[Option, ...] = ()
    unit: str = ""
    note: str = ""
    form: str = ""
    date_format: str = ""
    context: str = ""
    path: str = ""
    repeating: bool = False

    @property
    def key(self) -> str:
        """How this query is named in `rejected`: its path, else its name, else its label."""
        return self.path or self.name or self.label


@dataclass(frozen=True, slots=True)
class Remembered:
    """A wording a person confirmed to mean an element, with the answers it offered then and the value map confirmed
    with it (element code → program code). One wording names one element; who gives them decides between several."""

    wording: str
    element: str
    options: tuple[Option, ...] = ()
    value_map: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One proposed element. `score` is 0..1; `guards` are the reasons a person must look; `value_map` is element code
    to program code (None where there are no options); `factor` is the rule that turns a value of the program's unit
    into the element's unit ('x/10'), None where units agree. `lifts`, only where asked for, is what lifts (above 0) or
    lowers it beside the other candidates of its request, by feature, most first; see `ranking.Ranker.lifts`."""

    id: str
    score: float
    relation: Relation
    reasons: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    value_map: dict[str, str] | None = None
    factor: str | None = None
    lifts: Mapping[str, float] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the machine says about one query: accept (deliverable without a person), review, or new."""

    decision: DecisionKind
    candidates: tuple[Candidate, ...]

    def explained(self, lifts: Sequence[Mapping[str, float]]) -> Decision:
        """The same with what lifts each candidate; unchanged where `lifts` is empty."""
        told = zip(self.candidates, lifts, strict=False)
        return replace(self, candidates=tuple(replace(c, lifts=one) for c, one in told)) if lifts else self


NO_TEXTS: Mapping[str, str] = {}


def entry_of_element(element: ElementSpec, texts: Mapping[str, str] = NO_TEXTS) -> CatalogEntry:
    """A catalog element as the matcher reads it; `texts` are what its file says beside it (formats.catalog_json)."""
    return CatalogEntry(
        id=element.id,
        label=element.label,
        question_text=texts.get("question_text", ""),
        definition=element.definition,
        object_class=texts.get("object_class", ""),
        property=texts.get("property", ""),
        datatype=element.datatype,
        options=element.options,
        unit=element.unit,
        recall=element.recall,
        section=element.section,
        convertible=tuple((u.ucum, u.to_canonical) for u in element.convertible_units),
        do_not_merge_with=element.do_not_merge_with,
        record_only=element.record_only,
    )


def entries_of(elements: Iterable[ElementSpec], texts: Mapping[str, Mapping[str, str]]) -> list[CatalogEntry]:
    """Elements of a catalog in order; `texts` as in entry_of_element, by the element's id."""
    return [entry_of_element(element, texts.get(element.id, NO_TEXTS)) for element in elements]


def query_of_row(row: Mapping[str, Any]) -> Query:
    """A request row, bare or as {"query": {...}}; missing or null values are empty."""
    row = row.get("query", row)
    return Query(
        name=_text(row, "name"),
        label=_text(row, "label"),
        section=_text(row, "section"),
        kind=_text(row, "kind") or _text(row, "type"),
        options=options_of(row.get("options") or ()),
        unit=_text(row, "unit") or _text(row, "units"),
        note=_text(row, "note"),
        form=_text(row, "form"),
    )


def queries_of_fields(fields: Iterable[FieldSpec]) -> list[Query]:
    """Every field but the display-only ones, in order, each with the questions its branching depends on."""
    asked = [field for field in fields if field.kind != "display"]
    by_name = {field.name: field for field in asked}
    return [query_of_field(field, _context(field, by_name)) for field in asked]


def query_of_field(field: FieldSpec, context: str = "") -> Query:
    """One field of a dictionary as a query."""
    return Query(
        name=field.name,
        label=field.label,
        section=field.section,
        kind="number" if field.calculation else field.kind,
        options=field.options,
        unit=field.unit,
        note=field.note,
        form=field.form,
        date_format=field.date_format,
        context=context,
        path=field.path,
        repeating=field.repeating,
    )


def options_of(raw: Iterable[Any]) -> tuple[Option, ...]:
    """Options given as texts, (code, label) pairs or {"code", "label"} objects."""
    return tuple(_option(item) for item in raw)


def _option(item: Any) -> Option:
    if isinstance(item, Mapping):
        return Option(str(item.get("code", item.get("label", ""))), str(item.get("label", item.get("code", ""))))
    if isinstance(item, (list, tuple)) and len(item) == 2:
        return Option(str(item[0]), str(item[1]))
    return Option(str(item), str(item))


def _context(field: FieldSpec, by_name: Mapping[str, FieldSpec]) -> str:
    """The labels of the questions in a field's branching, each with the answer that opens the field."""
    parts = []
    for name, code, value in REFERENCE.findall(field.branching):
        parent = by_name.get(name)
        if parent is not None and parent is not field:
            answer = next((o.label for o in parent.options if o.code == (code or value)), "")
            parts.append(f"{parent.label} {answer}".strip())
    return "; ".join(dict.fromkeys(parts))


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return "" if value is None else str(value).strip()
