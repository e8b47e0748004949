"""The header of a request sheet: which column says what, whatever it is called. The aliases are data."""

from __future__ import annotations

from collections.abc import Iterable

from forms_catalog.formats.csv_rows import Row
from forms_catalog.formats.headers import Header, key
from forms_catalog.formats.problems import Findings

# What a column says -> what sponsors call it, in the order of preference where a sheet has several.
ALIASES: dict[str, tuple[str, ...]] = {
    "id": (
        "id", "variable name", "variable", "variable id", "field name", "field id", "field", "item name", "item id",
        "item code", "question id", "question number", "question no", "data element id", "element id", "data item id",
        "ref", "reference", "key", "code", "short name", "name",
    ),
    "label": (
        "label", "question", "question text", "questions", "field label", "item label", "element label", "prompt",
        "data element", "data element name", "data element label", "element name", "element", "data item",
        "data point", "requested data", "requested item", "what", "item", "wording", "variable label", "long name",
        "data requested", "information requested", "variable description", "field description", "item description",
    ),
    "type": (
        "type", "data type", "datatype", "format", "field type", "item type", "answer type", "response type",
        "value type", "answer format", "response format", "variable type", "question type",
    ),
    "options": (
        "options", "choices", "values", "permissible values", "permitted values", "allowed values", "valid values",
        "response options", "answer options", "responses", "answers", "answer choices", "possible answers",
        "code list", "codelist", "value list", "categories", "coding", "value set", "permissible value list",
        "list of values", "pick list", "coded values",
    ),
    "unit": ("unit", "units", "uom", "unit of measure", "unit of measurement", "units of measure", "ucum"),
    "form": ("form", "form name", "domain", "module", "crf", "crf page", "instrument", "questionnaire", "page", "ecrf"),
    "section": ("section", "group", "category", "subsection", "heading", "topic", "item group", "theme", "area"),
    "visits": (
        "visit", "visits", "timepoint", "timepoints", "time point", "time points", "schedule", "when", "timing",
        "frequency", "collection time", "collected at", "time of collection", "assessment time", "when collected",
    ),
    "required": ("required", "mandatory", "req", "obligatory", "must have", "required field", "is required", "core"),
    "minimum": ("minimum", "min", "lower limit", "min value", "minimum value", "range low"),
    "maximum": ("maximum", "max", "upper limit", "max value", "maximum value", "range high"),
    "note": (
        "definition", "description", "instructions", "instruction", "guidance", "help", "help text", "note", "notes",
        "comment", "comments", "completion guideline", "completion instructions", "remarks",
    ),
    "branching": (
        "condition", "conditions", "branching", "branching logic", "show if", "skip logic", "applicable if",
        "only if", "asked if", "display logic", "relevant", "dependency", "depends on",
    ),
    "identifier": ("identifier", "identifying", "phi", "pii", "personal data"),
    "repeating": ("repeating", "repeats", "repeatable", "multiple occurrences"),
    "loinc": ("loinc", "loinc code", "loinc codes"),
    "snomed": ("snomed", "snomed ct", "snomed code", "snomedct", "sctid"),
    "ncit": ("ncit", "nci code", "nci thesaurus", "c code", "ccode"),
    "umls": ("umls", "cui", "umls cui"),
    "cde": ("cde public id", "cde id", "public id", "cde", "cadsr", "cadsr id", "cde publicid", "cde number"),
    "cde_version": ("cde version", "version", "cde_version", "public id version"),
    "why": ("why", "endpoint", "endpoints", "purpose", "rationale", "reason", "justification", "objective", "used for"),
    "from": ("from", "start", "collect from", "needed from", "valid from", "start date"),
    "until": ("until", "to", "end", "collect until", "needed until", "valid to", "valid until", "end date"),
    "reuse window": ("reuse window", "reuse", "reuse days", "max age", "maximum age", "look back", "lookback"),
}  # fmt: skip
NAMES_A_QUESTION = ("label", "note")
SAYS_MORE = ("id", "type", "options", "unit")
HEADER_ROWS = 15  # titles, logos and blank lines stand above the header


_BY_KEY = {key(alias): (name, rank) for name, known in ALIASES.items() for rank, alias in enumerate(known)}


def find_header(rows: Iterable[Row]) -> Header | None:
    """The header among the first rows: it names a question column and one that says more, else there is none."""
    for count, row in enumerate(rows):
        if count >= HEADER_ROWS:
            return None
        names = _named(row.cells)
        known = set(names)
        if "label" in known and known & set(SAYS_MORE):
            return Header(row.line, tuple(row.cells), names)
        if "note" in known and "id" in known and known & {"type", "options", "unit"}:
            return Header(row.line, tuple(row.cells), names)
    return None


def _named(cells: list[str]) -> tuple[str, ...]:
    """What each column says; of several that say the same, the one with the best alias."""
    found = [_BY_KEY.get(key(cell), ("", 0)) for cell in cells]
    best: dict[str, int] = {}
    for at, (name, rank) in enumerate(found):
        if name and (name not in best or rank < found[best[name]][1]):
            best[name] = at
    return tuple(name if name and best[name] == at else "" for at, (name, _) in enumerate(found))


def report(header: Header, findings: Findings, where: str) -> None:
    """Columns that are kept but not understood."""
    unknown = [w.strip()[:40] for w, n in zip(header.written, header.names, strict=True) if w.strip() and not n]
    if unknown:
        text = f"{where}these columns are kept but not understood: {', '.join(unknown[:12])}."
        findings.info(header.line, "", "unknown_column", text[0].upper() + text[1:])
