"""Values while an expression is evaluated: what counts as missing, as a number, as true, and how two compare.

A number is a finite double (ADR 0023). static/forms_catalog/language/values.js is the same in the browser.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

Value = str | float | bool
MISSING = ""

NUMBER = re.compile(r"[+-]?(?:\d{1,400}(?:\.\d*)?|\.\d+)", re.ASCII)


def number_of(value: Value) -> float | None:
    """The value as a number, or None where it is missing, no plain decimal number, or not finite."""
    if isinstance(value, str):
        text = value.strip()
        value = float(text) if NUMBER.fullmatch(text) else math.nan
    number = float(value)
    return number if math.isfinite(number) else None


def text_of(value: Value) -> str:
    """The value as people and files write it: 4, 2.7, 1 and 0 for true and false; never with an exponent."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if not math.isfinite(value):
        return MISSING
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else plain(value)


def plain(number: float) -> str:
    """The shortest decimal that reads back as this number, written out: 0.0000001, not 1e-07."""
    text = format(Decimal(repr(number)), "f")
    return text.removesuffix(".0")


def finite(number: float) -> Value:
    """The number, or missing where it is beyond the largest one."""
    return number if math.isfinite(number) else MISSING


def is_missing(value: Value) -> bool:
    """True for an empty or blank text."""
    return isinstance(value, str) and not value.strip()


def is_true(value: Value) -> bool:
    """How a bare [field] reads in a condition: answered and not 0."""
    number = number_of(value)
    return not is_missing(value) if number is None else number != 0


def compare(op: str, left: Value, right: Value) -> bool:
    """`left op right` as REDCap reads it: numbers where both are numbers, else text; missing equals only missing.

    An order comparison (<, <=, >, >=) with a missing side is false. ISO dates order correctly as text.
    """
    if is_missing(left) or is_missing(right):
        same = is_missing(left) and is_missing(right)
        return same if op == "=" else not same if op == "<>" else False
    first, second = number_of(left), number_of(right)
    if first is not None and second is not None:
        return _ordered(op, (first > second) - (first < second))
    one, other = text_of(left).strip(), text_of(right).strip()
    return _ordered(op, (one > other) - (one < other))


def _ordered(op: str, sign: int) -> bool:
    match op:
        case "=":
            return sign == 0
        case "<>":
            return sign != 0
        case "<":
            return sign < 0
        case "<=":
            return sign <= 0
        case ">":
            return sign > 0
        case _:
            return sign >= 0
