"""The tables of the burden pages as CSV: minutes with one decimal, one row a program, month or site."""

from __future__ import annotations

from calendar import monthrange

from sites.burden import words
from sites.burden.dashboards import Network, ProgramBoard, SiteBoard
from sites.burden.entries import COUNTS
from sites.burden.figures import Totals
from sites.pages.csv_file import Table
from sites.pages.period import Period

TIMES = ("predicted", "measured", "avoided", "transcription")
FIGURES = (
    *("received", *COUNTS),
    *(f"{kind}_minutes" for kind in TIMES),
    "avoided_net_minutes",
    "predicted_without_others_minutes",
    "given_back_without_it_minutes",
    *(f"{way}_{unit}" for way in ("fair_share", "given_back", "alone") for unit in ("hours", "fte")),
)


def of_site(board: SiteBoard, period: Period) -> Table:
    """One row a program."""
    head = ("site", "from", "to", "program", "title", *FIGURES)
    start, end = period.start, period.end
    return head, [(board.site.code, start, end, x.code, x.title, *_figures(x.totals, period.days)) for x in board.lines]


def of_network(board: Network, period: Period) -> Table:
    """One row a site, with this week beside its budget."""
    head = ("site", "name", "from", "to", "this_week_minutes", "budget_minutes", *FIGURES)
    span = (period.start, period.end)
    return head, [
        (x.site.code, x.site.name, *span, _minutes(x.now.total), x.now.budget, *_figures(x.totals, period.days))
        for x in board.sites
    ]


def of_program(board: ProgramBoard, period: Period) -> Table:
    """One row a month, over all sites together."""
    head = ("program", "from", "to", "month", "sites", *FIGURES)
    span = (period.start, period.end)
    months = [(x, monthrange(*map(int, x.code.split("-")))[1]) for x in board.months]  # FTE of a month: by its own days
    return head, [(board.program.code, *span, x.code, board.sites, *_figures(x.totals, days)) for x, days in months]


def _figures(totals: Totals, days: int) -> list[object]:
    predicted, work = totals.of("predicted"), totals.work
    ways = (work.share, work.marginal, work.alone)
    return [
        totals.received,
        *(totals.counts[c] for c in COUNTS),
        *(_minutes(totals.of(kind).share) for kind in TIMES),
        *(_minutes(cs) for cs in (totals.net_avoided, predicted.alone, predicted.marginal)),
        *(figure for cs in ways for figure in (round(cs / 360_000, 2), round(words.posts(cs, days), 4))),
    ]


def _minutes(centiseconds: int) -> float:
    return round(centiseconds / 6000, 1)
