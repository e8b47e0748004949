"""The words of a digest. Pure. Counts and a link only: no pseudonym and no date of a patient leaves by mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from capture.remind.due import OpenVisit, Step, bucket


@dataclass(frozen=True, slots=True)
class Message:
    """Subject and plain text body."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Item:
    """One visit worth saying today."""

    visit: OpenVisit
    step: Step


def message(items: Sequence[Item], *, name: str, site: str, today: date, link: str, zone: str) -> Message:
    """One message for one person and day. `items` is never empty: an empty digest is not sent."""
    counts = Counter(bucket(i.visit, today) for i in items)
    parts = [f"{counts['overdue']} overdue"] if counts["overdue"] else []
    parts += [f"{counts['due']} due"] if counts["due"] else []
    total = len(items)
    subject = f"{total} visit{'s' if total != 1 else ''} to report at {site}: {', '.join(parts)}"
    lines = [
        f"Good morning {name},",
        "",
        f"{total} visit{'s' if total != 1 else ''} at {site} need you ({', '.join(parts)}).",
        f"Your worklist: {link}",
        "",
        f"This message counts {today} in {zone}. What is done is not mentioned, and you get at most one a day.",
        f"To stop it, open {link.rsplit('/worklist', 1)[0]}/reminders/.",
    ]
    return Message(subject, "\n".join(lines) + "\n")
