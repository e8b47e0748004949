"""The choices cell of a REDCap row to options, with a finding for each part that is odd."""

from __future__ import annotations

import re

from forms_catalog.formats.html_text import plain
from forms_catalog.formats.problems import Findings
from forms_catalog.specs import YES_NO, Option

IMPLIED = {
    "yesno": YES_NO,
    "truefalse": (Option("1", "True"), Option("0", "False")),
}
MAX_CHOICES = 20_000  # a full disease classification has fewer
_PAIR = re.compile(r"\s*[^\s,|]+\s*,")


def options_of(cell: str, line: int, path: str, findings: Findings) -> tuple[Option, ...]:
    """`code, label | code, label`: split on |, then on the first comma. The first of two equal codes counts."""
    options: dict[str, Option] = {}
    twice: dict[str, None] = {}
    parts = _parts(cell)
    most = findings.choices_left(min(len(parts), MAX_CHOICES))
    if len(parts) > most:
        message = f"Only {most} of the {len(parts)} choices were read: there are too many. Use a shorter list."
        findings.error(line, path, "too_many_choices", message)
    for part in parts[:most]:
        option = _option(part, line, path, findings)
        if option and option.code in options:
            twice[option.code[:40]] = None
        elif option:
            options[option.code] = option
    if twice:
        message = (
            f"Choice codes used twice, the first counts: {', '.join([*twice][:5])}. Give each choice its own code."
        )
        findings.error(line, path, "duplicate_choice_code", message)
    return tuple(options.values())


def _parts(cell: str) -> list[str]:
    if "|" not in cell:
        lines = [part for part in re.split(r"\n|\\n", cell) if part.strip()]
        if len(lines) > 1 and all(_PAIR.match(part) for part in lines):
            return lines  # older exports put one choice on a line
    return [part for part in cell.split("|") if part.strip()]


def _option(part: str, line: int, path: str, findings: Findings) -> Option | None:
    code, comma, label = part.partition(",")
    code, label = code.strip(), plain(label)
    if comma and label and code:
        return Option(code, label)
    if not code:
        message = f"Choice {label[:40]!r} has no code and was left out. Write it as 'code, label'."
        findings.error(line, path, "choice_without_code", message)
        return None
    message = f"Choice {code[:40]!r} has no label; the code is shown instead. Write it as 'code, label'."
    findings.warning(line, path, "choice_without_label", message)
    return Option(code, plain(code))
