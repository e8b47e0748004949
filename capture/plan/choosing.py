"""Which open visits a person wants to see, in which order: the filters of a worklist and of its saved views. Pure.

worklist fills the rows; pages read a choice from an address and write it back, so that an address is a view.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Literal
from urllib.parse import parse_qsl, urlencode

Bucket = Literal["overdue", "due", "coming"]
BUCKETS: tuple[Bucket, ...] = ("overdue", "due", "coming")
KINDS = ("followup", "baseline", "triggered")
SORTS = ("due", "closes", "planned", "patient")
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Open:
    """One open visit as filters see it. `last_day` is the last day on which all that it serves is inside its window."""

    id: int
    patient: str
    bucket: Bucket
    kind: str
    due_on: date
    opens_on: date
    last_day: date
    planned_on: date
    drafted: bool
    programs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is wanted; '' everywhere is everything. `closing` in days, `due` an ISO day, `group` 'patient' or ''."""

    bucket: str = ""
    program: str = ""
    kind: str = ""
    search: str = ""
    drafted: str = ""
    closing: str = ""
    due: str = ""
    sort: str = ""
    group: str = ""

    def query(self) -> str:
        """The part of an address after the `?`; the same for the same choice, '' for everything."""
        return urlencode({f.name: value for f in fields(self) if (value := getattr(self, f.name))})


def read(values: Mapping[str, str]) -> Choice:
    """The choice of an address. What is none of the possible values counts as not given."""
    allowed = {"bucket": BUCKETS, "kind": KINDS, "drafted": ("yes", "no"), "sort": SORTS[1:], "group": ("patient",)}
    found = {f.name: (values.get(f.name) or "").strip() for f in fields(Choice)}
    for name, possible in allowed.items():
        found[name] = found[name] if found[name] in possible else ""
    days = found["closing"]
    found["closing"] = str(int(days)) if days.isascii() and days.isdigit() and 0 < int(days[:4]) <= MOST_DAYS else ""
    found["due"] = found["due"] if _day(found["due"]) else ""
    return Choice(**{name: value[:80] for name, value in found.items()})


def of_query(query: str) -> Choice:
    """The choice of a stored address part."""
    return read(dict(parse_qsl(query)))


def choose(rows: Iterable[Open], choice: Choice, today: date) -> list[Open]:
    """The rows of a choice in its order."""
    return _ordered([row for row in rows if _fits(row, choice, today)], choice)


def counts(rows: Iterable[Open]) -> dict[str, int]:
    """How many visits are in each bucket."""
    buckets = [row.bucket for row in rows]
    return {bucket: buckets.count(bucket) for bucket in BUCKETS}


def _fits(row: Open, choice: Choice, today: date) -> bool:
    closes = today + timedelta(days=int(choice.closing)) if choice.closing else None
    return (
        choice.bucket in ("", row.bucket)
        and choice.kind in ("", row.kind)
        and (not choice.program or choice.program in row.programs)
        and (not choice.drafted or row.drafted == (choice.drafted == "yes"))
        and choice.search.casefold() in row.patient.casefold()
        and (not choice.due or row.due_on.isoformat() == choice.due)
        and (closes is None or today <= row.last_day <= closes)
    )


def _ordered(rows: Sequence[Open], choice: Choice) -> list[Open]:
    keys = {
        "closes": lambda r: (r.last_day, r.due_on, r.id),
        "planned": lambda r: (r.planned_on, r.due_on, r.id),
        "patient": lambda r: (r.patient, r.due_on, r.id),
    }
    found = sorted(rows, key=keys.get(choice.sort, lambda r: (r.due_on, r.planned_on, r.id)))
    if choice.group:
        first: dict[str, int] = {}
        for number, row in enumerate(found):
            first.setdefault(row.patient, number)
        found.sort(key=lambda r: first[r.patient])
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
