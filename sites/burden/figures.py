"""The figures of the burden pages: times by kind, asks by state, one week's load. Pure; totals reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sites.burden.entries import COUNTS


@dataclass(frozen=True, slots=True)
class Times:
    """Centiseconds of one kind: fair share, what would go without the program, what it would cost alone."""

    share: int = 0
    marginal: int = 0
    alone: int = 0

    def __add__(self, other: Times) -> Times:
        return Times(self.share + other.share, self.marginal + other.marginal, self.alone + other.alone)


@dataclass(frozen=True, slots=True)
class Totals:
    """One group of ledger rows: asks by state, and times by kind."""

    counts: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    times: Mapping[str, Times] = field(default_factory=dict)

    def __add__(self, other: Totals) -> Totals:
        counts = {c: self.counts[c] + other.counts[c] for c in COUNTS}
        kinds = {*self.times, *other.times}
        return Totals(counts, {k: self.of(k) + other.of(k) for k in kinds})

    def of(self, kind: str) -> Times:
        """The times of a kind; zero where there are none."""
        return self.times.get(kind, Times())

    @property
    def predicted(self) -> Times:
        return self.of("predicted")

    @property
    def measured(self) -> Times:
        return self.of("measured")

    @property
    def avoided(self) -> Times:
        return self.of("avoided")

    @property
    def transcription(self) -> Times:
        return self.of("transcription")

    @property
    def work(self) -> Times:
        """All the time a program takes: predicted (with the queries to expect), copying by hand, and signing."""
        return self.predicted + self.transcription + self.of("signing")

    @property
    def received(self) -> int:
        """All asks: the seven states sum to it."""
        return sum(self.counts.values())

    @property
    def net_avoided(self) -> int:
        """Centiseconds not spent on asking again, less those spent on copying by hand. May be negative."""
        return self.avoided.share - self.transcription.share


@dataclass(frozen=True, slots=True)
class Week:
    """One ISO week: expected centiseconds of open work by program, what is already submitted (`done`, this week only),
    and the budget in minutes (None = not set).
    """

    monday: date
    programs: Mapping[str, int] = field(default_factory=dict)
    budget: int | None = None
    done: int = 0

    @property
    def total(self) -> int:
        """All open work of the week."""
        return sum(self.programs.values())

    @property
    def whole(self) -> int:
        """Open and submitted work: what is held against the budget."""
        return self.total + self.done


def monday(day: date) -> date:
    """The Monday of the day's ISO week."""
    return day - timedelta(days=day.weekday())
