"""What is worth saying about a visit, and when. Pure: dates and zones in, decisions out.

Cadence: a visit is mentioned on the day its window opens, 7 days before the earliest due day, the day after it, and
then every 7 days while it is overdue. Nothing is said about what is done, closed or not owed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Step = Literal["opens", "due", "overdue"]
BEFORE_DUE = timedelta(days=7)
EVERY_OVERDUE = 7


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """An open visit as reminders see it: earliest opening and earliest due day of its open timepoints."""

    uuid: str
    pseudonym: str
    opens_on: date
    due_on: date


def bucket(visit: OpenVisit, today: date) -> Literal["overdue", "due", "later"]:
    """Where the visit stands on a site-local day."""
    if today > visit.due_on:
        return "overdue"
    return "due" if today >= visit.opens_on else "later"


def says_today(visit: OpenVisit, today: date) -> Step | None:
    """What the digest of `today` says about the visit, or None on the days in between."""
    if today > visit.due_on:
        return "overdue" if (today - visit.due_on).days % EVERY_OVERDUE == 1 else None
    if today == max(visit.opens_on, visit.due_on - BEFORE_DUE) and today != visit.opens_on:
        return "due"
    return "opens" if today == visit.opens_on else None


def next_step(visit: OpenVisit, today: date) -> tuple[Step, date]:
    """The next day (today or later) on which the visit is mentioned, and as what."""
    days = [
        (visit.opens_on, "opens"),
        (visit.due_on - BEFORE_DUE, "due"),
        (visit.due_on + timedelta(days=1), "overdue"),
    ]
    for day, step in days:
        if day >= max(today, visit.opens_on):
            return step, day  # type: ignore[return-value]
    over = (today - visit.due_on).days
    return "overdue", today + timedelta(days=(1 - over) % EVERY_OVERDUE)


def at_local(day: date, hour: int, zone: str) -> datetime:
    """The UTC instant of `hour` o'clock on a site-local day; the later one where the clock is set back."""
    local = datetime.combine(day, time(hour), tzinfo=ZoneInfo(zone)).replace(fold=1)
    return local.astimezone(UTC)
