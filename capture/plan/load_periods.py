"""Keeps the predicted load of each site (sites.LoadPeriod) in step with its open visits, week by week and program.

Called by the sweep and after planning runs; a visit's expected minutes depend only on which entries it joins, so each
combination is computed once a release.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache

from capture.ask import expected
from capture.models import Timepoint
from forms_catalog import publishing
from sites.burden import load
from sites.clock import local_day
from sites.models import Site

WEEKS = 53
STALE = timedelta(hours=1)


def refresh(now: datetime) -> int:
    """Rebuild the load of every site whose figures are older than an hour. Gives how many were rebuilt."""
    due = [s for s in Site.objects.all() if load.is_stale(s.code, now - STALE)]
    for site in due:
        rebuild(site, today=local_day(now, site.time_zone))
    return len(due)


def rebuild(site: Site, *, today: date) -> None:
    """Predicted centiseconds of a site's open visits in the next year; overdue ones count in this week. 1 query."""
    newest = publishing.current()
    rows: dict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0])
    if newest:
        for (_, planned_on, sha256), keys in _visits(site, today).items():
            week = monday(max(planned_on, today))
            for program, centiseconds in _shares(sha256 or newest.sha256, keys).items():
                cell = rows[program, week]
                cell[0], cell[1] = cell[0] + 1, cell[1] + centiseconds
    load.replace(site.code, {key: (visits, cs) for key, (visits, cs) in rows.items()})


def _visits(site: Site, today: date) -> Mapping[tuple[int, date, str], tuple[str, ...]]:
    """(visit, its day, the content of the release it was opened with or '') → the entries it serves."""
    until = today + timedelta(weeks=WEEKS)
    points = Timepoint.objects.filter(visit__site=site, state=Timepoint.State.PLANNED, visit__planned_on__lte=until)
    found: dict[tuple[int, date, str], list[str]] = defaultdict(list)
    for point in points.select_related("visit__release", "enrollment__program").defer("visit__release__content"):
        if point.visit:
            opened = point.visit.release.sha256 if point.visit.release else ""
            found[point.visit_id or 0, point.visit.planned_on, opened].append(
                f"{point.enrollment.program.code}:{point.entry_code}"
            )
    return {key: tuple(sorted(keys)) for key, keys in found.items()}


@lru_cache(maxsize=4096)
def _shares(release_sha: str, keys: tuple[str, ...]) -> Mapping[str, int]:
    return expected.shares_of(publishing.spec_with(release_sha), keys)


def monday(day: date) -> date:
    """The Monday of a day's ISO week."""
    return day - timedelta(days=day.weekday())
