"""Roll-ups that work out a number from two answers: a time between dates, a lab value against its laboratory's limit.

Called by the pipeline through rollup.ROLLUPS. Where one of the two is missing or too coarse the field stays blank.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from forms_catalog.transforms.answers import Answer, Facts, Refusal
from forms_catalog.transforms.dates import span
from forms_catalog.transforms.units import Factor, converted, decimal_of

State = tuple[Answer, ...]
Args = Mapping[str, Any]

OTHER_DRAW = "the limit of normal is not from the same draw"
NO_LIMIT = "the laboratory's own limit of normal is not known for this draw"
TOO_COARSE = "the dates are not known exactly enough"


def _months(start: date, end: date) -> int:
    """Completed months: one is complete when its day number is reached (born on the 29 February: on 1 March)."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


COMPLETED: Mapping[str, Callable[[date, date], int]] = {
    "days": lambda start, end: (end - start).days,
    "weeks": lambda start, end: (end - start).days // 7,
    "months": _months,
    "years": lambda start, end: _months(start, end) // 12,
}


def time_between(args: Args, state: State, facts: Facts) -> Answer:
    """Completed `unit`s (days, weeks, months, years) from the first source's date to the second's, else the as-of date.

    A coarse date gives a number only where every day it can mean gives the same one: an age in years from a month.
    """
    count = COMPLETED.get(str(args.get("unit", "")))
    if count is None:
        raise Refusal("no_time_unit", f"time_between needs a unit: {', '.join(COMPLETED)}.")
    start, end = state[0], state[1] if len(state) > 1 else _as_of(state[0].element, facts)
    if not start.value or not end.value:
        return Answer(
            start.element, missing=start.missing or end.missing, note="" if start.answered else "not answered"
        )
    (first, latest), (earliest, last) = span(start.value, start.precision), span(end.value, end.precision)
    if last < first:
        return Answer(start.element, note="the second date lies before the first")
    shortest, longest = count(latest, earliest) if earliest >= latest else None, count(first, last)
    return Answer(start.element, value=str(longest)) if shortest == longest else Answer(start.element, note=TOO_COARSE)


def _as_of(element: str, facts: Facts) -> Answer:
    return Answer(element, value=facts.as_of.isoformat() if facts.as_of else "")


def per_limit(args: Args, state: State, facts: Facts) -> Answer:
    """A value as a multiple of the upper limit of normal, the second source, of the laboratory that measured it."""
    return _by_limit(state, args, lambda limit: Factor(by=limit))


def times_limit(args: Args, state: State, facts: Facts) -> Answer:
    """A value from its multiple of the upper limit of normal and that limit, the second source."""
    return _by_limit(state, args, lambda limit: Factor(times=limit))


def _by_limit(state: State, args: Args, factor: Callable[[Decimal], Factor]) -> Answer:
    value = state[0]
    limit = state[1] if len(state) > 1 else Answer("")
    if not value.value:
        return Answer(value.element, missing=value.missing, note=value.note)
    if not limit.value:
        return Answer(value.element, note=NO_LIMIT)
    if value.drawn != limit.drawn:
        return Answer(value.element, note=OTHER_DRAW)
    amount = decimal_of(limit.value)
    if amount <= 0:
        raise Refusal("limit_not_positive", f"an upper limit of normal of {limit.value} cannot be.")
    return Answer(value.element, value=converted(decimal_of(value.value), factor(amount), args), note=value.note)
