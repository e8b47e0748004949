"""Simulated sites for the back-test of the forecast: real schedules, invented lives. Pure; tests and bench.forecast.

Each site has a pace of enrolment, deaths, losses, habits and delays of its own, which the forecast never sees: it gets
what a real site's records would give it on that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp
from random import Random

from capture.ask import expected
from capture.plan import newcomers
from capture.plan.newcomers import Joined
from forms_catalog.specs import ReleaseSpec
from sites.burden import backtesting, calibrate, forecast, rates
from sites.burden.backtesting import Score
from sites.burden.figures import monday
from sites.burden.forecast import Calibration, Facts
from sites.burden.load_ahead import WEEK, Sums
from sites.burden.rates import Records

EPOCH = date(2022, 1, 3)
DAYS = 4 * 365
KINDS: tuple[Joined, ...] = (
    (("car_registry_eu", ""),),
    (("car_registry_na", ""),),
    (("car_pass_sponsor", ""), ("car_registry_eu", "")),
    (("car_pass_sponsor", ""), ("car_registry_eu", ""), ("car_registry_na", "")),
)
Schedule = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Visit:
    """Planned and done days since the epoch (`done` None: never), blank, asked and spent centiseconds."""

    planned: int
    done: int | None
    blank: int
    asked: float
    spent: float


@dataclass(frozen=True, slots=True)
class Person:
    """Joined as one of the kinds; `gone` is the day of death or loss, `died` which of the two."""

    joined: int
    kind: int
    gone: int
    died: bool
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class Habits:
    """What is true of one simulated site."""

    monthly: float
    death: float
    loss: float
    asked: float
    pace: float
    delay: float
    mix: tuple[float, ...]


def schedules(release: ReleaseSpec) -> tuple[Schedule, ...]:
    """The visits of each kind of newcomer under a real release."""
    prices: dict[tuple[str, ...], int] = {}

    def price(keys: tuple[str, ...]) -> int:
        if keys not in prices:
            prices[keys] = sum(expected.shares_of(release, keys).values())
        return prices[keys]

    return tuple(newcomers.steps(release, kind, price) for kind in KINDS)


def habits(random: Random) -> Habits:
    """A site unlike others: 1 to 6 patients a month, 4 to 25 % deaths a year, a pace from 0.6 to 1.6."""
    return Habits(
        random.uniform(1, 6),
        random.uniform(0.04, 0.25),
        random.uniform(0.01, 0.06),
        random.uniform(0.5, 0.9),
        exp(random.uniform(-0.5, 0.47)),
        random.uniform(2, 14),
        tuple(random.uniform(0.2, 1) for _ in KINDS),
    )


def people(random: Random, site: Habits, known: Sequence[Schedule]) -> list[Person]:
    """Everybody who joins in four years, with what becomes of each visit."""
    found, day = [], 0.0
    while (day := day + random.expovariate(site.monthly * 12 / 365)) < DAYS:
        kind = random.choices(range(len(KINDS)), site.mix)[0]
        gone = day + random.expovariate((site.death + site.loss) / 365)
        visits = tuple(_visit(random, site, int(day), int(gone), *step) for step in known[kind])
        died = random.random() < site.death / (site.death + site.loss)
        found.append(Person(int(day), kind, int(gone), died, visits))
    return found


def _visit(random: Random, site: Habits, joined: int, gone: int, later: int, blank: int) -> Visit:
    planned = joined + later
    done = planned + int(random.expovariate(1 / site.delay))
    asked = blank * site.asked * random.lognormvariate(-0.045, 0.3)
    return Visit(
        planned, done if planned < gone else None, blank, asked, asked * site.pace * random.lognormvariate(-0.045, 0.3)
    )


def back_test(crowd: Sequence[Person], on: int, known: Sequence[Schedule], weeks: int = 12) -> Score:
    """The forecast of the Monday on or before day `on`, from what was known then, held against what was spent."""
    first = monday(EPOCH + timedelta(days=on))
    today = (first - EPOCH).days
    here = [p for p in crowd if p.joined < today]
    done = [v for p in here for v in p.visits if v.done is not None and v.done < today]
    latest = sorted(done, key=lambda v: v.done or 0)[-200:]
    spent: dict[date, float] = {}
    for person in crowd:
        for v in person.visits:
            if v.done is not None:
                week = monday(EPOCH + timedelta(days=v.done))
                spent[week] = spent.get(week, 0.0) + v.spent
    facts = _facts(here, latest, first, today, known)
    return backtesting.score(facts, spent, spent.get(first - timedelta(weeks=1), 0.0), weeks)


def _facts(
    here: Sequence[Person], latest: Sequence[Visit], first: date, today: int, known: Sequence[Schedule]
) -> Facts:
    sums = Sums(first)
    for p in here:
        for v in p.visits:
            owed = p.gone > today or v.planned < p.gone
            if owed and (v.done is None or v.done >= today):
                sums.add(EPOCH + timedelta(days=v.planned), v.blank)
    mix = {KINDS[k]: n for k in range(len(KINDS)) if (n := sum(p.kind == k for p in here))}
    by_kind = dict(zip(KINDS, known, strict=True))
    asked = sum(v.asked for v in latest)
    pace = calibrate.shrink(1.0, sum(v.spent for v in latest) / asked, len(latest)) if asked else 1.0
    overdue = sums.loads("overdue")
    return Facts(
        today=first,
        weeks=sums.loads(WEEK),
        overdue=overdue[0] if overdue else forecast.Load(first),
        newcomer=newcomers.average(mix, by_kind.__getitem__) if mix else (),
        rates=rates.rates(_records(here, today)),
        calibration=Calibration.of(
            visits=len(latest),
            expected=sum(v.blank for v in latest),
            realised=round(asked),
            copied=0,
            pace=pace,
            timed=len(latest),
        ),
    )


def _records(here: Sequence[Person], today: int) -> Records:
    since = today - 3 * 365
    gone = [p for p in here if since < p.gone <= today]
    days = sum(max(0, min(today, p.gone) - max(p.joined, since)) for p in here)
    months = min(12.0, (today - min((p.joined for p in here), default=today)) / (365.25 / 12))
    joined = sum(p.joined > today - 365 for p in here)
    died = sum(p.died for p in gone)
    return Records(months, joined, days / 365.25, died, len(gone) - died)


def run(release: ReleaseSpec, *, sites: int, dates: int, seed: int = 0) -> list[Score]:
    """One score a site, over so many days each, from the second year on."""
    random, known = Random(seed), schedules(release)
    found = []
    for _ in range(sites):
        crowd = people(random, habits(random), known)
        days = sorted(random.randrange(365, DAYS - 13 * 7) for _ in range(dates))
        score = Score(())
        for on in days:
            score = score + back_test(crowd, on, known)
        found.append(score)
    return found
