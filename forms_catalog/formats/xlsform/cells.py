"""One field as the cells of a row of the survey sheet. Pure; the writer calls it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from forms_catalog.formats.redcap.cells import escaped
from forms_catalog.formats.xlsform.limits import LIMITED
from forms_catalog.formats.xlsform.sheets import language_name
from forms_catalog.formats.xlsform.types import ASKED, SILENT
from forms_catalog.language import LogicError, Number, Op, Ref, Text, parse, references
from forms_catalog.language.xpath import Question
from forms_catalog.language.xpath_writing import quoted, write_xpath
from forms_catalog.specs import FieldSpec

_TYPES = {
    "text": "text", "notes": "text", "integer": "integer", "decimal": "decimal", "date": "date", "datetime": "dateTime",
    "time": "time", "choice": "select_one", "multichoice": "select_multiple", "file": "file", "display": "note",
}  # fmt: skip
_COMPUTED = ("text", "notes", "integer", "decimal", "date", "datetime", "time")
_SHOWN = (  # what an annotation of an XLSForm keeps of it, but choice_filter: columns of choices are not kept
    "constraint", "constraint_message", "required", "required_message", "readonly", "appearance", "trigger",
    "parameters", "guidance_hint",
)  # fmt: skip
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_REFERENCE = re.compile(r"\$\{\s*([^{}]*?)\s*\}")


@dataclass(slots=True)
class Names:
    """What the cells of one form need: its questions, its language, whether it was an XLSForm before."""

    questions: Mapping[str, Question]
    language: str
    own: bool
    not_said: list[tuple[str, str, str]] = field(default_factory=list)  # (path, what, why)

    def column(self, name: str, language: str | None = None) -> str:
        """The column for texts in the main or another language."""
        language = self.language if language is None else language
        return f"{name}::{language_name(language)}" if language else name

    def text(self, text: str) -> str:
        """A text in which ${…} stands only for questions of the form; pyxform refuses others."""
        text = escaped(text)
        known = all(found in self.questions for found in _REFERENCE.findall(text))
        return text if known else text.replace("${", "$ {")


def cells(spec: FieldSpec, list_name: str, names: Names) -> dict[str, str]:
    """The filled cells by column."""
    kept = _kept(spec) if names.own else {}
    calculation = _logic(spec, "calculation", names)
    type_ = _type(spec, list_name, calculation)
    row = {"type": type_, "name": spec.name}
    row[names.column("label")] = names.text(spec.label or ("" if type_ in SILENT and type_ != "note" else spec.name))
    row[names.column("hint")] = names.text(spec.note)
    for translation in spec.translations:
        if translation.language and translation.language != names.language:
            row[names.column("label", translation.language)] = names.text(translation.label)
            row[names.column("hint", translation.language)] = names.text(translation.note)
    row |= {
        "required": kept.get("required", "") or ("yes" if spec.required and spec.asks else ""),
        "relevant": _logic(spec, "branching", names),
        "constraint": kept.get("constraint", "") or _constraint(spec, names),
        "calculation": calculation,
        "default": _default(spec, names),
        "readonly": kept.get("readonly", "") or ("" if spec.asks or type_.lower() in SILENT else "yes"),
        "appearance": kept.get("appearance", "") or _appearance(spec),
        "parameters": kept.get("parameters", "") or _parameters(spec, type_),
    }
    row |= {
        name: kept[name]
        for name in ("constraint_message", "required_message", "trigger", "guidance_hint")
        if name in kept
    }
    return {name: text for name, text in row.items() if text}


def _kept(spec: FieldSpec) -> dict[str, str]:
    """What the annotation of a field that was read from an XLSForm says about its other columns."""
    lines = [line.partition(": ") for line in spec.annotation.split("\n")]
    return {name: text for name, colon, text in lines if colon and name in _SHOWN}


def _type(spec: FieldSpec, list_name: str, calculation: str) -> str:
    own = spec.field_type
    if calculation and not spec.asks and spec.kind in _COMPUTED and not spec.options and own not in ASKED:
        return "calculate"
    if own in SILENT and own != "calculate" and not spec.asks and SILENT[own] == spec.kind:
        return own
    if spec.kind in ("choice", "multichoice"):
        if own in ("acknowledge", "trigger"):
            return own
        if not list_name:
            return "text"
        word = "rank" if own == "rank" and spec.kind == "multichoice" else _TYPES[spec.kind]
        return f"{word} {list_name}"
    if own == "range" and spec.kind in ("integer", "decimal"):
        return own
    if own in ASKED and ASKED[own] == spec.kind and own not in ("datetime", "select_one", "select_multiple", "range"):
        return own
    return _TYPES[spec.kind]


def _logic(spec: FieldSpec, what: str, names: Names) -> str:
    """The expression, '' where XLSForm cannot say it. A text of an XLSForm that could not be read stays as it was."""
    text = getattr(spec, what)
    if not text:
        return ""
    try:
        node = parse(text)
        if what == "calculation" and spec.asks and not names.own:
            raise LogicError("unsupported", "XLSForm would compute it over and over; a person answers it here.")
        unknown = [ref.name for ref in references(node) if ref.name not in names.questions]
        if unknown:
            raise LogicError("unsupported", f"It reads {unknown[0][:60]}, which is not in the form.")
        return write_xpath(node, names.questions)
    except LogicError as error:
        written = str(getattr(spec, f"{what}_as_written"))
        known = all(name in names.questions for name in _REFERENCE.findall(written))
        if names.own and written and known:
            return written
        names.not_said.append((spec.path, what, error.message))
        return ""


def _constraint(spec: FieldSpec, names: Names) -> str:
    if spec.kind not in LIMITED or spec.field_type == "range":
        return ""
    limits = ((">=", spec.minimum), ("<=", spec.maximum))
    parts = [f". {op} {value}" for op, limit in limits if limit and (value := _limit(limit, names))]
    return " and ".join(parts)


def _limit(limit: str, names: Names) -> str:
    if limit == "today":
        return "today()"
    if _DATE.fullmatch(limit):
        return f"date({quoted(limit)})"
    try:
        node = parse(limit)
    except LogicError:
        return ""
    match node:
        case Number(text) | Op("neg", (Number(text),)):
            return limit.strip() if limit.strip().lstrip("-") == text else ""
        case Ref(ref) if ref.name in names.questions:
            try:
                return write_xpath(node, names.questions)
            except LogicError:
                return ""
        case Text():
            return ""
    return ""


def _default(spec: FieldSpec, names: Names) -> str:
    text = spec.initial
    unknown = any(found not in names.questions for found in _REFERENCE.findall(text))
    if "[" in text or unknown or "\n" in text:
        names.not_said.append((spec.path, "initial", "It names fields as another system does."))
        return ""
    return text


def _appearance(spec: FieldSpec) -> str:
    if spec.kind == "notes":
        return "multiline"
    return "month-year" if spec.date_format == "my" else ""


def _parameters(spec: FieldSpec, type_: str) -> str:
    return f"start={spec.minimum or 1} end={spec.maximum or 10} step=1" if type_ == "range" else ""
