"""What a site's forecast rests on, rebuilt with its load once a day and after planning runs (sites.LoadAhead).

Called by load_periods; the burden pages read the stored sums only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from capture.plan import newcomers, site_records
from capture.plan.newcomers import Joined
from forms_catalog import publishing
from forms_catalog.specs import ReleaseSpec
from sites.burden import forecast, load_ahead
from sites.burden.load_ahead import Basis, Sums
from sites.models import Site

DAYS = 366 * 15 + 31  # open visits after that are in no month of the forecast
Price = Callable[[str, tuple[str, ...]], int]


def until(today: date) -> date:
    """The last day that a forecast of this day looks at."""
    return today + timedelta(days=DAYS)


def store(site: Site, sums: Sums, price: Price) -> None:
    """Keep the sums and what the site's records say today. 8 queries and the rows."""
    basis = basis_of(site, sums.today, publishing.current_spec(), price)
    load_ahead.replace(site.code, sums, basis, weeks=forecast.WEEKS, months=forecast.MONTHS)


def basis_of(site: Site, on: date, release: ReleaseSpec, price: Price) -> Basis:
    """What the site's records say as they stood at the end of a day. `price` as in site_records.realised. 6 queries."""
    known_by = end_of(site, on)
    records, mix = site_records.of_site(site, on, known_by=known_by, asked=release.programs.keys())
    steps = newcomers.average(mix, lambda joined: _steps(release, joined, price)) if mix else ()
    counted = site_records.realised(site, price, known_by=known_by)
    return Basis(records, steps, _words(mix), *counted)


def end_of(site: Site, day: date) -> datetime:
    """The last moment of the site's own day."""
    return datetime.combine(day, time.max, ZoneInfo(site.time_zone))


def _steps(release: ReleaseSpec, joined: Joined, price: Price) -> list[tuple[int, int]]:
    return newcomers.steps(release, joined, lambda keys: price("", keys))


def _words(mix: dict[Joined, int]) -> str:
    """'12 in car_a + car_b, 3 in car_a': who newcomers are taken to be like."""
    return ", ".join(f"{n} in {' + '.join(program for program, _ in joined)}" for joined, n in mix.items())
