"""The rows of the survey sheet inside the groups and repeats they stand in, with unmatched markers mended. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from forms_catalog.formats.html_text import plain
from forms_catalog.formats.identity import paths_of
from forms_catalog.formats.problems import Findings
from forms_catalog.formats.xlsform.sheets import MARK, Line, Table
from forms_catalog.formats.xlsform.types import Type, marker_of, type_of

MAX_DEPTH = 60  # groups within groups; XForms of people have up to 6
_SHOWN = 4  # labels of groups that make a section
_OFF = ("yes", "true", "true()", "1", "x")


@dataclass(frozen=True, slots=True)
class Group:
    """One open group: its label, its own condition, whether it repeats, the form it is where our writer made it so."""

    line: int
    label: str = ""
    relevant: str = ""
    repeats: bool = False
    form: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A question's row, its type, name and path, and the groups around it from outside in."""

    line: Line
    type: Type
    name: str
    groups: tuple[Group, ...]
    form: str
    path: str = ""

    @property
    def section(self) -> str:
        labels = [group.label for group in self.groups if group.label and not group.form]
        return " / ".join(labels[-_SHOWN:])

    @property
    def repeating(self) -> bool:
        return any(group.repeats for group in self.groups)


def placed(table: Table, main: str, form: str, findings: Findings) -> tuple[Placed, ...]:
    """Every row that is a question, with a name and path of its own."""
    found = tuple(_walk(table, main, form, findings))
    if not found:
        findings.error(0, "", "no_fields", "The survey sheet has no questions. Check that the form is complete.")
    return _with_paths(found, findings)


def _walk(table: Table, main: str, form: str, findings: Findings) -> Iterator[Placed]:
    groups: list[Group] = []
    for line in table.lines:
        written = line.cell("type")
        if line.cell("disabled").lower() in _OFF:
            findings.info(line.line, line.cell("name"), "disabled_row", "The row is disabled and was left out.")
            continue
        marker = marker_of(written)
        if marker is None:
            if written or line.cell("name") or line.cell("label") or line.texts:
                yield _question(line, groups, form, findings)
        elif marker.begins:
            groups.append(_group(line, main, marker.repeats))
        else:
            _close(groups, marker.repeats, line, findings)
    for group in groups[:20]:
        message = "The group or repeat that begins here never ends; it ends with the form. Add its end row."
        findings.error(group.line, "", "unmatched_begin", message)


def _close(groups: list[Group], repeats: bool, line: Line, findings: Findings) -> None:
    """An end closes the innermost of its kind, and with it what was left open inside."""
    at = next((at for at in range(len(groups) - 1, -1, -1) if groups[at].repeats == repeats), None)
    if at is None:
        message = "There is no open group or repeat that this row could end; it was left out. Remove it."
        findings.error(line.line, "", "unmatched_end", message)
        return
    if at < len(groups) - 1:
        message = f"The one that began in row {groups[-1].line} is still open; it ends here too. Add its end row."
        findings.error(line.line, "", "unmatched_end", message)
    del groups[at:]


def _group(line: Line, main: str, repeats: bool) -> Group:
    label = line.cell("label") or line.texts.get(("label", main), "")
    if not label:
        label = next((text for (name, _), text in line.texts.items() if name == "label"), "")
    mark = mark_of(line)
    form = mark.get("form")
    return Group(
        line=line.line,
        label=plain(label) if not isinstance(mark.get("section"), str) else mark["section"],
        relevant=line.cell("relevant"),
        repeats=repeats,
        form=form if isinstance(form, str) else "",
    )


def mark_of(line: Line) -> dict[str, Any]:
    """What our own column says; {} where it is damaged or not there."""
    text = line.cell(MARK)
    if not text:
        return {}
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # half characters cannot be kept
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _question(line: Line, groups: list[Group], form: str, findings: Findings) -> Placed:
    name = line.cell("name") or line.cell("$autoname")  # KoboToolbox's, where a person gave none
    type_ = type_of(line.cell("type"))
    if not name:
        name = f"unnamed_{line.line}"
        if type_.word == "note":
            findings.info(line.line, name, "missing_name", "The note has no name; it was given one.")
        else:
            findings.error(line.line, name, "missing_name", "The question has no name; it was given one. Add a name.")
    if not type_.word:
        written = line.cell("type")
        code = "unknown_type" if written else "missing_type"
        message = f"The type {written[:40]!r} is not known; the question is asked as text. Use a type of XLSForm."
        findings.error(line.line, name, code, message)
    form = next((group.form for group in groups[:MAX_DEPTH] if group.form), form)
    return Placed(line, type_, name, tuple(groups[:MAX_DEPTH]), form)


def _with_paths(found: tuple[Placed, ...], findings: Findings) -> tuple[Placed, ...]:
    uses = Counter(one.name for one in found)
    made = []
    for one, path in zip(found, paths_of((one.form, one.name) for one in found), strict=True):
        if uses[one.name] > 1:
            message = f"The name {one.name[:60]!r} is used {uses[one.name]} times. Give each question its own."
            findings.error(one.line.line, path, "duplicate_name", message)
        made.append(replace(one, path=path))
    return tuple(made)
