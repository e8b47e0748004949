"""The words of a digest. Pure. Counts and a link only: no pseudonym and no date of a patient leaves by mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from capture.remind.due import SOON, Item

WORDS = {"overdue": "overdue", "due": "due", "soon": f"open within {SOON.days} days"}


@dataclass(frozen=True, slots=True)
class Message:
    """Subject and plain text body."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Links:
    """Absolute addresses of the two pages a digest names."""

    worklist: str
    reminders: str


def counts(items: Sequence[Item]) -> dict[str, int]:
    """Visits by bucket, in the order of urgency."""
    return {bucket: sum(item.bucket == bucket for item in items) for bucket in WORDS}


def message(
    items: Sequence[Item], *, name: str, sites: Mapping[str, str], day: date, zone: str, links: Links
) -> Message:
    """One message for one person and day. `sites` gives the names of the items' site codes. `items` is never empty."""
    lines = [f"{sites[code]}: {_listed(of_site)}." for code in sites if (of_site := _at(items, code))]
    late = max(item.days_late for item in items)
    if late:
        lines.append(f"The longest overdue visit is {late} {'day' if late == 1 else 'days'} late.")
    waiting = len({item.visit.patient for item in items if item.visit.reconsent})
    if waiting:
        who = "1 patient has" if waiting == 1 else f"{waiting} patients have"
        lines.append(f"{who} come of age: a consent of their own is needed before reports leave.")
    body = [
        f"Hello {name},",
        "",
        *lines,
        "",
        f"Your worklist: {links.worklist}",
        "",
        f"Counted on {day:%d %B %Y} in {zone}. Visits that are done are not counted.",
        "You get at most one message a day, and only on days with news.",
        "What stays overdue is repeated on Mondays.",
        f"To stop these messages: {links.reminders}",
    ]
    return Message(f"AskOnce: {_listed(items)}", "\n".join(body) + "\n")


def _at(items: Sequence[Item], code: str) -> list[Item]:
    return [item for item in items if item.visit.site == code]


def _listed(items: Sequence[Item]) -> str:
    """'2 visits overdue, 1 due'."""
    parts = [f"{n} {WORDS[bucket]}" for bucket, n in counts(items).items() if n]
    first, _, rest = parts[0].partition(" ")
    parts[0] = f"{first} visit{'' if first == '1' else 's'} {rest}"
    return ", ".join(parts)
