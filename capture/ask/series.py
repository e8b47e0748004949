"""Dated series of measurements: which one a request takes, and until when it need not be measured again. Pure.

Called by known (is it settled?), values (what is delivered) and reasons: one choice for all three. The rule is the
request's own (forms_catalog/transforms/select.py). Draws entered as records between visits count like those at visits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from capture.ask import records
from capture.ask.contexts import first_day_before
from capture.ask.facts import Answer, Occasion, PatientFacts
from capture.ask.periods import Interval
from forms_catalog.specs import ElementSpec, ReleaseSpec
from forms_catalog.transforms.select import AT_A_DAY, PLAIN, Selection

IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value of a series with the day it was measured; `record` is the draw it belongs to, '' at a visit."""

    on: date
    answer: Answer
    record: str = ""

    @property
    def number(self) -> Decimal | None:
        """The value as a number, None where it is none (below a limit, words)."""
        try:
            found = Decimal(self.answer.value)
        except InvalidOperation:
            return None
        return found if found.is_finite() else None


def of(element: ElementSpec, patient: PatientFacts, release: ReleaseSpec) -> tuple[Measurement, ...]:
    """Every measurement of `element`, oldest first: answers of visits and fields of dated draws."""
    at_visits = [
        Measurement(a.observed_on, a)
        for a in patient.answers
        if a.element == element.id and not a.qualifier and a.value and a.observed_on
    ]
    group = release.groups.get(element.group)
    drawn = records.of_group(patient.records, group) if group else []
    in_draws = [
        Measurement(day, found, r.id) for day, r in drawn if (found := r.values.get(element.id)) and found.value
    ]
    return tuple(sorted([*at_visits, *in_draws], key=lambda m: (m.on, m.answer.id, m.record)))


def span(occasion: Occasion, selection: Selection) -> Interval:
    """The days whose measurements may serve; without a rule the report's window, after the last report, up to as-of."""
    if selection.over_period:
        start = first_day_before(occasion) if selection.scope == "ever" else occasion.after
        if selection.days is not None:
            start = _days_before(occasion.as_of, selection.days)
        return Interval(start, occasion.as_of)
    start = max(occasion.window_start - timedelta(days=1), first_day_before(occasion), occasion.after)
    if selection.days is not None:
        start = _days_before(target(occasion), selection.days)
    end = max(occasion.as_of, occasion.window_end) if selection.rule == "nearest" else occasion.as_of
    return Interval(start, end)


def target(occasion: Occasion) -> date:
    """The day a measurement should be near: the as-of date, or the day an agreement measures on."""
    return occasion.fixed_end or occasion.as_of


def _days_before(as_of: date, days: int) -> date:
    """The exclusive start of the last `days` days and the as-of date itself."""
    return as_of - timedelta(days=days + 1)


def pick(series: Sequence[Measurement], occasion: Occasion, selection: Selection = PLAIN) -> Measurement | None:
    """The measurement that the request takes, or None where none fits its rule."""
    inside = span(occasion, selection)
    fits = [m for m in series if inside.contains(m.on)]
    if selection.rule in AT_A_DAY or not selection.rule:
        return _at_a_day(series, fits, occasion, selection)
    numbers = [m for m in fits if m.number is not None]
    if selection.rule == "first_of_three":
        return _first_in_a_row(numbers, selection.at_least or Decimal(0))
    if not numbers:
        return None
    best = max if selection.rule == "maximum" else min
    return best(numbers, key=lambda m: m.number or Decimal(0))


def _at_a_day(
    series: Sequence[Measurement], fits: Sequence[Measurement], occasion: Occasion, selection: Selection
) -> Measurement | None:
    """The nearest of those that fit; without a rule the visit's own comes first, whatever its day."""
    own = [m for m in series if m.answer.context == f"v{occasion.visit_id}"]
    if own and not selection.rule:
        return own[-1]
    near = target(occasion)
    ranked = sorted(fits, key=lambda m: (abs((m.on - near).days), m.on > near))
    return ranked[0] if ranked else None


def _first_in_a_row(numbers: Sequence[Measurement], limit: Decimal) -> Measurement | None:
    """The first of three on different days in a row that reach the limit; of one day the lowest counts."""
    by_day: dict[date, Measurement] = {}
    for one in numbers:
        before = by_day.get(one.on)
        if before is None or (one.number or Decimal(0)) < (before.number or Decimal(0)):
            by_day[one.on] = one
    row: list[Measurement] = []
    for _, one in sorted(by_day.items()):
        row = [*row, one] if one.number is not None and one.number >= limit else []
        if len(row) == IN_A_ROW:
            return row[0]
    return None
