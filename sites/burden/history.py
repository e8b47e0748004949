"""Sums of what was done in a period: whole months from the rollups, the rest from the ledger. Called by totals.

The rest is the days of months that the period cuts, and the rows that are newer than the rollups. So a page is never
behind, and what it reads does not grow with the years that the ledger holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMonth

from sites.burden import rollups
from sites.burden.entries import COUNTS
from sites.burden.figures import Times, Totals
from sites.models import BurdenEntry, BurdenRollup

SUMS = {f"n_{name}": Sum(name) for name in ("share", "marginal", "alone", *COUNTS)}
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Asked:
    """Both days included; `sites` None = all of them, `program` '' = all."""

    start: date
    end: date
    sites: Collection[str] | None = None
    program: str = ""

    @property
    def whole(self) -> tuple[date, date]:
        """First day of the first whole month, and the day after the last one; the same day where none is whole."""
        first = self.start if self.start.day == 1 else _next(self.start)
        after = _next(self.end) if self.end == date.max or (self.end + timedelta(days=1)).day == 1 else _month(self.end)
        return (first, after) if first < after else (first, first)


def grouped(asked: Asked, column: str) -> dict[str, Totals]:
    """Totals by 'program', 'site' or 'month' (its first day). 4 to 6 queries."""
    return _steady(lambda mark: _grouped(asked, column, mark))


def visits(asked: Asked) -> dict[str, int]:
    """Site → submitted visits of the period, where there are any. 4 to 6 queries."""
    return _steady(lambda mark: _visits(asked, mark))


def _steady(read: Callable[[int], Found]) -> Found:
    """Read rollups and ledger as of one mark: read again where a refresh came in between."""
    while True:
        mark = rollups.mark()
        found = read(mark)
        if rollups.mark() == mark:
            return found


def _grouped(asked: Asked, column: str, mark: int) -> dict[str, Totals]:
    whole = column == "site" and not asked.program  # all programs of a site are summed already
    kept = _rolled(asked).exclude(kind=rollups.VISITS)
    kept = kept.filter(program="") if whole else kept.exclude(program="")
    kept = kept.filter(site="") if asked.sites is None else kept
    rest = _beyond(asked, mark)
    if column == "month":
        rest = [rows.annotate(month=TruncMonth("local_date")) for rows in rest]
    found: dict[str, Totals] = {}
    for rows in (kept, *rest):
        for row in rows.order_by().values(column, "kind").annotate(**SUMS):
            group = _totals(row)
            name = str(row[column])
            found[name] = found[name] + group if name in found else group
    return dict(sorted(found.items()))


def _visits(asked: Asked, mark: int) -> dict[str, int]:
    kind = BurdenEntry.Kind.PREDICTED if asked.program else rollups.VISITS
    kept = _rolled(asked).filter(kind=kind).exclude(site="")
    total: Counter[str] = Counter()
    for row in kept.order_by().values("site").annotate(n=Sum("entries")):
        total[row["site"]] += int(row["n"])
    for rows in _beyond(asked, mark):
        predicted = rows.filter(kind=BurdenEntry.Kind.PREDICTED).order_by().values("site")
        for row in predicted.annotate(n=Count("source_uuid", distinct=True)):
            total[row["site"]] += int(row["n"])
    return dict(total)


def _rolled(asked: Asked) -> QuerySet[BurdenRollup]:
    first, after = asked.whole
    rows = BurdenRollup.objects.filter(month__gte=first, month__lt=after)
    return _mine(rows, asked)


def _beyond(asked: Asked, mark: int) -> list[QuerySet[Any]]:
    """Ledger rows of the period that no rollup of its whole months holds: one query each for what is newer and for the
    days before and after. One query for all of them would be a scan of the ledger.
    """
    first, after = asked.whole
    rows = _mine(BurdenEntry.objects.all(), asked)
    if first == after:
        return [rows.filter(local_date__gte=asked.start, local_date__lte=asked.end)]
    last = asked.end if asked.end < after or after == date.max else after - timedelta(days=1)
    found = [rows.filter(pk__gt=mark, local_date__gte=first, local_date__lte=last)]
    if asked.start < first:
        found.append(rows.filter(local_date__gte=asked.start, local_date__lt=first))
    if last < asked.end:
        found.append(rows.filter(local_date__gte=after, local_date__lte=asked.end))
    return found


def _mine(rows: QuerySet[Any], asked: Asked) -> QuerySet[Any]:
    rows = rows if asked.sites is None else rows.filter(site__in=asked.sites)
    return rows.filter(program=asked.program) if asked.program else rows


def _totals(row: dict[str, Any]) -> Totals:
    times = Times(int(row["n_share"]), int(row["n_marginal"]), int(row["n_alone"]))
    return Totals({name: int(row[f"n_{name}"]) for name in COUNTS}, {row["kind"]: times})


def _month(day: date) -> date:
    return day.replace(day=1)


def _next(day: date) -> date:
    """The first day of the next month; the last day there is where there is none."""
    return date.max if (day.year, day.month) == (9999, 12) else _month(_month(day) + timedelta(days=32))
