"""A forecast in plain words: the busiest week, what the year takes, how it goes on for 15 years. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sites.burden import forecast
from sites.burden.forecast import Period
from sites.burden.words import hours

STATES = {"over": "over", "may": "may pass it", "done": "within", "none": "not set"}


def summary(weeks: Sequence[Period], months: Sequence[Period], years: Sequence[Period]) -> Mapping[str, str]:
    """The sentences above the charts: 'week', 'budget', 'year' and 'long'."""
    return {
        "week": _busiest(forecast.busiest(weeks)),
        "budget": _against(weeks),
        "year": _year(years[0]),
        "long": _long(years),
    }


def range_words(period: Period) -> str:
    """'6.2 h (4.1 to 8.8 h)'."""
    return f"{_h(period.mid)} ({period.low / 360_000:,.1f} to {_h(period.high)})"


def against(period: Period) -> str:
    """'2.1 h over', '0.4 h left', 'not set'; where only the high end passes the budget, that too."""
    if period.over is None:
        return "not set"
    if period.over > 0:
        return f"{_h(period.over)} over"
    return f"{_h(-period.over)} left" + (", may be passed" if period.state == "may" else "")


def _busiest(week: Period) -> str:
    if not week.mid:
        return "No open visit, no overdue one and no expected patient: nothing is ahead."
    said = f"The busiest week is the one from {_day(week)}: {range_words(week)}"
    if week.over is None or week.capacity is None:
        return f"{said}. No budget is set."
    side = f"{_h(week.over)} over" if week.over > 0 else f"{_h(-week.over)} below"
    return f"{said}, {side} the budget of {_h(week.capacity)}."


def _against(weeks: Sequence[Period]) -> str:
    over, may = ([p for p in weeks if p.state == state] for state in ("over", "may"))
    if all(p.state == "none" for p in weeks):
        return "Without a budget nobody can say which weeks are too full."
    if not over:
        return f"No week is expected to pass the budget; {_count(may)} may." if may else "No week passes the budget."
    verb = "passes" if len(over) == 1 else "pass"
    return f"{_count(over)} {verb} the budget, the first from {_day(over[0])}; {len(may)} more may."


def _year(year: Period) -> str:
    joining = f" {_h(year.joining)} of it come from patients who have not joined yet." if year.joining else ""
    return (
        f"The next 12 months take {range_words(year)}: {year.fte:.2f} full-time people at 1,720 hours a year.{joining}"
    )


def _long(years: Sequence[Period]) -> str:
    most = forecast.busiest(years)
    last = years[-1]
    return (
        f"The fullest 12 months start in {most.start:%B %Y}: {range_words(most)}, {most.fte:.2f} full-time people. "
        f"The last of the {len(years)} years takes {range_words(last)}."
    )


def _count(periods: Sequence[Period]) -> str:
    return f"{len(periods)} week" + ("" if len(periods) == 1 else "s")


def _day(period: Period) -> str:
    return f"{period.start.day} {period.start:%b %Y}"


def _h(centiseconds: float) -> str:
    return hours(round(centiseconds)) if abs(centiseconds) < 36_000_000 else f"{centiseconds / 360_000:,.0f} h"
