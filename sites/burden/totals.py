"""Reads of the burden pages: sums over history and load, a fixed number of queries whatever the number of rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta

from django.db.models import Count, QuerySet, Sum

from sites.burden import calibrate, history
from sites.burden.calibrate import Pace
from sites.burden.figures import Totals, Week, monday
from sites.models import Budget, BurdenEntry, LoadPeriod, Site


def by(column: str, sites: Collection[str] | None, start: date, end: date) -> dict[str, Totals]:
    """Totals of a period, both days included, by 'program' or 'site' (`sites` None = all). 4 queries."""
    return history.grouped(history.Asked(start, end, sites=sites), column)


def by_month(program: str, start: date, end: date) -> dict[str, Totals]:
    """Totals of a program over all its sites by month, as '2026-06'. 4 queries."""
    found = history.grouped(history.Asked(start, end, program=program), "month")
    return {month[:7]: totals for month, totals in found.items()}


def reach(sites: Collection[str] | None, start: date, end: date, *, program: str = "") -> tuple[int, int]:
    """How many submitted visits, at how many sites, the totals rest on. 4 queries."""
    visits = history.visits(history.Asked(start, end, sites=sites, program=program))
    return sum(visits.values()), len(visits)


def pace(site: str, start: date, end: date) -> Pace | None:
    """Measured beside predicted time, over the visits that were timed. 1 query."""
    timed = _entries([site], start, end).filter(kind=BurdenEntry.Kind.MEASURED)
    both = _entries([site], start, end).filter(kind__in=["predicted", "measured"])  # of one visit: one site, one day
    rows = both.filter(source_uuid__in=timed.values("source_uuid"))
    found = {
        r["kind"]: r for r in rows.values("kind").annotate(total=Sum("share"), n=Count("source_uuid", distinct=True))
    }
    if set(found) != {"predicted", "measured"}:
        return None
    return calibrate.pace(found["measured"]["n"], found["predicted"]["total"], found["measured"]["total"])


def spent(mondays: Mapping[str, date]) -> dict[str, int]:
    """Site → predicted and copying centiseconds of what was submitted in its week. 1 query."""
    if not mondays:
        return {}
    first, last = min(mondays.values()), max(mondays.values()) + timedelta(days=6)
    rows = _entries(list(mondays), first, last).filter(kind__in=["predicted", "transcription"])
    done = dict.fromkeys(mondays, 0)
    for site, day, share in rows.values_list("site", "local_date").annotate(total=Sum("share")):
        done[site] += share if monday(day) == mondays[site] else 0
    return done


def open_work(mondays: Mapping[str, date]) -> dict[str, int]:
    """Site → expected centiseconds of open visits up to and in its week, overdue ones included. 1 query."""
    rows = LoadPeriod.objects.filter(site__in=list(mondays), period__lte=max(mondays.values(), default=date.min))
    waiting = dict.fromkeys(mondays, 0)
    for site, period, predicted in rows.values_list("site", "period").annotate(total=Sum("predicted")):
        waiting[site] += predicted if period <= mondays[site] else 0
    return waiting


def weeks(
    first: date, *, site: str = "", program: str = "", count: int = 12, budgets: Sequence[Budget] = ()
) -> list[Week]:
    """The load of a site or program by week from a Monday; open work of earlier weeks waits in the first. 1 query."""
    mine = {name: value for name, value in (("site", site), ("program", program)) if value}
    rows = LoadPeriod.objects.filter(**mine, period__lt=first + timedelta(weeks=count))
    load: dict[date, dict[str, int]] = {first + timedelta(weeks=i): {} for i in range(count)}
    for period, code, predicted in rows.values_list("period", "program").annotate(total=Sum("predicted")):
        week = load[max(period, first)]
        week[code] = week.get(code, 0) + predicted
    return [Week(m, dict(sorted(p.items())), budget_on(budgets, m)) for m, p in load.items()]


def budgets_of(sites: Iterable[Site]) -> dict[int, list[Budget]]:
    """Site id → its budgets, oldest first. 1 query."""
    found: dict[int, list[Budget]] = {}
    for row in Budget.objects.filter(site__in=list(sites)).order_by("valid_from"):
        found.setdefault(row.site_id, []).append(row)
    return found


def budget_on(budgets: Sequence[Budget], day: date) -> int | None:
    """The minutes a week that hold at the end of the day's week; None where no budget is set by then."""
    held = [b.minutes_week for b in budgets if b.valid_from <= day + timedelta(days=6)]
    return held[-1] if held else None


def _entries(sites: Collection[str], start: date, end: date) -> QuerySet[BurdenEntry]:
    return BurdenEntry.objects.filter(local_date__gte=start, local_date__lte=end, site__in=sites)
