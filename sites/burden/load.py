"""The only writer of LoadPeriod: a site's predicted minutes by program and week, rebuilt whole."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from sites.models import LoadPeriod, Site


@transaction.atomic
def replace(site: str, rows: Mapping[tuple[str, date], tuple[int, int]]) -> None:
    """Replace the site's load. `rows`: (program code, Monday) → (visits, centiseconds)."""
    Site.objects.select_for_update().filter(code=site).first()  # two rebuilds of one site take turns
    LoadPeriod.objects.filter(site=site).delete()
    LoadPeriod.objects.bulk_create(
        [
            LoadPeriod(site=site, program=program, period=week, visits=visits, predicted=centiseconds)
            for (program, week), (visits, centiseconds) in sorted(rows.items())
        ]
    )
    _REBUILT[site] = timezone.now()


def minutes_a_week(sites: Collection[str], first: date, weeks: int) -> dict[str, float]:
    """Site → expected minutes a week on average over so many weeks from a Monday; overdue work included. 1 query."""
    rows = LoadPeriod.objects.filter(site__in=list(sites), period__lt=first + timedelta(weeks=weeks))
    totals = rows.order_by().values_list("site").annotate(total=Sum("predicted"))
    return {site: total / weeks / 6000 for site, total in totals}


_REBUILT: dict[str, datetime] = {}  # of this process only: a new process rebuilds once


def is_stale(site: str, before: datetime) -> bool:
    """True where this process has not rebuilt the site's load since `before`."""
    return site not in _REBUILT or _REBUILT[site] < before
