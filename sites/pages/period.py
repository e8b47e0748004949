"""The period of a burden page from its link (?from=&to=), so that a link always shows the same days."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

YEAR = timedelta(days=364)


@dataclass(frozen=True, slots=True)
class Period:
    """Both days included. `problem` says what was wrong with the link, '' where nothing was."""

    start: date
    end: date
    problem: str = ""

    @property
    def query(self) -> str:
        """The permanent form of the link."""
        return urlencode({"from": self.start.isoformat(), "to": self.end.isoformat()})

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def words(self) -> str:
        return f"{self.start.isoformat()} to {self.end.isoformat()}"


def read(given: Mapping[str, str], today: date) -> Period:
    """The period asked for; this month and the 11 before where none is, or where it cannot be read."""
    usual = _usual(today)
    try:
        start = date.fromisoformat(given["from"]) if given.get("from") else None
        end = date.fromisoformat(given["to"]) if given.get("to") else None
    except ValueError:
        return Period(usual.start, usual.end, "A date could not be read. Write it as 2026-06-01.")
    if not start and not end:
        return usual
    end = end or today
    start = start or end - min(YEAR, end - date.min)
    if start > end:
        return Period(usual.start, usual.end, f"{start} is after {end}. Give the earlier day first.")
    return Period(start, end)


def _usual(today: date) -> Period:
    """Whole months, whose sums stand ready: this one and the 11 before."""
    first = date(today.year - 1, today.month % 12 + 1, 1) if today.month < 12 else date(today.year, 1, 1)
    return Period(first, today.replace(day=monthrange(today.year, today.month)[1]))
