"""The tables of the forecast page as CSV: hours with two decimals, one row a week or month."""

from __future__ import annotations

from sites.burden.forecast import Period
from sites.burden.outlooks import Outlook
from sites.pages.csv_file import Table

HEAD = (
    *("site", "made_on", "start", "end", "hours", "low_hours", "high_hours"),
    *("planned_hours", "overdue_hours", "new_patients_hours", "budget_hours", "over_hours", "state", "fte"),
)


def of_site(board: Outlook, grain: str) -> Table:
    """One row a 'week' or 'month'; `end` is the day after it."""
    periods = board.months if grain == "month" else board.weeks
    return HEAD, [(board.site.code, board.facts.today, *_row(p)) for p in periods]


def _row(period: Period) -> tuple[object, ...]:
    figures = (period.mid, period.low, period.high, period.planned, period.overdue, period.joining)
    limits = (period.capacity, period.over)
    hours = [round(value / 360_000, 2) for value in figures]
    over = ["" if value is None else round(value / 360_000, 2) for value in limits]
    return (period.start, period.end, *hours, *over, period.state, round(period.fte, 3))
