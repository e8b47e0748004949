"""Step 4: on which days a site works, so that visits are planned there. Pure; windows asks, load fills it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

WEEK = 7


@dataclass(frozen=True, slots=True)
class DaysOff:
    """The days a site is closed from a day ordinal on: ISO weekdays (Monday is 1) and single days (ordinals)."""

    since: int
    weekdays: frozenset[int] = frozenset({6, 7})
    days: frozenset[int] = frozenset()

    def holds(self, day: int) -> bool:
        """Whether the site is closed on that day; ordinal 1 was a Monday."""
        return (day - 1) % WEEK + 1 in self.weekdays or day in self.days


@dataclass(frozen=True, slots=True)
class Calendar:
    """Who is responsible for a patient over time: the sites' days off, the earliest first. None = every day will do."""

    sites: tuple[DaysOff, ...] = ()

    def works(self, day: int) -> bool:
        """Whether the site responsible on that day works; before the first one, as the first."""
        begun = [site for site in self.sites if site.since <= day] or list(self.sites[:1])
        return not begun or not begun[-1].holds(day)


EVERY_DAY = Calendar()


def nearest(best: int, first: int, last: int, calendar: Calendar, cost: Callable[[int], int]) -> int:
    """The working day in first..last that costs least, then the earliest; `best` where it works or none does.

    `cost` falls up to `best` and rises after it, so only the nearest working day on each side can be the one.
    """
    if calendar.works(best):
        return best
    before = _first(range(best, first - 1, -1), calendar)
    after = _first(range(best, last + 1), calendar)
    return min((day for day in (before, after) if day is not None), key=lambda day: (cost(day), day), default=best)


def _first(days: Iterable[int], calendar: Calendar) -> int | None:
    return next((day for day in days if calendar.works(day)), None)
