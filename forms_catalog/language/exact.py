"""Arithmetic with one answer on every machine: whole numbers inside, rounded once to the nearest double at the end.

Called by functions and evaluation. language/exact.js is the same in the browser, step by step; change both together.
Raises OverflowError beyond the largest double, ValueError and ZeroDivisionError outside a function's domain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

SMALLEST = 1074  # every finite double is a whole number of 2^-1074
POINT = 200  # bits after the point of logarithms and exponentials: 147 more than a double keeps
EXACT_POWERS = 64  # whole exponents up to here are multiplied out
LARGEST_EXPONENT, LOWEST_EXPONENT = 710, -746  # e^x outside is beyond the largest double, or nothing
ENDLESS = 2.0**64  # with an exponent of this size only 1 stays what it is


def total(numbers: Sequence[float]) -> float:
    """The exact sum, rounded once."""
    return sum(map(_units, numbers)) / (1 << SMALLEST)


def mean(numbers: Sequence[float]) -> float:
    """The exact mean, rounded once."""
    return sum(map(_units, numbers)) / (len(numbers) << SMALLEST)


def spread(numbers: Sequence[float]) -> float:
    """The standard deviation of a sample; 0 for a single number."""
    count, units = len(numbers), [_units(n) for n in numbers]
    top = count * sum(u * u for u in units) - sum(units) ** 2
    if top == 0:
        return 0.0
    bottom = count * (count - 1) << 2 * SMALLEST
    shift = max(0, (132 - top.bit_length() + bottom.bit_length()) // 2)
    square = (top << 2 * shift) // bottom
    root = math.isqrt(square)
    rest = root * root * bottom != top << 2 * shift
    return (root << 1 | rest) / (1 << shift + 1)


def exponential(number: float) -> float:
    """e to the power of a number."""
    mantissa, power = _parts(number)
    return _exponential(_shifted(mantissa, power + POINT)) if number < ENDLESS else _beyond()


def logarithm(number: float, base: float | None = None) -> float:
    """The logarithm to the base e, or to another base."""
    if number <= 0 or (base is not None and base <= 0):
        raise ValueError("no logarithm")
    return _logarithm(number) / (1 << POINT if base is None else _logarithm(base))


def power(base: float, exponent: float) -> float:
    """A number to the power of another; a negative one only to a whole power."""
    whole = exponent.is_integer()
    if base < 0 and not whole:
        raise ValueError("no real power")
    sign = -1 if base < 0 and exponent % 2 else 1
    if whole and abs(exponent) <= EXACT_POWERS:
        return sign * _whole_power(abs(base), int(exponent))
    return sign * _power(abs(base), exponent)


def _whole_power(base: float, exponent: int) -> float:
    top, bottom = base.as_integer_ratio()
    if exponent < 0:
        top, bottom, exponent = bottom, top, -exponent
    found: float = top**exponent / bottom**exponent
    return found


def _power(base: float, exponent: float) -> float:
    if base == 0:
        return 0.0 if exponent > 0 else 1 / base
    if abs(exponent) >= ENDLESS:
        return 1.0 if base == 1 else _beyond() if (base > 1) == (exponent > 0) else 0.0
    mantissa, power_of_2 = _parts(exponent)
    return _exponential(_shifted(_logarithm(base) * mantissa, power_of_2))


def _units(number: float) -> int:
    mantissa, power_of_2 = _parts(number)
    return mantissa << power_of_2 + SMALLEST


def _parts(number: float) -> tuple[int, int]:
    """(m, e) with number = m · 2^e."""
    top, bottom = number.as_integer_ratio()
    return top, 1 - bottom.bit_length()


def _shifted(number: int, bits: int) -> int:
    return number << bits if bits >= 0 else number >> -bits


def _logarithm(number: float) -> int:
    """ln in units of 2^-POINT: the power of two, and the rest between 1 and 2 by its series."""
    mantissa, power_of_2 = _parts(number)
    size = mantissa.bit_length() - 1
    return (power_of_2 + size) * _ln2() + _series(mantissa - (1 << size), mantissa + (1 << size))


@lru_cache(maxsize=1)
def _ln2() -> int:
    return _series(1, 3)


def _series(top: int, bottom: int) -> int:
    """2 · artanh(top / bottom) = 2 (z + z³/3 + z⁵/5 + …)."""
    term = found = (top << POINT) // bottom
    square = term * term >> POINT
    odd = 1
    while term:
        term, odd = term * square >> POINT, odd + 2
        found += term // odd
    return 2 * found


def _exponential(number: int) -> float:
    """e^x of a number in units of 2^-POINT: x = k ln 2 + rest, so 2^k · e^rest."""
    if number > LARGEST_EXPONENT << POINT:
        return _beyond()
    if number < LOWEST_EXPONENT << POINT:
        return 0.0
    doublings, rest = divmod(number, _ln2())
    term = found = 1 << POINT
    step = 0
    while term:
        step += 1
        term = (term * rest >> POINT) // step
        found += term
    return _shifted(found, max(doublings, 0)) / (1 << POINT - min(doublings, 0))


def _beyond() -> float:
    raise OverflowError("beyond the largest number")
