"""Where an answer lives: the context string of a question, by the element's reuse class and scope (rule 2)."""

from __future__ import annotations

from datetime import date

from capture.ask.facts import Occasion
from capture.ask.periods import Interval
from forms_catalog.specs import ElementSpec

AT_VISIT = {"measured", "confirm", "never"}
BY_INTERVAL = {"period", "fixed-period"}


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
    return Interval(_a_year_before(occasion.as_of), occasion.as_of)


def _a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)
