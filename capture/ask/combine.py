"""Joins the answers to a period question over several intervals into one answer for a program's own interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from capture.ask.facts import Answer
from capture.ask.periods import Interval, covers
from forms_catalog.specs import ElementSpec

NOTHING = {"any": ("no",), "union": ("none",), "last": ("not-done", "not-tested")}


def interval_of(answer: Answer) -> Interval:
    """The time an answer covers."""
    return Interval(answer.covers_from or date.min, answer.covers_to or date.min)


def joins(element: ElementSpec) -> str:
    """How its intervals are joined; an extra question about a group of records is a yes or a no."""
    return element.combine or ("any" if element.summary_of else "")


def usable(element: ElementSpec, answers: Sequence[Answer], period: Interval) -> list[Answer]:
    """The answers that say something certain about `period`: those inside it, and a "nothing" that reaches beyond it.

    A no, a zero, a none or a not done over a longer time holds for every part of it; a yes may lie outside.
    """
    mine = [a for a in answers if a.element == element.id and a.covers_to and a.covers_from]
    inside = [a for a in mine if interval_of(a).inside(period)]
    beyond = [a for a in mine if a not in inside and _nothing(element, a) and _overlap(interval_of(a), period)]
    return sorted([*inside, *beyond], key=interval_of)


def _nothing(element: ElementSpec, answer: Answer) -> bool:
    """Whether the answer says that nothing happened, so that it holds for any part of its time."""
    if joins(element) == "sum":
        return _sum(element, [answer.value]) == "0"
    return bool(answer.value) and answer.value in NOTHING.get(joins(element), ())


def combined(element: ElementSpec, answers: Sequence[Answer], period: Interval) -> tuple[str, str]:
    """(value, missing) of the joined answers. A "yes" needs one answer; all else needs the whole period covered."""
    given = [a for a in answers if a.value]
    values = [a.value for a in given]
    if joins(element) == "any" and "yes" in values:
        return "yes", ""
    complete = covers(period, [interval_of(a) for a in given])
    if not complete or not values:
        return "", next((a.missing for a in answers if a.missing), "")
    if joins(element) == "any":
        return ("unknown" if "unknown" in values else values[-1]), ""
    return JOIN.get(joins(element), _last)(element, values), ""


def _overlap(a: Interval, b: Interval) -> bool:
    return a.after < b.upto and b.after < a.upto


def _last(element: ElementSpec, values: Sequence[str]) -> str:
    """The last result; that a later part had no test does not undo an earlier one."""
    done = [v for v in values if v not in NOTHING["last"]]
    return (done or values)[-1]


def _sum(element: ElementSpec, values: Sequence[str]) -> str:
    try:
        return format(sum((Decimal(v) for v in values), Decimal(0)).normalize(), "f")
    except InvalidOperation:
        return ""


def _max(element: ElementSpec, values: Sequence[str]) -> str:
    order = [o.code for o in element.options]
    return max(values, key=lambda v: order.index(v) if v in order else -1)


def _best(element: ElementSpec, values: Sequence[str]) -> str:
    order = [o.code for o in element.options]
    return min(values, key=lambda v: order.index(v) if v in order else len(order))


def _union(element: ElementSpec, values: Sequence[str]) -> str:
    codes = {code for value in values for code in value.split("|") if code}
    if len(codes) > 1:
        codes.discard("none")
    order = [o.code for o in element.options]
    return "|".join(sorted(codes, key=lambda c: order.index(c) if c in order else len(order)))


JOIN: dict[str, Callable[[ElementSpec, Sequence[str]], str]] = {
    "sum": _sum,
    "max": _max,
    "best": _best,
    "union": _union,
    "last": _last,
}
