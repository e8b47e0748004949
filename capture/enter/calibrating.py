"""The only writer of CostProfile: prices by kind of answer of every site, from frozen sheets and active times.

Called by calibrate_costs and, once a week, by the sweep. Sums over visits of a site; no person is looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Max

from capture.ask import timing
from capture.models import Submission
from sites import trail
from sites.burden import estimating, ranges
from sites.burden.estimating import Array, Fit, Network, Timed
from sites.burden.prices import KINDS
from sites.models import CostProfile, Site
from sites.trail import Actor

WEEK = timedelta(days=7)
BATCH = 200  # sheets that are in memory at once
MOST_OF_A_SITE, MOST_OF_ALL, FEWEST = 400, 20_000, 40  # the latest timed visits: older ones say how it was
SAID_FROM = 5  # timed visits: what fewer say alone is not stated, it would be one afternoon of one person
ONE_VISIT, MANY_VISITS = "one_visit", "many_visits"


@dataclass(frozen=True, slots=True)
class Priced:
    """One row of a profile, in centiseconds: in force, what the site's visits say alone, and the 80 % range."""

    site: str
    kind: str
    n: int
    mean: int
    measured: int | None
    low: int
    high: int


def due(now: datetime) -> bool:
    """Whether the last calibration is a week ago, or never was. 1 query."""
    last = CostProfile.objects.aggregate(at=Max("measured_at"))["at"]
    return last is None or now - last >= WEEK


def calibrate(*, actor: Actor, only: Collection[str] = (), write: bool = True) -> list[Priced]:
    """Estimate every site anew and append its profile, or that of the sites `only`. Gives the rows.

    A site's estimate rests on the whole network, so all sites are read. 1 query a site, read 200 sheets at a time.
    """
    sites = list(Site.objects.order_by("code"))
    most = min(MOST_OF_A_SITE, max(FEWEST, MOST_OF_ALL // max(1, len(sites))))
    timed = {site.code: Timed.of(list(_rows(site, most))) for site in sites}
    network = estimating.fit(timed)
    chosen = [s for s in sites if not only or s.code in only]
    rows = [row for s in chosen for row in _profile(s.code, timed[s.code], network)]
    if write:
        _write(rows, {s.code: s for s in chosen}, actor)
    return rows


def _rows(site: Site, most: int) -> Iterator[tuple[Mapping[str, float], float]]:
    """Asks by kind and active centiseconds of the site's latest timed visits; a damaged sheet is left out."""
    found = Submission.objects.filter(visit__site=site, revision=1, active_centiseconds__gt=0)
    sheets = found.order_by("-submitted_at", "-pk").values_list("sheet", "active_centiseconds")[:most]
    for sheet, active in sheets.iterator(BATCH):
        try:
            yield timing.asks_by_kind(sheet), float(active)
        except (KeyError, TypeError, AttributeError):
            continue  # check_burden_ledger names it


def _profile(site: str, timed: Timed, network: Network) -> list[Priced]:
    fit = network.sites[site]
    said = estimating.alone(timed) if len(timed) >= SAID_FROM else None
    asked = timed.asks.sum(axis=0)
    rows = [_kind(site, i, fit, asked, said) for i in range(len(KINDS))]
    return [*rows, *_whole(site, timed, fit, network)]


def _kind(site: str, i: int, fit: Fit, asked: Array, said: Array | None) -> Priced:
    low, high = fit.range_of(i)
    measured = round(float(said[i])) if said is not None and asked[i] else None
    return Priced(
        site, KINDS[i], round(float(asked[i])), round(float(fit.prices[i])), measured, round(low), round(high)
    )


def _whole(site: str, timed: Timed, fit: Fit, network: Network) -> Iterator[Priced]:
    """A usual visit: its mean with the range of one visit, and with that of the mean of many."""
    shown = timed.asks if len(timed) else network.whole.asks[None, :]
    mix = shown.mean(axis=0) if shown.sum() else estimating.bare()
    mix = mix / max(mix[0], 1e-9)  # one visit
    one, many = ranges.of_visit(fit, mix), ranges.of_many(fit, mix)
    said = round(float(timed.centiseconds.mean())) if len(timed) >= SAID_FROM else None
    yield Priced(site, ONE_VISIT, len(timed), one.mid, said, one.low, one.high)
    yield Priced(site, MANY_VISITS, len(timed), many.mid, said, many.low, many.high)


@transaction.atomic
def _write(rows: list[Priced], sites: Mapping[str, Site], actor: Actor) -> None:
    at = actor.now  # one moment for the whole run: the rows of the latest moment are in force
    made = (
        CostProfile(
            site=sites[row.site],
            answer_kind=row.kind,
            n=row.n,
            mean_centiseconds=row.mean,
            measured_centiseconds=row.measured,
            low_centiseconds=row.low,
            high_centiseconds=row.high,
            measured_at=at,
        )
        for row in rows
    )
    while batch := list(islice(made, 1000)):
        CostProfile.objects.bulk_create(batch)
    details = {"sites": len(sites), "visits": sum(r.n for r in rows if r.kind == ONE_VISIT)}
    trail.record(
        actor, "calibrate_costs", "cost_profiles", reason="measured times of the latest visits", details=details
    )
