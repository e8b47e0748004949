"""What is wrong in decision files, by line: unknown names, gaps, codes that do not exist. Pure; called by decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from forms_catalog.drafts import is_draft
from forms_catalog.formats.unit_words import ucum_of
from forms_catalog.specs import DELIVERS, DictionarySpec, ElementSpec, FieldSpec, MappingSpec, Problem
from forms_catalog.transforms import OPERATIONS, ROLLUPS, Refusal, reported, select
from forms_catalog.transforms.conditions import parse

CODED = frozenset({"choice", "multichoice"})


class Row(Protocol):
    """A line of one of the two files, cells by column name."""

    @property
    def line(self) -> int:
        """1-based line of the file."""
        ...

    def __getitem__(self, name: str) -> str: ...


class Pair(Protocol):
    """A not_same pair."""

    @property
    def path(self) -> str:
        """The field."""
        ...

    @property
    def element(self) -> str:
        """The tempting element."""
        ...

    @property
    def line(self) -> int:
        """1-based line of the file."""
        ...


def rows(
    primary: Sequence[Row],
    pairs: Iterable[Pair],
    dictionary: DictionarySpec,
    elements: Mapping[str, ElementSpec],
    *,
    whole: bool = True,
) -> Iterator[Problem]:
    """Each field exactly one decision with a reason (at most one where not `whole`), each name known."""
    paths = {f.path: f for f in dictionary.fields}
    for row in primary:
        yield from _row(row, paths, elements)
    counts = Counter(r["variable"] for r in primary)
    for path, field in paths.items():
        if whole and field.asks and not counts[path]:
            yield Problem(field.line, path, "field_undecided", "error", f"{path} has no decision; add its row.")
        if counts[path] > 1:
            last = max(r.line for r in primary if r["variable"] == path)
            yield Problem(last, path, "field_decided_twice", "error", f"{path} has {counts[path]} decisions; keep one.")
    for pair in pairs:
        if pair.path not in paths or pair.element not in elements:
            text = f"not_same pair {pair.path} and {pair.element}: one of the two is unknown."
            yield Problem(pair.line, pair.path, "pair_unknown", "error", text)


def _row(row: Row, paths: Mapping[str, FieldSpec], elements: Mapping[str, ElementSpec]) -> Iterator[Problem]:
    path, element, relation = row["variable"], row["catalog_id"], row["relation"]
    if path not in paths:
        yield Problem(row.line, path, "field_unknown", "error", f"{path} is not a field of the dictionary.")
    if relation not in DELIVERS:
        yield Problem(row.line, path, "relation_unknown", "error", f"'{relation}' is not a relation.")
    if (relation == "new") == bool(element):
        yield Problem(row.line, path, "element_missing", "error", "name an element, or say new and leave it blank.")
    if element and element not in elements:
        yield Problem(row.line, path, "element_unknown", "error", f"there is no element '{element}'.")
    if not row["reason"]:
        yield Problem(row.line, path, "reason_missing", "error", f"{path} needs a short reason in words.")


def mappings(
    decided: Iterable[MappingSpec], dictionary: DictionarySpec, elements: Mapping[str, ElementSpec]
) -> Iterator[Problem]:
    """Steps, sources, conditions and qualifiers that cannot work."""
    fields = {f.path: f for f in dictionary.fields}
    for mapping in decided:
        field = fields.get(mapping.path)
        for code, text in _wrong(mapping, field, elements):
            yield Problem(field.line if field else 0, mapping.path, code, "error", text)


def _wrong(
    mapping: MappingSpec, field: FieldSpec | None, elements: Mapping[str, ElementSpec]
) -> Iterator[tuple[str, str]]:
    yield from _steps(mapping)
    for source in mapping.sources:
        if source.element not in elements and not is_draft(source.element):
            yield "element_unknown", f"there is no element '{source.element}'."
    try:
        read = {clause.element for clause in parse(mapping.condition)}
    except Refusal as refused:
        yield refused.code, str(refused)
    else:
        for name in sorted(read - {s.element for s in mapping.sources if not s.qualifier}):
            yield "condition_unread", f"the condition reads '{name}', which is not among the sources; add it there."
    asked = bool(mapping.qualifier_question) and any(s.qualifier for s in mapping.sources)
    if (mapping.relation == "narrower") != asked:
        yield "qualifier_missing", "a narrower mapping, and only that, names an extra question and its source."
    if field is not None:
        yield from _field(mapping, field, elements)


def _steps(mapping: MappingSpec) -> Iterator[tuple[str, str]]:
    for step in mapping.transform:
        if step.op not in OPERATIONS:
            yield "step_unknown", f"'{step.op}' is not a step."
        name = str(step.args.get("name", ""))
        if step.op == "rollup" and name not in ROLLUPS:
            yield "rollup_unknown", f"'{name}' is not an approved roll-up."
    yield from (("select_unreadable", problem) for problem in select.step_problems(mapping.transform))
    yield from (("reported_unreadable", problem) for problem in reported.step_problems(mapping.transform))


def _field(mapping: MappingSpec, field: FieldSpec, elements: Mapping[str, ElementSpec]) -> Iterator[tuple[str, str]]:
    element = elements.get(mapping.sources[0].element)
    if element is None or mapping.relation == "new":  # a draft is the field itself and takes its answer as it is
        return
    ops = [s.op for s in mapping.transform]
    if "select" in ops and element.reuse != "measured":
        yield "select_without_series", f"'{element.id}' is no dated series; a select step has nothing to choose from."
    if field.kind in CODED and "recode" not in ops:
        yield "choice_without_recode", f"{field.path} has codes of its own; add a recode step."
    if element.reuse == "record" and not field.repeating and "rollup" not in ops:
        yield "records_without_rollup", f"'{element.id}' has records; say which one the plain form takes."
    wanted = ucum_of(field.unit) if field.unit else ""
    if wanted and element.unit and wanted != _unit(mapping, element):
        yield "unit_differs", f"{field.path} is in '{field.unit}', the mapping delivers '{_unit(mapping, element)}'."


def _unit(mapping: MappingSpec, element: ElementSpec) -> str:
    return next((str(s.args.get("to", "")) for s in mapping.transform if s.op == "unit"), element.unit)


def values(
    table: Iterable[Row],
    decided: Iterable[MappingSpec],
    dictionary: DictionarySpec,
    elements: Mapping[str, ElementSpec],
) -> Iterator[Problem]:
    """Codes of either side that do not exist, and program codes nobody named."""
    fields = {f.path: f for f in dictionary.fields}
    named: dict[str, set[str]] = {}
    for row in table:
        named.setdefault(row["variable"], set()).add(row["program_code"])
        yield from _value(row, fields.get(row["variable"]), elements.get(row["catalog_id"]))
    for mapping in decided:
        field = fields.get(mapping.path)
        if field is None or field.kind not in CODED or mapping.relation == "new":
            continue
        for option in field.options:
            if option.code not in named.get(field.path, set()):
                text = f"no row for code {option.code} of {field.path}; it can only be chosen in the target."
                yield Problem(field.line, field.path, "option_without_row", "info", text)


def _value(row: Row, field: FieldSpec | None, element: ElementSpec | None) -> Iterator[Problem]:
    if field is None or row["program_code"] not in {o.code for o in field.options}:
        text = f"'{row['program_code']}' is not a code of {row['variable']}."
        yield Problem(row.line, row["variable"], "value_unknown_option", "error", text)
    if element is None:
        text = f"there is no element '{row['catalog_id']}'."
        yield Problem(row.line, row["variable"], "element_unknown", "error", text)
    elif element.options and row["catalog_code"] not in {"", *(o.code for o in element.options)}:
        text = f"'{row['catalog_code']}' is not a code of {element.id}."
        yield Problem(row.line, row["variable"], "value_unknown_code", "error", text)
