"""Curator decisions as data: two CSV files of a program → MappingSpecs. Called by mapping.confirm's loader and tests.

`<program>.csv`: program, variable, catalog_id, relation, further_sources (`element` or `element#qualifier`, joined
with `|`), qualifier_question, qualifier_options (`code, Label | …`), condition, transform (JSON steps), reason.
`<program>_values.csv`: program, variable, program_code, catalog_id, catalog_code (blank = derived, no direct code).
"""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from forms_catalog import decision_checks
from forms_catalog.drafts import draft_id
from forms_catalog.specs import (
    DictionarySpec,
    ElementSpec,
    MappingSpec,
    Option,
    Problem,
    Relation,
    Source,
    Step,
)
from forms_catalog.transforms import Refusal
from forms_catalog.transforms.units import factor_text, to_program


@dataclass(frozen=True, slots=True)
class NotSame:
    """A tempting but wrong pair, recorded so that it is not proposed again."""

    program: str
    path: str
    element: str
    reason: str
    line: int = field(default=0, compare=False)  # of the file it was read from; 0 = of none


@dataclass(frozen=True, slots=True)
class Decisions:
    """All decisions of one program, in the dictionary's order, with what is wrong in the files.

    `lines` is where the decision of each path stands in the first file.
    """

    mappings: tuple[MappingSpec, ...]
    not_same: tuple[NotSame, ...]
    problems: tuple[Problem, ...]
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    @property
    def by_path(self) -> dict[str, MappingSpec]:
        """The mapping of each field path."""
        return {m.path: m for m in self.mappings}


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "").strip()


def read(
    decisions_csv: str,
    values_csv: str,
    dictionary: DictionarySpec,
    elements: Mapping[str, ElementSpec],
    *,
    whole: bool = True,
) -> Decisions:
    """The program's decisions. Never raises: what cannot be read is a problem and its field stays undecided.

    `whole` says that every field must be decided; without it a file may hold some of them.
    """
    try:
        rows, values = _rows(decisions_csv), _rows(values_csv)
    except csv.Error as error:
        return Decisions((), (), (Problem(0, "", "table_unreadable", "error", f"This is no CSV: {error}."),))
    problems: list[Problem] = []
    pairs = tuple(NotSame(r["program"], r["variable"], r["catalog_id"], r["reason"], r.line) for r in rows if _wrong(r))
    primary = [r for r in rows if not _wrong(r)]
    order = {f.path: f.order for f in dictionary.fields}
    mappings = [m for r in primary if (m := _mapping(r, values, elements, problems)) is not None]
    mappings.sort(key=lambda m: order.get(m.path, len(order)))
    lines = {r["variable"]: r.line for r in primary}
    problems += decision_checks.rows(primary, pairs, dictionary, elements, whole=whole)
    found = decision_checks.mappings(mappings, dictionary, elements)
    problems += [replace(p, line=lines.get(p.path, p.line)) for p in found]
    codes = decision_checks.values(values, mappings, dictionary, elements)
    problems += [replace(p, message=f"file of codes: {p.message}") if p.severity == "error" else p for p in codes]
    ordered = tuple(sorted(problems, key=lambda p: (p.line, p.path, p.code)))
    return Decisions(tuple(mappings), pairs, ordered, lines)


def _rows(text: str) -> list[_Row]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    return [_Row(reader.line_num, {k: v or "" for k, v in row.items() if k}) for row in reader]


def _wrong(row: _Row) -> bool:
    return row["relation"] == "not_same"


def _mapping(
    row: _Row, values: Iterable[_Row], elements: Mapping[str, ElementSpec], problems: list[Problem]
) -> MappingSpec | None:
    try:
        steps = _steps(row["transform"])
        own = [v for v in values if v["variable"] == row["variable"]]
        element = elements.get(row["catalog_id"])
        transform = tuple(_completed(s, own, element) for s in steps)
        return MappingSpec(
            program=row["program"],
            path=row["variable"],
            relation=cast(Relation, row["relation"]),
            sources=_sources(row),
            transform=transform,
            condition=row["condition"],
            qualifier_question=row["qualifier_question"],
            qualifier_options=_options(row["qualifier_options"]),
            reason=row["reason"],
        )
    except (Refusal, ValueError) as error:
        problems.append(Problem(row.line, row["variable"], "transform_unreadable", "error", str(error)))
        return None


