"""The choices sheet of an XLSForm as lists of options in every language, with a finding for each odd row. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from forms_catalog.formats.html_text import plain
from forms_catalog.formats.problems import Findings
from forms_catalog.formats.xlsform.sheets import Line, Table
from forms_catalog.specs import Option

MAX_CHOICES = 20_000


@dataclass(slots=True)
class ChoiceList:
    """One list: its options in the main language, and in each other one that has texts."""

    options: dict[str, Option] = field(default_factory=dict)
    translated: dict[str, dict[str, str]] = field(default_factory=dict)

    def in_language(self, language: str) -> tuple[Option, ...]:
        """The options in another language, those without a text there left out."""
        labels = self.translated.get(language, {})
        return tuple(Option(code, labels[code]) for code in self.options if code in labels)


def lists_of(table: Table, main: str, findings: Findings) -> dict[str, ChoiceList]:
    """List name → list. The first of two equal names counts."""
    found: dict[str, ChoiceList] = {}
    twice: dict[str, Line] = {}
    for line in table.lines[:MAX_CHOICES]:
        name, code = line.cell("list_name"), line.cell("name")
        if not name or not code:
            message = "Sheet choices: the choice has no list name or no name and was left out. Fill in both columns."
            findings.error(line.line, "", "choice_without_code", message)
            continue
        wanted = found.setdefault(name, ChoiceList())
        if code in wanted.options:
            twice.setdefault(f"{name[:40]}: {code[:40]}", line)
            continue
        _add(wanted, code, line, main, findings)
    for shown, line in [*twice.items()][:50]:
        message = f"Sheet choices: the choice is in its list twice, the first counts ({shown}). Give each its own name."
        findings.error(line.line, "", "duplicate_choice_code", message)
    return found


def _add(wanted: ChoiceList, code: str, line: Line, main: str, findings: Findings) -> None:
    label = plain(line.cell("label") or line.texts.get(("label", main), ""))
    for (column, language), text in line.texts.items():
        if column == "label" and language != main and (other := plain(text)):
            wanted.translated.setdefault(language, {})[code] = other
            label = label or other
    if not label:
        message = f"Sheet choices: {code[:40]!r} has no label; its name is shown instead. Add a label."
        findings.warning(line.line, "", "choice_without_label", message)
    wanted.options[code] = Option(code, label or plain(code))
