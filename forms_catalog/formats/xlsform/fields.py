"""One row of the survey sheet as a field. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from forms_catalog.formats.html_text import plain
from forms_catalog.formats.problems import Findings
from forms_catalog.formats.units_in_labels import unit_of
from forms_catalog.formats.xlsform import marks
from forms_catalog.formats.xlsform.choices import ChoiceList
from forms_catalog.formats.xlsform.limits import limits_of
from forms_catalog.formats.xlsform.logic import Expressions, Logic, Said
from forms_catalog.formats.xlsform.sheets import MARK
from forms_catalog.formats.xlsform.structure import Placed, mark_of
from forms_catalog.formats.xlsform.types import Type
from forms_catalog.language import LogicError, Op, parse
from forms_catalog.language.tree import Call, Number
from forms_catalog.specs import FieldSpec, Option, Translation

_YES = frozenset({"yes", "true", "true()", "1", "y"})
_NO = frozenset({"", "no", "false", "false()", "0", "n"})
_MEASURED = ("integer", "decimal", "text")
_DONE = (Option("OK", "OK"),)
_OTHER = Option("other", "Other")
_NUMERIC = frozenset({"sum", "round", "rounddown", "abs", "sqrt", "datediff", "mod", "log", "exp", "length", "year"})
_PARAMETER = re.compile(r"(start|end|step)\s*=\s*(-?\d+(?:\.\d+)?)", re.IGNORECASE)
_KEPT = (  # columns that have no place of their own, kept in the annotation
    "constraint", "constraint_message", "required", "required_message", "readonly", "appearance", "choice_filter",
    "trigger", "parameters", "guidance_hint",
)  # fmt: skip


class Reader:
    """Makes the fields of one form. `main` is the language of its texts, `languages` are the further ones."""

    def __init__(
        self,
        main: str,
        languages: tuple[str, ...],
        lists: Mapping[str, ChoiceList],
        expressions: Expressions,
        findings: Findings,
    ) -> None:
        self.main = main
        self.languages = languages
        self.lists = lists
        self.expressions = expressions
        self.findings = findings
        self.unreadable: set[tuple[str, str]] = set()  # (path, branching or calculation)

    def field(self, row: Placed, order: int) -> FieldSpec:
        """The field, with what our own column says about it."""
        cell = row.line.cell
        options = self._options(row)
        calculation = self.expressions.value(cell("calculation"), row.name)
        asks = (
            row.type.asks and cell("readonly").lower() not in _YES and (not calculation.text or bool(cell("trigger")))
        )
        label, note = self._text(row, "label"), self._text(row, "hint")
        kind = self._kind(row, calculation)
        least, most, kept = self._limits(row, kind)
        branching = self._branching(row)
        found = FieldSpec(
            path=row.path,
            name=row.name,
            form=row.form,
            label=label or self._missing_label(row, asks),
            kind=kind,
            order=order,
            line=row.line.line,
            section=row.section,
            note=note,
            field_type=row.type.word or "text",
            options=options,
            unit=unit_of(label, note, number=kind in ("integer", "decimal")) if kind in _MEASURED else "",
            date_format=_date_format(kind, cell("appearance")),
            minimum=least,
            maximum=most,
            branching=branching.text,
            calculation=calculation.text,
            required=cell("required").lower() in _YES and asks,
            asks=asks,
            repeating=row.repeating,
            annotation=self._annotation(row, kept),
            initial=cell("default"),
            branching_as_written=branching.as_written,
            calculation_as_written=calculation.as_written,
            translations=tuple(self._translations(row, label, note, options)),
            original=tuple(row.line.written.items()),
        )
        return self._marked(row, found, branching, calculation)

    def _marked(self, row: Placed, field: FieldSpec, branching: Logic, calculation: Logic) -> FieldSpec:
        """The field as our own column has it; what still could not be read is reported."""
        mark = mark_of(row.line)
        if mark:
            column = next((name for name in row.line.written if name.lower() == MARK), MARK)
            field = marks.restored(field, mark, marks.checksum(row.line.written, field.options, column))
        for what, read, text in (
            ("branching", branching, field.branching),
            ("calculation", calculation, field.calculation),
        ):
            if read.error and text == read.text:
                end = "The question is then always asked." if what == "branching" else "The text is kept, not computed."
                message = f"{read.error} {end}"
                self.findings.warning(field.line, field.path, f"{what}_unreadable", message)
                self.unreadable.add((field.path, what))
        return field

    def _text(self, row: Placed, column: str) -> str:
        """The text in the main language, else in the first that has one."""
        line = row.line
        found = line.cell(column) or line.texts.get((column, self.main), "")
        return plain(found or next((text for (name, _), text in line.texts.items() if name == column), ""))

    def _missing_label(self, row: Placed, asks: bool) -> str:
        if not asks:
            return ""
        message = "The question has no label; its name is shown instead. Add a label."
        self.findings.warning(row.line.line, row.path, "missing_label", message)
        return row.name

    def _translations(self, row: Placed, label: str, note: str, options: tuple[Option, ...]) -> list[Translation]:
        found = []
        listed = self.lists.get(row.type.list_name) if options else None
        for language in self.languages:
            texts = row.line.texts
            choices = listed.in_language(language) if listed else ()
            label_there, note_there = (plain(texts.get((column, language), "")) for column in ("label", "hint"))
            made = Translation(language, label_there, note_there, choices)
            if made != Translation(language) and (made.label, made.note, choices) != (label, note, options):
                found.append(made)
        return found

    def _options(self, row: Placed) -> tuple[Option, ...]:
        type_, line = row.type, row.line.line
        if type_.kind not in ("choice", "multichoice") or type_.word in ("acknowledge", "trigger"):
            return options_of(type_, None)
        listed = self.lists.get(type_.list_name)
        if type_.elsewhere:
            message = f"Its choices are not in this file ({type_.list_name[:60]}). Ask the program for the list."
            self.findings.info(line, row.path, "choices_elsewhere", message)
        elif listed is None:
            message = f"There are no choices for the list {type_.list_name[:60]!r}. Add them to the sheet 'choices'."
            self.findings.error(line, row.path, "missing_choices", message)
        if type_.or_other:
            message = "'or_other' was read as one more choice; the text that goes with it is not asked here."
            self.findings.info(line, row.path, "or_other", message)
        return options_of(type_, listed)

    def _kind(self, row: Placed, calculation: Logic) -> str:
        word, kind = row.type.word, row.type.kind
        if word == "calculate" and calculation.text and not calculation.error and _is_number(calculation.text):
            return "decimal"
        if word == "range":
            numbers = [found[2] for found in _PARAMETER.finditer(row.line.cell("parameters"))]
            return "decimal" if any("." in number for number in numbers) else "integer"
        if word in ("text", "string") and "multiline" in row.line.cell("appearance").lower():
            return "notes"
        if word == "rank":
            message = "Ranking was read as choosing several; the order is not asked here."
            self.findings.info(row.line.line, row.path, "ranking", message)
        return kind

    def _branching(self, row: Placed) -> Logic:
        conditions: list[Said] = [
            self.expressions.condition(group.relevant, "") for group in row.groups if group.relevant
        ]
        if own := row.line.cell("relevant"):
            conditions.append(self.expressions.condition(own, row.name))
        return self.expressions.together(tuple(conditions))

    def _limits(self, row: Placed, kind: str) -> tuple[str, str, dict[str, Any]]:
        """(least, most, columns that say more than that)."""
        cell = row.line.cell
        kept = {name: cell(name) for name in _KEPT if cell(name)}
        if row.type.word == "range":
            found = {key[1].lower(): key[2] for key in _PARAMETER.finditer(kept.get("parameters", ""))}
            return found.get("start", "1"), found.get("end", "10"), kept
        if not kept.get("constraint"):
            return "", "", kept
        limits = limits_of(self.expressions.condition(kept["constraint"], row.name), row.name, kind)
        if limits is None:
            return "", "", kept
        return *limits, {name: text for name, text in kept.items() if name != "constraint"}

    def _annotation(self, row: Placed, kept: dict[str, str]) -> str:
        """Line by line what the form says and no other attribute does."""
        lines = []
        for name, text in kept.items():
            plain_yes_no = name in ("required", "readonly") and text.lower() in _YES | _NO
            if not plain_yes_no:
                lines.append(f"{name}: {' '.join(text.split())}")
                self._say(row, name)
        return "\n".join(lines)

    def _say(self, row: Placed, name: str) -> None:
        said = {
            "constraint": ("constraint_kept", "The constraint is kept as a text and not checked here."),
            "choice_filter": ("choice_filter", "Which choices are shown depends on other answers; all are shown here."),
            "required": ("required_sometimes", "Required under a condition only; it is taken as not required."),
            "readonly": ("readonly_sometimes", "Read-only under a condition only; it is taken as asked."),
        }
        if name in said:
            self.findings.info(row.line.line, row.path, *said[name])


def options_of(type_: Type, listed: ChoiceList | None) -> tuple[Option, ...]:
    """The choices of a question; 'or_other' makes one more."""
    if type_.word in ("acknowledge", "trigger"):
        return _DONE
    options = tuple(listed.options.values()) if listed and type_.kind in ("choice", "multichoice") else ()
    other = type_.or_other and _OTHER.code not in {option.code for option in options}
    return (*options, _OTHER) if other else options


def _date_format(kind: str, appearance: str) -> str:
    if kind not in ("date", "datetime"):
        return ""
    return "my" if "month-year" in appearance.lower() else "ymd"


def _is_number(calculation: str) -> bool:
    try:
        node = parse(calculation)
    except LogicError:
        return False
    arithmetic = isinstance(node, Op) and node.op in ("+", "-", "*", "/", "^", "neg")
    return arithmetic or isinstance(node, Number) or (isinstance(node, Call) and node.name in _NUMERIC)
