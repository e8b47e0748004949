"""Keeps the predicted load of each site (sites.LoadPeriod) in step with its open visits, week by week and program.

Once a day, and after planning runs, the same pass sums to the end of the schedules for the forecast (ahead).
Called by the sweep and after planning runs; a visit's expected minutes depend only on which entries it joins, so each
combination is computed once a release.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby

from capture.ask import expected
from capture.ask.expected import OpenWork
from capture.models import Timepoint
from capture.plan import ahead
from forms_catalog import publishing
from sites.burden import load, load_ahead, profiles
from sites.burden.load_ahead import Sums
from sites.clock import local_day
from sites.models import Site

WEEKS = 53
STALE = timedelta(hours=1)


def refresh(now: datetime) -> int:
    """Rebuild the load of every site whose figures are older than an hour. Gives how many were rebuilt.

    What lies beyond a year is summed once a day.
    """
    due = [s for s in Site.objects.all() if load.is_stale(s.code, now - STALE)]
    for site in due:
        today = local_day(now, site.time_zone)
        rebuild(site, today=today, whole=load_ahead.built_on(site.code) != today)
    return len(due)


def rebuild(site: Site, *, today: date, whole: bool = True) -> None:
    """Predicted centiseconds of a site's open visits in the next year; overdue ones count in this week. 2 queries.

    At the site's own prices as calibrated last. `whole` sums to the end of the schedules in the same pass, for the
    forecast (8 more queries); at the default prices, for the forecast counts the site's measured pace itself.
    """
    newest = publishing.current()
    rows: dict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0])
    here, parts = profiles.of_site(site).prices, dict[tuple[str, tuple[str, ...]], dict[str, int]]()
    sums, year = Sums(today), today + timedelta(weeks=WEEKS)
    if newest:
        for planned_on, sha256, keys in _visits(site, ahead.until(today) if whole else year):
            if whole:
                sums.add(planned_on, price(sha256 or newest.sha256, keys))
            if planned_on > year:
                continue
            if (sha256, keys) not in parts:
                parts[sha256, keys] = expected.priced(_work(sha256 or newest.sha256, keys), here)
            for program, centiseconds in parts[sha256, keys].items():
                cell = rows[program, monday(max(planned_on, today))]
                cell[0], cell[1] = cell[0] + 1, cell[1] + centiseconds
    load.replace(site.code, {key: (visits, cs) for key, (visits, cs) in rows.items()})
    if whole:
        ahead.store(site, sums, lambda sha, keys: price(sha or (newest.sha256 if newest else ""), keys))


def _visits(site: Site, until: date) -> Iterator[tuple[date, str, tuple[str, ...]]]:
    """Each open visit: its day, the content of the release it was opened with or '', and the entries it serves.

    One visit after another: a large site has more of them than fit into memory as rows.
    """
    points = Timepoint.objects.filter(visit__site=site, state=Timepoint.State.PLANNED, visit__planned_on__lte=until)
    of_visit = ("visit", "visit__planned_on", "visit__release__sha256")
    rows = points.order_by("visit").values_list(*of_visit, "enrollment__program__code", "entry_code")
    for (_, planned_on, opened), found in groupby(rows.iterator(chunk_size=5000), key=lambda row: row[:3]):
        yield planned_on, opened or "", tuple(sorted(f"{program}:{code}" for *_, program, code in found))


def price(release_sha: str, keys: tuple[str, ...]) -> int:
    """What a visit of these entries is expected to cost under a release, in centiseconds."""
    return sum(_shares(release_sha, keys).values())


@lru_cache(maxsize=4096)
def _shares(release_sha: str, keys: tuple[str, ...]) -> Mapping[str, int]:
    return expected.priced(_work(release_sha, keys))


@lru_cache(maxsize=4096)
def _work(release_sha: str, keys: tuple[str, ...]) -> OpenWork:
    return expected.work_of(publishing.spec_with(release_sha), keys)


def monday(day: date) -> date:
    """The Monday of a day's ISO week."""
    return day - timedelta(days=day.weekday())
