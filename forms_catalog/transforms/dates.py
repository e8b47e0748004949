"""Dates as programs want them, and whether a dated record lies in an interval. Called by pipeline and records."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from forms_catalog.transforms.answers import Answer, Facts, Refusal

FORMATS: dict[str, tuple[int, str]] = {
    "ymd": (3, "{y}-{m}-{d}"),
    "dmy": (3, "{d}-{m}-{y}"),
    "mdy": (3, "{m}-{d}-{y}"),
    "my": (2, "{m}-{y}"),
    "y": (1, "{y}"),
}
PARTS = {"year": 1, "month": 2, "day": 3}
ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def parts(text: str, precision: str = "day") -> tuple[str, ...]:
    """The known parts of a canonical date: (year,), (year, month) or (year, month, day). Raises Refusal."""
    found = ISO.fullmatch(text)
    if found is None:
        raise Refusal("not_a_date", f"'{text}' is not a date in the form YYYY-MM-DD, YYYY-MM or YYYY.")
    known = tuple(p for p in found.groups() if p is not None)
    return known[: PARTS.get(precision, 3)]


def apply_date(args: Mapping[str, Any], state: tuple[Answer, ...], facts: Facts) -> Answer:
    """A date in the program's `format`; one that is known less exactly than the format asks stays blank with a note."""
    answer = state[0]
    if not answer.value:
        return answer
    wanted = str(args.get("format", "ymd"))
    if wanted not in FORMATS:
        raise Refusal("unknown_date_format", f"'{wanted}' is not a date format; use {', '.join(FORMATS)}.")
    known = parts(answer.value, answer.precision)
    need, pattern = FORMATS[wanted]
    if len(known) < need:
        return replace(answer, value="", note=_too_coarse(known))
    year, month, day = (*known, "", "")[:3]
    return replace(answer, value=pattern.format(y=year, m=month, d=day))


def _too_coarse(known: tuple[str, ...]) -> str:
    have = "year" if len(known) == 1 else "month"
    return f"date known to the {have} only; this program needs more, and dates are never filled in"


def span(text: str, precision: str = "day") -> tuple[date, date]:
    """The first and last day that a date known to the year, month or day can mean. Raises Refusal."""
    known = [int(p) for p in parts(text, precision)]
    year = known[0]
    first, last = (known[1], known[1]) if len(known) > 1 else (1, 12)
    if len(known) > 2:
        return date(year, first, known[2]), date(year, first, known[2])
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def placed(text: str) -> date:
    """The day that places a record in time: the last possible day of a partial date, so that no record is lost."""
    known = [int(p) for p in parts(text)]
    year = known[0]
    month = known[1] if len(known) > 1 else 12
    return date(year, month, known[2] if len(known) > 2 else monthrange(year, month)[1])


def months_before(day: date, months: int) -> date:
    """The same day that many months earlier, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def in_interval(text: str, facts: Facts) -> bool:
    """True where the record's day lies in (`after`, `as_of`]."""
    return up_to(text, facts) and (facts.after is None or placed(text) > facts.after)


def up_to(text: str, facts: Facts) -> bool:
    """True where the record's day is not after the as-of date."""
    return facts.as_of is None or placed(text) <= facts.as_of
