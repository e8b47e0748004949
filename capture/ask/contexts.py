"""Where an answer lives: the context string of a question, by the element's reuse class and scope (rule 2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from capture.ask.facts import Occasion
from capture.ask.periods import Interval
from forms_catalog.specs import ElementSpec

AT_VISIT = {"measured", "confirm", "never"}
BY_INTERVAL = {"period", "fixed-period"}
CLOSES_THE_PERIOD = "contact-date"  # a program's own: two programs with two as-of dates have two
ANNIVERSARY = "anniversary"  # schedule rule `fixed_periods` of a payer: 12 months end on it, not on the as-of date
DAYS_OF_A_YEAR = 365.25


def context_of(element: ElementSpec, occasion: Occasion, patient_id: int, upto: date | None = None) -> str:
    """The context of `element` for one occasion; `upto` is the end of the interval for period questions."""
    visit = f"v{occasion.visit_id}"
    if element.reuse == "program" or element.scope == "program":
        return f"e{occasion.enrollment_id}"
    if element.reuse == "cumulative":
        return f"t{occasion.treatment.id}/{visit}"
    if element.reuse in BY_INTERVAL:
        return f"{visit}/a{(upto or occasion.as_of).isoformat()}"
    if element.reuse == "static":
        return f"p{patient_id}" if element.scope == "patient" else f"t{occasion.treatment.id}"
    return visit


def contexts_of(element: ElementSpec, occasion: Occasion, patient_id: int) -> tuple[str, ...]:
    """Where an answer may stand, the first that has one counts: a closing date may be one report's own."""
    plain = context_of(element, occasion, patient_id)
    return (own_context(occasion), plain) if element.id == CLOSES_THE_PERIOD else (plain,)


def own_context(occasion: Occasion) -> str:
    """The context of what belongs to the reports of this visit that speak for this one day."""
    return f"v{occasion.visit_id}/a{occasion.as_of.isoformat()}"


def first_day_before(occasion: Occasion) -> date:
    """The exclusive start of the time since infusion: the day before the infusion."""
    return date.fromordinal(occasion.treatment.infusion_on.toordinal() - 1)


def period_of(element: ElementSpec, occasion: Occasion) -> Interval:
    """The time an answer to `element` speaks for at an occasion: its fixed period, or the program's own interval."""
    if element.reuse != "fixed-period":
        return Interval(occasion.after, occasion.as_of)
    infusion = occasion.treatment.infusion_on
    if element.recall == "day-0-to-100":
        return Interval(first_day_before(occasion), date.fromordinal(infusion.toordinal() + 100))
    end = occasion.fixed_end or occasion.as_of
    return Interval(years_after(end, -1), end)


def fixed_end(rules: Mapping[str, Any], infusion: date, window_start: date) -> date | None:
    """Where a program's fixed periods end: the anniversary its window begins with, or None for its as-of date."""
    years = round((window_start - infusion).days / DAYS_OF_A_YEAR)
    return years_after(infusion, years) if rules.get("fixed_periods") == ANNIVERSARY and years > 0 else None


def years_after(day: date, years: int) -> date:
    """The same day of another year; 28 February where that year has no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
