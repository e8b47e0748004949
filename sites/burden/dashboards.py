"""Puts the burden pages' figures together from ledger and load: of one site, of the network, of one program.

Called by sites.pages; every dashboard takes a fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone

from sites.burden import drawings, heat, profiles, totals, words
from sites.burden.calibrate import Pace
from sites.burden.charts import Chart
from sites.burden.figures import Totals, Week, monday
from sites.burden.heat import Heat
from sites.burden.profiles import Profile
from sites.burden.words import Verdict
from sites.clock import local_day
from sites.models import Budget, Program, Site


@dataclass(frozen=True, slots=True)
class Now:
    """A site's current ISO week: what was submitted, what is open, and how that stands to the budget."""

    monday: date
    done: int
    open: int
    budget: int | None

    @property
    def total(self) -> int:
        return self.done + self.open

    @property
    def verdict(self) -> Verdict:
        return words.verdict(self.total, self.budget)

    @property
    def range(self) -> str:
        """The stated range around this week's hours, an assumption."""
        return words.hours_range(self.total)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: a name, its totals."""

    code: str
    title: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class SiteBoard:
    """Everything the page of one site shows."""

    site: Site
    now: Now
    weeks: Sequence[Week]
    titles: Mapping[str, str]
    lines: Sequence[Line]
    total: Totals
    visits: int
    pace: Pace | None
    profile: Profile
    charts: Mapping[str, Chart | None]

    @property
    def ahead(self) -> int:
        """Expected centiseconds of all weeks shown."""
        return sum(week.total for week in self.weeks)

    @property
    def ahead_at_pace(self) -> int:
        """The same at the site's own measured pace."""
        return round(self.ahead * self.pace.ratio) if self.pace else self.ahead


@dataclass(frozen=True, slots=True)
class SiteLine:
    """One site in the table of the network."""

    site: Site
    now: Now
    totals: Totals


@dataclass(frozen=True, slots=True)
class Network:
    """Every site the person may see, and what each program costs them together."""

    sites: Sequence[SiteLine]
    lines: Sequence[Line]
    total: Totals
    charts: Mapping[str, Chart | None]
    heat: Heat


@dataclass(frozen=True, slots=True)
class ProgramBoard:
    """One program at all its sites together; no other program and no single site is named."""

    program: Program
    sites: int
    totals: Totals
    months: Sequence[Line]
    weeks: Sequence[Week]
    visits: int
    charts: Mapping[str, Chart | None]

    @property
    def lines(self) -> list[Line]:
        """The program as the one line of a table by program."""
        return [Line(self.program.code, self.program.title, self.totals)]


def today_at(site: Site) -> date:
    """The site's own date."""
    return local_day(timezone.now(), site.time_zone)


def of_site(site: Site, start: date, end: date) -> SiteBoard:
    """The dashboard of one site. 9 queries."""
    first = monday(today_at(site))
    budgets = totals.budgets_of([site])
    titles = titles_of()
    found = totals.by("program", [site.code], start, end)
    now = _now([site], {site.code: first}, budgets)[site.code]
    this, *later = totals.weeks(first, site=site.code, budgets=budgets.get(site.pk, []))
    weeks = [replace(this, done=now.done), *later]
    return SiteBoard(
        site=site,
        now=now,
        weeks=weeks,
        titles={code: titles.get(code, code) for w in weeks for code in w.programs},
        lines=_lines(found, titles),
        total=sum(found.values(), Totals()),
        visits=totals.reach([site.code], start, end)[0],
        pace=totals.pace(site.code, start, end),
        profile=profiles.of_site(site),
        charts=_charts(found, titles) | {"load": drawings.load(weeks, titles)},
    )


def of_network(sites: Collection[Site], start: date, end: date) -> Network:
    """The dashboard of many sites. 6 queries whatever their number."""
    codes = [s.code for s in sites]
    titles = titles_of()
    by_site = totals.by("site", codes, start, end)
    budgets = totals.budgets_of(sites)
    now = _now(sites, {s.code: monday(today_at(s)) for s in sites}, budgets)
    everywhere = len(codes) == Site.objects.count()
    found = totals.by("program", None if everywhere else codes, start, end)
    return Network(
        sites=[SiteLine(s, now[s.code], by_site.get(s.code, Totals())) for s in sites],
        lines=_lines(found, titles),
        total=sum(found.values(), Totals()),
        charts=_charts(found, titles),
        heat=heat.read(sites, monday(timezone.now().date()), budgets, titles),
    )


def of_program(program: Program, start: date, end: date) -> ProgramBoard:
    """The dashboard of one program over every site that reported for it. 3 queries."""
    months = totals.by_month(program.code, start, end)
    titles = {program.code: program.title}
    weeks = totals.weeks(monday(timezone.now().date()), program=program.code)
    visits, sites = totals.reach(None, start, end, program=program.code)
    total = sum(months.values(), Totals())
    return ProgramBoard(
        program=program,
        sites=sites,
        totals=total,
        months=[Line(month, month, t) for month, t in sorted(months.items())],
        weeks=weeks,
        visits=visits,
        charts=_charts({program.code: total}, titles) | {"load": drawings.load(weeks, titles)},
    )


def titles_of() -> dict[str, str]:
    """Program code → title. 1 query."""
    return dict(Program.objects.values_list("code", "title"))


def _now(
    sites: Collection[Site], mondays: Mapping[str, date], budgets: Mapping[int, Sequence[Budget]]
) -> dict[str, Now]:
    done, waiting = totals.spent(mondays), totals.open_work(mondays)
    return {
        s.code: Now(
            mondays[s.code],
            done[s.code],
            waiting[s.code],
            totals.budget_on(budgets.get(s.pk, []), mondays[s.code]),
        )
        for s in sites
    }


def _lines(found: Mapping[str, Totals], titles: Mapping[str, str]) -> list[Line]:
    return [Line(code, titles.get(code, code), t) for code, t in found.items()]


def _charts(found: Mapping[str, Totals], titles: Mapping[str, str]) -> dict[str, Chart | None]:
    return {"states": drawings.states(found, titles), "times": drawings.times(found, titles)}