def _sources(row: _Row) -> tuple[Source, ...]:
    first = Source(row["catalog_id"] or draft_id(row["program"], row["variable"]))
    parts = (p.strip().partition("#") for p in row["further_sources"].split("|") if p.strip())
    return (first, *(Source(element, qualifier) for element, _, qualifier in parts))


def _options(text: str) -> tuple[Option, ...]:
    pairs = (part.strip().partition(",") for part in text.split("|") if part.strip())
    return tuple(Option(code.strip(), label.strip() or code.strip()) for code, _, label in pairs)


def _steps(text: str) -> tuple[Step, ...]:
    if not text:
        return ()
    try:
        found = json.loads(text)
    except RecursionError:
        found = None
    if not isinstance(found, list) or not all(_is_step(s) for s in found):
        raise ValueError('a transform is a list of steps, such as [{"op":"recode","args":{}}].')
    return tuple(Step(str(s["op"]), s.get("args", {})) for s in found)


def _is_step(given: Any) -> bool:
    return isinstance(given, dict) and "op" in given and isinstance(given.get("args", {}), dict)


def _completed(step: Step, values: Iterable[_Row], element: ElementSpec | None) -> Step:
    """A recode takes its map from the values file, a unit its factor from the element; what is written out stays."""
    if step.op == "recode" and "map" not in step.args:
        return Step("recode", {"map": value_map(values), **step.args})
    if step.op == "unit" and element is not None:
        listed = to_program(element, str(step.args.get("to", "")))
        return Step("unit", {"from": element.unit, "factor": factor_text(listed), **step.args})
    return step


def without_own_factors(spec: MappingSpec, elements: Mapping[str, ElementSpec]) -> MappingSpec:
    """The decision without the factors that reading took from the catalog: a decision may stand without them."""
    element = elements.get(spec.sources[0].element) if spec.sources else None
    plain = [
        Step(s.op, {n: v for n, v in s.args.items() if n != "factor"}) if s.op == "unit" else s for s in spec.transform
    ]
    kept = (p if _completed(p, (), element) == s else s for p, s in zip(plain, spec.transform, strict=True))
    return replace(spec, transform=tuple(kept))


def value_map(values: Iterable[_Row]) -> dict[str, str]:
    """Catalog code → program code, many to one. Raises ValueError where one catalog code has two program codes."""
    targets: dict[str, set[str]] = defaultdict(set)
    for row in values:
        if row["catalog_code"]:
            targets[row["catalog_code"]].add(row["program_code"])
    split = [code for code, found in targets.items() if len(found) > 1]
    if split:
        raise ValueError(f"{', '.join(split)} has more than one program code; a person must choose one.")
    return {code: next(iter(found)) for code, found in targets.items()}


def to_row(mapping: MappingSpec) -> dict[str, Any]:
    """A mapping as one row of the decisions file, so that what curators decide can be written back as data."""
    first, rest = mapping.sources[0], mapping.sources[1:]
    steps = [{"op": s.op, "args": dict(s.args)} for s in mapping.transform]
    return {
        "program": mapping.program,
        "variable": mapping.path,
        "catalog_id": "" if mapping.relation == "new" else first.element,
        "relation": mapping.relation,
        "further_sources": "|".join(f"{s.element}#{s.qualifier}".rstrip("#") for s in rest),
        "qualifier_question": mapping.qualifier_question,
        "qualifier_options": " | ".join(f"{o.code}, {o.label}" for o in mapping.qualifier_options),
        "condition": mapping.condition,
        "transform": json.dumps(steps, separators=(",", ":")) if steps else "",
        "reason": mapping.reason,
    }
