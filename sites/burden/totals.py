"""Totals of the ledger and the load for the burden pages: sums only, a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Sum

from sites.burden.ledger import COUNTS
from sites.models import Budget, BurdenEntry, LoadPeriod, Program, Site

KINDS = ("predicted", "measured", "avoided", "transcription", "query", "signing")


@dataclass(frozen=True, slots=True)
class Line:
    """One program (or the whole): asks by state and minutes by kind."""

    program: str
    title: str
    counts: Mapping[str, int]
    minutes: Mapping[str, float]

    @property
    def received(self) -> int:
        return sum(self.counts.values())

    @property
    def net_avoided(self) -> float:
        """Minutes avoided less what copying by hand costs."""
        return round(self.minutes["avoided"] - self.minutes["transcription"], 1)


@dataclass(frozen=True, slots=True)
class Week:
    """One week of a site: expected minutes by program, and the budget."""

    monday: date
    minutes: Mapping[str, float] = field(default_factory=dict)
    visits: int = 0

    @property
    def total(self) -> float:
        return round(sum(self.minutes.values()), 1)


def lines(sites: Iterable[str], start: date, end: date, *, program: str = "") -> list[Line]:
    """One line a program over a period, both days included. 2 queries."""
    rows = BurdenEntry.objects.filter(site__in=list(sites), local_date__gte=start, local_date__lte=end)
    rows = rows.filter(program=program) if program else rows
    found = rows.values("program", "kind").annotate(share_sum=Sum("share"), **{f"n_{c}": Sum(c) for c in COUNTS})
    titles = dict(Program.objects.values_list("code", "title"))
    minutes: dict[str, dict[str, float]] = {}
    counts: dict[str, dict[str, int]] = {}
    for row in found:
        code = row["program"]
        minutes.setdefault(code, dict.fromkeys(KINDS, 0.0))[row["kind"]] = round(row["share_sum"] / 6000, 1)
        if row["kind"] == "predicted":
            figures: dict[str, Any] = dict(row)
            counts[code] = {c: int(figures[f"n_{c}"]) for c in COUNTS}
    zero = dict.fromkeys(COUNTS, 0)
    return [Line(c, titles.get(c, c), counts.get(c, zero), minutes[c]) for c in sorted(minutes)]


def total(rows: Iterable[Line]) -> Line:
    """The sum of lines."""
    every = list(rows)
    counts = {c: sum(r.counts[c] for r in every) for c in COUNTS}
    minutes = {k: round(sum(r.minutes[k] for r in every), 1) for k in KINDS}
    return Line("", "All programs", counts, minutes)


def submissions(sites: Iterable[str], start: date, end: date) -> int:
    """How many submissions the period's lines rest on."""
    rows = BurdenEntry.objects.filter(site__in=list(sites), local_date__gte=start, local_date__lte=end)
    return int(rows.aggregate(n=Count("source_uuid", distinct=True))["n"] or 0)


def weeks(sites: Iterable[str], today: date, count: int = 12, *, program: str = "") -> list[Week]:
    """This week and the next ones with their expected minutes. 1 query."""
    first = today - timedelta(days=today.weekday())
    rows = LoadPeriod.objects.filter(site__in=list(sites), period__gte=first, period__lt=first + timedelta(weeks=count))
    rows = rows.filter(program=program) if program else rows
    made: dict[date, dict[str, float]] = {}
    visits: dict[date, int] = {}
    for row in rows:
        here = made.setdefault(row.period, {})
        here[row.program] = round(here.get(row.program, 0.0) + row.predicted / 6000, 1)
        visits[row.period] = max(visits.get(row.period, 0), row.visits)
    mondays = [first + timedelta(weeks=i) for i in range(count)]
    return [Week(m, made.get(m, {}), visits.get(m, 0)) for m in mondays]


def budget_of(site: Site, day: date) -> int | None:
    """The site's budget in minutes a week on a day, None where none is set."""
    found = Budget.objects.filter(site=site, valid_from__lte=day).order_by("-valid_from").first()
    return found.minutes_week if found else None
