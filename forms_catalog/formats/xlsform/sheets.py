"""The sheets of an XLSForm as rows by column: header aliases as pyxform has them, languages, settings. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from forms_catalog.formats.problems import Findings
from forms_catalog.formats.xlsx_input import Sheet

MARK = "askonce"  # this product's own column
_ALIASES = {
    "caption": "label",
    "command": "type",
    "tag": "name",
    "value": "name",
    "relevance": "relevant",
    "skip_logic": "relevant",
    "read_only": "readonly",
    "calculate": "calculation",
    "constraining_message": "constraint_message",
    "jr:constraintmsg": "constraint_message",
    "requiredmsg": "required_message",
    "jr:requiredmsg": "required_message",
    "count": "repeat_count",
    "jr:count": "repeat_count",
    "list": "list_name",
    "set_form_title": "form_title",
    "set_form_id": "form_id",
    "title": "form_title",
    "id_string": "form_id",
}
_PREFIXES = ("bind", "control", "body", "media")
_MEDIA = ("image", "big-image", "audio", "video", "big_image")
_CODE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_IN_BRACKETS = re.compile(r"(.*)\(\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\s*\)\s*")
LANGUAGES = {
    "en": "English", "fr": "French", "es": "Spanish", "pt": "Portuguese", "de": "German", "it": "Italian",
    "nl": "Dutch", "sv": "Swedish", "da": "Danish", "no": "Norwegian", "fi": "Finnish", "pl": "Polish",
    "ru": "Russian", "uk": "Ukrainian", "tr": "Turkish", "ar": "Arabic", "he": "Hebrew", "fa": "Persian",
    "hi": "Hindi", "bn": "Bengali", "ur": "Urdu", "th": "Thai", "vi": "Vietnamese", "id": "Indonesian",
    "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "sw": "Swahili", "am": "Amharic", "el": "Greek",
}  # fmt: skip
_BY_NAME = {name.lower(): code for code, name in LANGUAGES.items()} | {
    "français": "fr", "francais": "fr", "español": "es", "espanol": "es", "português": "pt", "portugues": "pt",
    "deutsch": "de", "italiano": "it", "nederlands": "nl", "svenska": "sv", "kiswahili": "sw",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its present name, in lower case with _ for spaces, and the language of its texts ('' = none)."""

    name: str
    language: str
    written: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row: filled cells by column name (those without language), texts by column and language, all as written."""

    line: int
    cells: dict[str, str]
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)

    def cell(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet below its header."""

    line: int
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]

    def languages(self, name: str = "label") -> tuple[str, ...]:
        """The languages that column has texts in, in the order of the columns; '' for texts without one."""
        used = {key for line in self.lines for key in line.texts}
        used |= {(name, "") for line in self.lines if name in line.cells}
        return tuple(dict.fromkeys(c.language for c in self.columns if c.name == name and (name, c.language) in used))


NO_TABLE = Table(0, (), ())


def column(written: str) -> Column:
    """'label::English (en)' is label in en; 'bind:relevant' is relevant."""
    parts = [part.strip() for part in (written.split("::") if "::" in written else _single(written))]
    while len(parts) > 1 and parts[0].lower() in _PREFIXES:
        parts = parts[1:]
    name = re.sub(r"\s+", "_", parts[0].lower())
    return Column(_ALIASES.get(name, name), language_of(parts[1]) if len(parts) > 1 else "", written)


def _single(written: str) -> list[str]:
    return [written] if written.strip().lower().startswith("jr:") else written.split(":", 1)


def language_of(text: str) -> str:
    """BCP 47 of a language as XLSForms name it: 'French (fr)' and 'French' are fr; an unknown name stays."""
    text = text.strip()
    found = _IN_BRACKETS.fullmatch(text)
    if found:
        return found[2]
    return _BY_NAME.get(text.lower(), text)


def language_name(code: str) -> str:
    """A language as a column names it, so that `language_of` gives the code back."""
    if not _CODE.fullmatch(code):
        return code
    return f"{LANGUAGES.get(code.lower().split('-', maxsplit=1)[0], code)} ({code})"


def find(sheets: Iterable[Sheet], name: str) -> Sheet | None:
    """The sheet of that name, in any case."""
    return next((sheet for sheet in sheets if sheet.name.strip().lower() == name), None)


def table(sheet: Sheet | None, findings: Findings) -> Table:
    """The sheet's rows by column. Of two equal columns the first counts."""
    if sheet is None or not sheet.rows:
        return NO_TABLE
    header, *rows = sheet.rows
    columns = tuple(column(cell) for cell in header.cells)
    _report(sheet.name, header.line, columns, findings)
    lines = tuple(_line(row.line, columns, row.cells) for row in rows)
    return Table(header.line, columns, tuple(line for line in lines if line.written))


def _line(line: int, columns: tuple[Column, ...], cells: list[str]) -> Line:
    made = Line(line, {})
    for where, cell in zip(columns, cells, strict=False):
        text = cell.strip()
        if text and where.written.strip():
            made.written.setdefault(where.written.strip(), text)
            if where.language:
                made.texts.setdefault((where.name, where.language), text)
            else:
                made.cells.setdefault(where.name, text)
    return made


def _report(sheet: str, line: int, columns: tuple[Column, ...], findings: Findings) -> None:
    seen: set[tuple[str, str]] = set()
    media: dict[str, None] = {}
    for where in columns:
        if where.name in _MEDIA:
            media[where.written.strip()[:40]] = None
        elif where.name and (where.name, where.language) in seen:
            message = f"Sheet {sheet[:40]!r} has column {where.written[:60]!r} twice; the first counts."
            findings.warning(line, "", "duplicate_column", message)
        seen.add((where.name, where.language))
    if media:
        message = f"Pictures, sound and film are not shown here: column {', '.join([*media][:5])}."
        findings.info(line, "", "media_ignored", message)
