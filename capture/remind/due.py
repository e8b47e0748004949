"""Step 7: what is still due, what is worth saying about it, and when. Pure: facts, dates and zones in, decisions out.

Remind, do not nag. A visit is news on four days only: the Monday of the week before it can be done (time to book), the
day it can be done, 7 days before its earliest due day (where that is at least a week later), and the day after it.
While it stays overdue it is repeated on Mondays, a week after the first mention at the earliest: all of a person's
backlog then rings on one day of the week, not each visit on a day of its own. Days without news bring no mail; days
with news bring one, with counts of all that is due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sites.clock import local_day

StepName = Literal["opens", "due", "overdue"]
Bucket = Literal["overdue", "due", "soon"]
ORDER: tuple[StepName, ...] = ("opens", "due", "overdue")
BUCKETS: tuple[Bucket, ...] = ("overdue", "due", "soon")
DAY, WEEK = timedelta(days=1), timedelta(days=7)
SOON = timedelta(days=14)  # how far ahead a digest counts visits that open


@dataclass(frozen=True, slots=True)
class PointFact:
    """One timepoint of a visit: its state and its days, both ends of the window included."""

    state: str
    window_start: date
    window_end: date
    due_on: date


@dataclass(frozen=True, slots=True)
class VisitFact:
    """A visit as reminders see it, with the zone and digest hour of its site."""

    id: int
    uuid: str
    site: str
    zone: str
    digest_hour: int
    submitted: bool
    points: tuple[PointFact, ...]
    patient: int = 0
    reconsent: bool = False  # the patient has come of age and has not consented yet

    @property
    def open_points(self) -> tuple[PointFact, ...]:
        """The timepoints somebody still owes: never submitted, closed or not owed ones."""
        return () if self.submitted else tuple(p for p in self.points if p.state == "planned")


@dataclass(frozen=True, slots=True)
class Span:
    """The days of an open visit: first window opens, all windows open (the day it can be done), earliest due day."""

    opens_on: date
    ready_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Item:
    """One visit still due on a site-local day."""

    visit: VisitFact
    bucket: Bucket
    days_late: int


@dataclass(frozen=True, slots=True)
class Step:
    """One thing worth saying about a visit, and the site-local day to say it."""

    name: StepName
    on: date


@dataclass(frozen=True, slots=True)
class Ring:
    """A step as a notice holds it: what, and the UTC instant from which people may be told."""

    name: StepName
    at: datetime


def span(visit: VisitFact) -> Span | None:
    """The days of a visit, None where nobody owes it any more."""
    points = visit.open_points
    if not points:
        return None
    opens, due = min(p.window_start for p in points), min(p.due_on for p in points)
    ready = min(max(p.window_start for p in points), due)
    return Span(opens, max(opens, ready), due)


def still_due(visit: VisitFact, today: date) -> Item | None:
    """The visit where it is overdue, due, or opens within 14 days on the site-local day `today`; else None."""
    days = span(visit)
    if days is None or days.opens_on > today + SOON:
        return None
    if today > days.due_on:
        return Item(visit, "overdue", (today - days.due_on).days)
    return Item(visit, "due" if today >= days.opens_on else "soon", 0)


def next_notice(visit: VisitFact, now: datetime, waiting: Ring | None = None) -> Ring | None:
    """What to say next about a visit and when; None where nobody owes it any more.

    `waiting` is what was noted before: one still in the future means that all before it was said, one in the past that
    nobody was told of it yet. Missed steps fold into the latest one, so that days without a worker, or a plan that
    moved, end in one mention and never in none.
    """
    days = span(visit)
    if days is None:
        return None
    today = _rung_day(visit, now)
    unsaid = [s for s in _reached(days, today) if _unsaid(s, now, waiting)]
    if not unsaid:
        return _ring(visit, _after(days, today))
    late = _ring(visit, unsaid[-1])
    if waiting and late.at <= waiting.at <= now:
        return Ring(late.name, waiting.at)
    return late if waiting and waiting.at < late.at else Ring(late.name, now)


def after_saying(visit: VisitFact, told_at: datetime) -> Ring | None:
    """What follows once everything up to `told_at` was said; None where nobody owes the visit any more."""
    days = span(visit)
    return _ring(visit, _after(days, _rung_day(visit, told_at))) if days else None


def at_local(day: date, hour: int, zone: str) -> datetime:
    """The UTC instant of `hour` o'clock on a local day: the first one where the clock is set back, the first moment
    past the gap where it is set forward over that hour."""
    return datetime.combine(day, time(hour), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _rung_day(visit: VisitFact, now: datetime) -> date:
    """The last day whose digest hour has come at the visit's site."""
    today = local_day(now, visit.zone)
    return today if at_local(today, visit.digest_hour, visit.zone) <= now else today - DAY


def _ring(visit: VisitFact, step: Step) -> Ring:
    return Ring(step.name, at_local(step.on, visit.digest_hour, visit.zone))


def _singles(days: Span) -> list[Step]:
    """The four days of news, in order."""
    ready, due = days.ready_on, days.due_on
    steps = [Step("opens", _monday(ready) - WEEK), Step("due", ready)]
    if due - WEEK >= ready + WEEK:
        steps.append(Step("due", due - WEEK))
    return [*steps, Step("overdue", due + DAY)]


def _reached(days: Span, today: date) -> list[Step]:
    """Steps up to today, in order; of the Mondays only the last."""
    steps = [s for s in _singles(days) if s.on <= today]
    if _monday(today) >= _repeats_from(days):
        steps.append(Step("overdue", _monday(today)))
    return steps


def _after(days: Span, today: date) -> Step:
    """The first step later than today."""
    later = [s for s in _singles(days) if s.on > today]
    return later[0] if later else Step("overdue", max(_monday(today) + WEEK, _repeats_from(days)))


def _repeats_from(days: Span) -> date:
    """The first Monday a week or more after the visit was first said to be overdue."""
    return _monday(days.due_on + DAY + WEEK + 6 * DAY)


def _unsaid(step: Step, now: datetime, waiting: Ring | None) -> bool:
    return waiting is None or waiting.at <= now or ORDER.index(step.name) > ORDER.index(waiting.name)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
