"""The functions of REDCap logic as plain functions over values, with how many arguments each takes.

Parsing checks names and counts against FUNCTIONS; evaluation calls `apply`. `if` is evaluated lazily elsewhere.
static/forms_catalog/language/functions.js is the same in the browser.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Decimal

from forms_catalog.language import dates, exact
from forms_catalog.language.values import MISSING, Value, finite, is_missing, number_of, text_of

MANY = 1000
MAX_TEXT = 20_000  # no text in a calculation grows beyond this
Args = tuple[Value, ...]


def apply(name: str, args: Args, today: str) -> Value:
    """The function's value. `today` is an ISO date or '' where it must not be known (the result is then missing)."""
    if name == "datediff":
        return dates.datediff(args, today)
    if name == "calcdate":
        return dates.calcdate(args, today)
    if name in ("year", "month", "day"):
        return dates.part(name, args[0], today)
    return _PLAIN[name][2](args)


def _numbers(args: Args) -> list[float]:
    return [number for number in map(number_of, args) if number is not None]


def _over(rule: Callable[[list[float]], float]) -> Callable[[Args], Value]:
    """A function over the numbers given: missing ones are left out, and no number at all gives no result."""

    def call(args: Args) -> Value:
        numbers = _numbers(args)
        try:
            return finite(rule(numbers)) if numbers else MISSING
        except OverflowError:
            return MISSING

    return call


def _of(rule: Callable[..., float]) -> Callable[[Args], Value]:
    """A function that needs every argument: one missing gives no result, and neither does one outside its domain."""

    def call(args: Args) -> Value:
        numbers = _numbers(args)
        if len(numbers) < len(args):
            return MISSING
        try:
            return finite(rule(*numbers))
        except (ValueError, ZeroDivisionError, OverflowError):
            return MISSING

    return call


def _rounded(mode: str) -> Callable[..., float]:
    def rule(number: float, places: float = 0) -> float:
        step = Decimal(1).scaleb(-max(-12, min(12, int(places))))
        exact = Decimal(repr(number))
        # Beyond 26 digits a float has no decimals left to round, and Decimal would raise.
        return number if abs(exact) / step > Decimal(10) ** 26 else float((exact / step).to_integral_value(mode) * step)

    return rule


def _texts(rule: Callable[..., Value]) -> Callable[[Args], Value]:
    return lambda args: rule(*map(text_of, args))


def _is_integer(args: Args) -> Value:
    number = number_of(args[0])
    return number is not None and number.is_integer()


def _mid(text: str, start: str, length: str) -> Value:
    first, count = number_of(start), number_of(length)
    if first is None or count is None:
        return MISSING
    return text[max(0, int(first) - 1) :][: max(0, int(count))]


def _side(text: str, count: str, *, right: bool) -> Value:
    number = number_of(count)
    wanted = 0 if number is None else min(max(0, int(number)), len(text))
    return text[len(text) - wanted :] if right else text[:wanted]


def _replace(text: str, old: str, new: str) -> Value:
    if not old or len(text) + text.count(old) * len(new) > MAX_TEXT:
        return text
    return text.replace(old, new)


def _join(separator: str, *parts: str) -> Value:
    return separator.join(part for part in parts if part)[:MAX_TEXT]


Rule = tuple[int, int, Callable[[Args], Value]]  # fewest arguments, most arguments, the function

_PLAIN: dict[str, Rule] = {
    "sum": (1, MANY, _over(exact.total)),
    "mean": (1, MANY, _over(exact.mean)),
    "median": (1, MANY, _over(statistics.median)),
    "min": (1, MANY, _over(min)),
    "max": (1, MANY, _over(max)),
    "stdev": (1, MANY, _over(exact.spread)),
    "round": (1, 2, _of(_rounded(ROUND_HALF_UP))),
    "roundup": (1, 2, _of(_rounded(ROUND_UP))),
    "rounddown": (1, 2, _of(_rounded(ROUND_DOWN))),
    "floor": (1, 1, _of(_rounded(ROUND_FLOOR))),
    "ceil": (1, 1, _of(_rounded(ROUND_CEILING))),
    "ceiling": (1, 1, _of(_rounded(ROUND_CEILING))),
    "abs": (1, 1, _of(abs)),
    "sqrt": (1, 1, _of(math.sqrt)),
    "exp": (1, 1, _of(exact.exponential)),
    "exponential": (1, 1, _of(exact.exponential)),
    "log": (1, 2, _of(exact.logarithm)),
    "mod": (2, 2, _of(math.fmod)),
    "isnumber": (1, 1, lambda args: number_of(args[0]) is not None),
    "isinteger": (1, 1, _is_integer),
    "isblankormissingcode": (1, 1, lambda args: is_missing(args[0])),
    "isblanknotmissingcode": (1, 1, lambda args: is_missing(args[0])),
    "ismissingcode": (1, 2, lambda args: False),  # missing codes are kept apart from values here, never among them
    "hasmissingcode": (1, MANY, lambda args: False),
    "contains": (2, 2, _texts(lambda text, part: part.lower() in text.lower())),
    "not_contain": (2, 2, _texts(lambda text, part: part.lower() not in text.lower())),
    "starts_with": (2, 2, _texts(lambda text, part: text.lower().startswith(part.lower()))),
    "ends_with": (2, 2, _texts(lambda text, part: text.lower().endswith(part.lower()))),
    "find": (2, 2, _texts(lambda part, text: float(text.lower().find(part.lower()) + 1))),
    "left": (2, 2, _texts(lambda text, count: _side(text, count, right=False))),
    "right": (2, 2, _texts(lambda text, count: _side(text, count, right=True))),
    "mid": (3, 3, _texts(_mid)),
    "length": (1, 1, _texts(lambda text: float(len(text)))),
    "trim": (1, 1, _texts(str.strip)),
    "upper": (1, 1, _texts(str.upper)),
    "lower": (1, 1, _texts(str.lower)),
    "replace_text": (3, 3, _texts(_replace)),
    "concat": (1, MANY, _texts(lambda *parts: "".join(parts)[:MAX_TEXT])),
    "concat_ws": (2, MANY, _texts(_join)),
}

FUNCTIONS: dict[str, tuple[int, int]] = {
    **{name: (fewest, most) for name, (fewest, most, _) in _PLAIN.items()},
    "if": (3, 3),
    "datediff": (3, 5),
    "calcdate": (3, 3),
    "year": (1, 1),
    "month": (1, 1),
    "day": (1, 1),
}
