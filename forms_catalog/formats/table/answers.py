"""How a request sheet says what answers it takes: type words, lists of choices, yes and no. Pure."""

from __future__ import annotations

import re

from forms_catalog.formats.html_text import plain
from forms_catalog.formats.problems import Findings
from forms_catalog.specs import Option

MAX_CHOICES = 20_000
YES = frozenset({"y", "yes", "1", "true", "x", "required", "mandatory", "req", "m", "r", "must", "ja", "oui", "si"})

# Type words in the order they are tried; the first pattern found in the cell decides.
_KINDS: tuple[tuple[str, str], ...] = (
    (r"header|heading|descriptive|information only|label only|section title|display", "display"),
    (r"calculat|derived|computed|formula", "calculated"),
    (r"select all|multi[- ]?select|multiple select|select[_ ]multiple|check ?box|all that apply|tick all",
     "multichoice"),
    (r"yes\s*/?\s*no|y\s*/\s*n\b|boolean|\bbool\b|binary|true\s*/?\s*false", "yesno"),
    (r"date\s*[-/&+]?\s*(?:and\s*)?time|timestamp|datetime", "datetime"),
    (r"date|[dmy]{2,4}[-/. ][dm]{2,3}[-/. ][dmy]{2,4}|mm[-/. ]y{2,4}|y{4}[-/. ]mm", "date"),
    (r"\btime\b|hh:mm", "time"),
    (r"choice|select|drop ?down|radio|categor|coded|code ?list|pick ?list|\blist\b|enum|permissible|nominal|ordinal",
     "choice"),
    (r"integer|\bint\b|whole|count|\bscale\b|score", "integer"),
    (r"number|numeric|\bnum\b|decimal|float|real|double|continuous|measure|quantity|\bf?\d{1,2}\.\d\b", "decimal"),
    (r"long|memo|notes?\b|paragraph|narrative|free ?text|text ?area|comment", "notes"),
    (r"file|upload|attach|image|document", "file"),
    (r"text|string|char|alpha|\$\d*", "text"),
)  # fmt: skip
_ORDERS = (
    (r"y{4}[-/. ]?m{2,3}[-/. ]?d{2}", "ymd"),
    (r"d{2}[-/. ]?m{2,3}[-/. ]?y{2,4}", "dmy"),
    (r"m{2,3}[-/. ]?d{2}[-/. ]?y{2,4}", "mdy"),
    (r"m{2}[-/. ]?y{2,4}", "my"),
)
_DATE_LABEL = re.compile(r"^dates?\b|\bdate(?: of [\w\s-]{2,40})?[:?*]?$", re.IGNORECASE)
_PAIR = re.compile(r"\(?([^\s=:()]{1,20})\)?\s*(?:=|:)\s*(.+)|\(?(\d{1,4})\)?[.)]?\s+(?:[-–]\s+)?(\D.*)", re.DOTALL)


def kind_of(words: str, label: str, unit: str, has_options: bool) -> tuple[str, str, str]:
    """(kind, date format, what it was guessed from): kind also 'yesno' or 'calculated'; guess '' where it is said."""
    low = words.lower()
    for pattern, kind in _KINDS:
        if low and re.search(pattern, low):
            return _settled(kind, has_options), _order(low) if kind in ("date", "datetime") else "", ""
    if has_options:
        return "choice", "", "its choices"
    if unit:
        return "decimal", "", "its unit"
    if _DATE_LABEL.search(label):
        return "date", "ymd", "its wording"
    return "text", "", "nothing: no type, no choices, no unit"


def _settled(kind: str, has_options: bool) -> str:
    """Choices beside a type that has none (text, number) make it a choice question; yes/no may list its own."""
    return "choice" if has_options and kind in ("text", "integer", "decimal", "yesno", "notes") else kind


def _order(words: str) -> str:
    return next((order for pattern, order in _ORDERS if re.search(pattern, words)), "ymd")


def options_of(cell: str, line: int, path: str, findings: Findings) -> tuple[Option, ...]:
    """`1=Yes | 0=No`, `1: Yes; 0: No`, one a line, or `Yes, No`: a choice without a code is its own code."""
    parts = _parts(cell)
    if len(parts) == 1:
        message = f"{parts[0][:60]!r} is no list of choices; it is kept as a remark. Write '1=Yes | 0=No'."
        findings.info(line, path, "choices_elsewhere", message)
        return ()
    options: dict[str, Option] = {}
    most = findings.choices_left(min(len(parts), MAX_CHOICES))
    if len(parts) > most:
        message = f"Only {most} of the {len(parts)} choices were read: there are too many. Use a shorter list."
        findings.error(line, path, "too_many_choices", message)
    for part in parts[:most]:
        option = _option(part)
        if option.code in options:
            message = f"The choice {option.code[:40]!r} is there twice; the first counts. Give each its own code."
            findings.error(line, path, "duplicate_choice_code", message)
        options.setdefault(option.code, option)
    return tuple(options.values())


def _parts(cell: str) -> list[str]:
    for separator in ("\n", "|", ";"):
        if separator in cell:
            return [p.strip() for p in cell.split(separator) if p.strip()]
    parts = [p.strip() for p in re.split(r",|\s/\s", cell) if p.strip()]
    short = len(parts) > 1 and all(len(p) <= 60 for p in parts)
    slashed = [p.strip() for p in cell.split("/")]
    if len(parts) == 1 and 1 < len(slashed) <= 6 and all(0 < len(p) <= 20 for p in slashed):
        return slashed
    return parts if short else [cell.strip()]


def _option(part: str) -> Option:
    found = _PAIR.fullmatch(part.strip().rstrip(","))
    code = (found[1] or found[3]).strip() if found else ""
    label = plain((found[2] or found[4]).strip()) if found else ""
    if code and label:
        return Option(code, label)
    code, comma, label = part.partition(",")
    if comma and re.fullmatch(r"\s*[\w.-]{1,20}\s*", code) and plain(label):
        return Option(code.strip(), plain(label))
    return Option(plain(part)[:200], plain(part))


def says_yes(cell: str) -> bool:
    """Whether a cell of a yes-or-no column says yes, in the words people put there."""
    return cell.strip().lower() in YES
