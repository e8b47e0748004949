"""Burden figures as people read them: minutes, hours, over or under a budget. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from sites.burden import cost

STATES = {
    "shown": "shown",
    "shared": "shared",
    "confirmed": "kept with one key",
    "known": "known",
    "derived": "derived",
    "ruled_out": "ruled out",
    "held": "held",
}


def minutes(centiseconds: int) -> str:
    """'12.5 min'; whole minutes from 100 on."""
    value = centiseconds / 6000
    return f"{value:,.0f} min" if abs(value) >= 100 else f"{value:.1f} min"


def hours(centiseconds: int) -> str:
    """'3.2 h'."""
    return f"{centiseconds / 360_000:.1f} h"


def posts(centiseconds: int, days: int) -> float:
    """Full-time posts: hours in a period of so many days beside cost.FTE_HOURS_YEAR in a year of 365."""
    return centiseconds / 360_000 / (cost.FTE_HOURS_YEAR * days / 365) if days else 0.0


def hours_of(minutes_week: int) -> str:
    """Whole minutes of a budget as hours."""
    return hours(minutes_week * 6000)


def hours_range(centiseconds: int) -> str:
    """'1.9 to 5.1 h': the stated range around a prediction."""
    around = cost.spread(centiseconds)
    return f"{around.low / 360_000:.1f} to {around.high / 360_000:.1f} h"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hours against a budget: a sentence, the same in two words, and its tone (over, done = within, none)."""

    text: str
    short: str
    tone: str


def verdict(centiseconds: int, budget: int | None) -> Verdict:
    """Over, under or at the weekly budget, in words."""
    if budget is None:
        return Verdict("No budget is set.", "not set", "none")
    left = budget * 6000 - centiseconds
    if left < 0:
        return Verdict(f"{hours(-left)} over the budget of {hours_of(budget)}.", f"{hours(-left)} over", "over")
    return Verdict(f"{hours(left)} under the budget of {hours_of(budget)}.", f"{hours(left)} under", "done")
