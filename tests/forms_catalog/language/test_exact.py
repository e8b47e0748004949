"""Sums, spread, powers and logarithms: rounded once from the exact result, the same on every machine."""

from __future__ import annotations

import math
import random
import statistics

import pytest

from forms_catalog.language import exact
from tests.sizes import size


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (exact.total([0.1] * 10), 1.0),
        (exact.total([1e308, 1e308, -1e308, -1e308]), 0.0),
        (exact.mean([1e16, 1.0, -1e16]), 1 / 3),
        (exact.spread([5.0]), 0.0),
        (exact.spread([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), 2.138089935299395),
        (exact.logarithm(1000.0, 10.0), 3.0),
        (exact.logarithm(math.nextafter(1, 0)), -1.1102230246251566e-16),
        (exact.exponential(0.0), 1.0),
        (exact.exponential(-1e300), 0.0),
        (exact.power(2.0, 0.5), math.sqrt(2)),
        (exact.power(-2.0, -1074.0), 5e-324),
        (exact.power(0.0, 0.0), 1.0),
        (exact.power(-8.0, 3.0), -512.0),
        (exact.power(1.0, 1e300), 1.0),
        (exact.power(0.5, 1e300), 0.0),
    ],
)
def test_the_result_is_the_nearest_double(found: float, expected: float) -> None:
    assert found == expected


@pytest.mark.parametrize(("base", "exponent"), [(2.0, 1024.0), (1.5, 1e300), (0.5, -1e300), (10.0, 400.5)])
def test_beyond_the_largest_double_there_is_no_power(base: float, exponent: float) -> None:
    with pytest.raises(OverflowError):
        exact.power(base, exponent)


@pytest.mark.thorough
def test_they_are_as_near_as_the_libraries() -> None:
    chance = random.Random(3)
    for _ in range(size(200, 20_000)):
        several = [chance.uniform(-1, 1) * 10 ** chance.uniform(-5, 5) for _ in range(chance.randint(2, 6))]
        base, exponent = 10 ** chance.uniform(-100, 100), chance.uniform(-3, 3)
        assert exact.total(several) == math.fsum(several)
        assert exact.spread(several) == statistics.stdev(several)
        assert math.isclose(exact.power(base, exponent), base**exponent, rel_tol=1e-15)
        assert math.isclose(exact.logarithm(base), math.log(base), rel_tol=1e-15)
        assert math.isclose(exact.exponential(exponent), math.exp(exponent), rel_tol=1e-15)
