"""Centiseconds and budgets as people read them: {% load burden %}."""

from __future__ import annotations

from django import template

from sites.burden import forecast_words, words
from sites.burden.forecast import Period
from sites.burden.words import Verdict

register = template.Library()


@register.filter
def minutes(centiseconds: int) -> str:
    """Minutes with one decimal, as a figure without its unit."""
    return f"{centiseconds / 6000:.1f}"


@register.filter
def hours(centiseconds: float) -> str:
    """'3.2 h'."""
    return words.hours(round(centiseconds))


@register.filter
def hours_figure(centiseconds: float) -> str:
    """Hours with one decimal, without the unit."""
    return f"{centiseconds / 360_000:.1f}"


@register.filter
def fte(centiseconds: int, days: int) -> str:
    """Full-time posts that so many hours in so many days are, at 1,720 hours a year (the EU's productive hours)."""
    return f"{words.posts(centiseconds, days):.2f}"


@register.filter
def hours_range(centiseconds: int) -> str:
    """'1.9 to 5.1 h', the stated range."""
    return words.hours_range(centiseconds)


@register.filter
def budget_hours(minutes_week: int | None) -> str:
    """A budget as hours; a dash where none is set."""
    return "–" if minutes_week is None else words.hours_of(minutes_week)


@register.filter
def verdict(centiseconds: int, minutes_week: int | None) -> Verdict:
    """Over or under the budget, in words, with its tone."""
    return words.verdict(centiseconds, minutes_week)


@register.filter
def against(period: Period) -> str:
    """A period of a forecast against its budget, in words."""
    return forecast_words.against(period)


@register.filter
def seconds(centiseconds: int) -> str:
    """Seconds with two decimals below ten, else one, without the unit."""
    value = centiseconds / 100
    return f"{value:.2f}" if value < 10 else f"{value:,.1f}"
