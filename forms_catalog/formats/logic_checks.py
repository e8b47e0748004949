"""Report branching and calculations that cannot be read or read what is not there. Called by readers; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from forms_catalog.formats.problems import Findings
from forms_catalog.language import FieldRef, LogicError, parse, references
from forms_catalog.specs import FieldSpec

MAX_LOGIC = 100_000  # characters of different logic in one file; the richest real file seen has 26,307
_Known = Mapping[str, frozenset[str]]
_CONSEQUENCE = {
    "branching": "The question is then always asked.",
    "calculation": "The text is kept and not computed.",
}


def check_logic(fields: Iterable[FieldSpec], findings: Findings) -> None:
    """One finding a field and cause; codes are `branching_…` and `calculation_…` with unreadable, unchecked,
    unknown_field or unknown_choice, and calculation_missing. A text that many fields share is read once."""
    fields = tuple(fields)
    known = _known_names(fields)
    reader = _Reader()
    for field in fields:
        if field.field_type == "calc" and not field.calculation:
            findings.error(field.line, field.path, "calculation_missing", "The field has no calculation. Add it.")
        for what, text in (("branching", field.branching), ("calculation", field.calculation)):
            if text:
                _check(field, what, reader.read(text), known, findings)


class _Reader:
    """Reads each different text once, within the budget of one file."""

    def __init__(self) -> None:
        self.left = MAX_LOGIC
        self.seen: dict[str, frozenset[FieldRef] | LogicError] = {}

    def read(self, text: str) -> frozenset[FieldRef] | LogicError:
        if text not in self.seen:
            self.left -= len(text)
            self.seen[text] = self._read(text)
        return self.seen[text]

    def _read(self, text: str) -> frozenset[FieldRef] | LogicError:
        if self.left < 0:
            return LogicError("unchecked", "The file has more logic than is checked at once; this one was not read.")
        try:
            return references(parse(text))
        except LogicError as error:
            return error


def _known_names(fields: tuple[FieldSpec, ...]) -> dict[str, frozenset[str]]:
    """Every name logic may read, with the codes of its choices; each form has a field that says whether it is done."""
    known: dict[str, frozenset[str]] = {f"{field.form}_complete": frozenset() for field in fields}
    for field in fields:
        known.setdefault(field.name.lower(), frozenset(option.code.lower() for option in field.options))
    return known


def _check(
    field: FieldSpec, what: str, read: frozenset[FieldRef] | LogicError, known: _Known, findings: Findings
) -> None:
    if isinstance(read, LogicError):
        code = f"{what}_unchecked" if read.code == "unchecked" else f"{what}_unreadable"
        findings.warning(field.line, field.path, code, f"{read.message} {_CONSEQUENCE[what]}")
        return
    names = {ref.name for ref in read if not ref.smart and ref.name.lower() not in known}
    if names:
        message = f"The {what} reads fields that are not in this file: {_listed(names)}. Correct the names or add them."
        findings.warning(field.line, field.path, f"{what}_unknown_field", message)
    codes = {f"{ref.name}({ref.code})" for ref in read if _lacks_choice(ref, known)}
    if codes:
        message = f"The {what} reads choices that do not exist: {_listed(codes)}. Correct the codes."
        findings.warning(field.line, field.path, f"{what}_unknown_choice", message)


def _lacks_choice(ref: FieldRef, known: _Known) -> bool:
    name = ref.name.lower()
    return bool(ref.code) and name in known and ref.code.lower() not in known[name]


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)[:5])[:200]
