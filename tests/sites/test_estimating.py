"""Prices from active times of whole visits: the rule of shrinkage, outliers, two levels, ranges; pure."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log

import numpy as np
import pytest

from sites.burden import assumptions, calibrate, cost, estimating, prices, ranges
from sites.burden.estimating import DEFAULT_ROW, Timed
from sites.burden.prices import CHOICE, KINDS, TEXT, VISIT

FORM: Mapping[str, float] = {VISIT: 1, CHOICE: 40, TEXT: 1}
USUAL = round(sum(n * prices.DEFAULTS[kind] for kind, n in FORM.items()))


def site(n: int, pace: float, *, asks: Mapping[str, float] = FORM, seed: int = 3, noise: float = 0.3) -> Timed:
    """`n` visits that take `pace` times the defaults on average."""
    usual = sum(k * prices.DEFAULTS[kind] for kind, k in asks.items())
    made = np.random.default_rng(seed).normal(-(noise**2) / 2, noise, n)
    return Timed.of([(asks, usual * pace * exp(e)) for e in made])


def pace_of(fit: estimating.Fit, asks: Mapping[str, float] = FORM) -> float:
    """What a form costs by a fit, over the defaults."""
    row = np.array([asks.get(kind, 0) for kind in KINDS], float)
    return float(row @ fit.prices / (row @ DEFAULT_ROW))


def test_a_site_without_timed_visits_keeps_the_defaults() -> None:
    found = estimating.fit({"north": Timed.of([])})
    assert found.sites["north"].prices == pytest.approx(DEFAULT_ROW)
    assert estimating.unmeasured(estimating.fit({})).prices == pytest.approx(DEFAULT_ROW)


def test_with_one_kind_alone_it_is_the_rule_of_shrinkage_on_logs() -> None:
    timed = Timed.of([({CHOICE: 1}, 1800.0)] * 30)
    found = estimating.fit({"north": timed}).sites["north"]
    expected = calibrate.shrink(0.0, log(1800 * found.smear / 1500), 30)
    assert found.prices[KINDS.index(CHOICE)] == pytest.approx(1500 * exp(expected))


@pytest.mark.parametrize(("visits", "low", "high"), [(3, 1.02, 1.3), (40, 1.3, 1.85), (2000, 1.93, 2.07)])
def test_few_visits_move_the_defaults_little_and_many_replace_them(visits: int, low: float, high: float) -> None:
    assert low < pace_of(estimating.fit({"north": site(visits, 2.0)}).sites["north"]) < high


def test_kinds_are_told_apart_where_forms_differ() -> None:
    random = np.random.default_rng(5)
    true = DEFAULT_ROW * np.array([0.5, 1, 1, 2.0, 1, 1, 1])
    asks = random.integers(0, [2, 20, 20, 60, 20, 8, 600], (800, 7)).astype(float)
    asks[:, 0] = 1
    timed = Timed(asks, asks @ true * np.exp(random.normal(-0.02, 0.2, 800)))
    found = estimating.fit({"north": timed}).sites["north"].prices
    assert found[KINDS.index(CHOICE)] == pytest.approx(3000, rel=0.1)
    assert found[KINDS.index(TEXT)] == pytest.approx(9000, rel=0.1)


def test_a_form_left_open_for_a_day_hardly_counts() -> None:
    usual = site(100, 1.0)
    left = Timed(np.tile(usual.asks[:1], (103, 1)), np.append(usual.centiseconds, [100 * 86_400.0] * 3))
    before, after = (pace_of(estimating.fit({"north": t}).sites["north"]) for t in (usual, left))
    assert after / before < 1.04
    assert left.centiseconds.mean() / usual.centiseconds.mean() > 3


@pytest.mark.parametrize("seconds", [0.01, 1.0, 1e7])
def test_no_time_whatever_makes_a_price_negative_or_endless(seconds: float) -> None:
    found = estimating.fit({"north": Timed.of([(FORM, seconds * 100)] * 500)}).sites["north"].prices
    assert (found > 0).all()
    assert np.isfinite(found).all()


def test_a_site_with_few_visits_follows_its_network_and_not_the_defaults() -> None:
    random = np.random.default_rng(7)
    others = {f"s{n}": site(80, 2.0 * exp(random.normal(0, 0.1)), seed=n) for n in range(12)}
    found = estimating.fit(others | {"new": site(2, 2.0), "empty": Timed.of([])})
    assert 1.8 < pace_of(found.sites["new"]) < 2.2
    assert 1.8 < pace_of(found.sites["empty"]) < 2.2
    assert 1.8 < pace_of(estimating.unmeasured(found)) < 2.2
    assert pace_of(estimating.fit({"new": site(2, 2.0)}).sites["new"]) < 1.2


def test_sites_that_differ_much_listen_less_to_their_network() -> None:
    random = np.random.default_rng(8)
    alike = {f"s{n}": site(60, 1.0, seed=n) for n in range(12)}
    apart = {f"s{n}": site(60, exp(random.normal(0, 0.5)), seed=n) for n in range(12)}
    assert estimating.fit(apart).strength < 10 < estimating.fit(alike).strength


def test_one_sites_visits_are_not_counted_twice() -> None:
    found = estimating.fit({"north": site(20, 2.0, noise=0.01)}).sites["north"]
    assert pace_of(found) < 1.55  # halfway on logs would be 1.41, and more where kinds move together


def test_visits_without_time_or_asks_are_left_out() -> None:
    assert len(Timed.of([(FORM, 0.0), ({}, 500.0), (FORM, 500.0)])) == 1


def test_where_nothing_is_measured_the_assumed_range_is_stated() -> None:
    nothing = estimating.unmeasured(estimating.fit({}))
    row = np.array([FORM.get(kind, 0) for kind in KINDS], float)
    assert ranges.of_visit(nothing, row) == cost.spread(USUAL)
    assert ranges.of_sum(nothing, np.tile(row, (10, 1))) == cost.spread(10 * USUAL)


def test_a_sum_is_surer_than_a_visit_and_more_visits_are_surer_than_few() -> None:
    row = np.array([FORM.get(kind, 0) for kind in KINDS], float)
    few, many = (estimating.fit({"north": site(n, 1.0)}).sites["north"] for n in (40, 1000))
    visit, total = ranges.of_visit(many, row), ranges.of_sum(many, np.tile(row, (100, 1)))
    assert visit.high / visit.low > 2 * total.high / total.low / 1.5
    assert total.low < total.mid < total.high
    wide = ranges.of_sum(few, np.tile(row, (100, 1)))
    assert wide.high / wide.low > total.high / total.low


def test_sums_give_the_same_range_as_the_visits_behind_them() -> None:
    found = estimating.fit({"north": site(200, 1.3)}).sites["north"]
    row = np.array([FORM.get(kind, 0) for kind in KINDS], float)
    each = float(row @ found.prices)
    stated = ranges.of_total(found, ranges.typical(found), 50 * each, 50 * each**2)
    assert stated == ranges.of_sum(found, np.tile(row, (50, 1)))


@pytest.mark.parametrize(
    ("datatype", "centiseconds", "kind", "asks"),
    [
        ("choice", 1500, "choice", 1),
        ("date", 3000, "abstracted", 1),
        ("time", 600, "value", 1),
        ("notes", 9000, "text", 1),
        ("text", 1500, "effort", 15),
        ("choice", 24_000, "effort", 240),
    ],
)
def test_the_frozen_price_names_the_kind(datatype: str, centiseconds: int, kind: str, asks: float) -> None:
    assert prices.kind_of(datatype, centiseconds) == kind
    assert prices.asks_of(kind, centiseconds) == asks
    assert prices.ASSUMED.question(datatype, centiseconds) == centiseconds


def test_prices_of_a_site_change_each_question_by_its_kind() -> None:
    twice = prices.Prices(tuple(2 * n for n in prices.ASSUMED.centiseconds))
    assert twice.question("choice", 1500) == 3000
    assert twice.question("text", 4000) == 8000


def test_every_default_stands_in_the_table_with_a_range_and_a_source() -> None:
    by_kind = {a.kind: a for a in assumptions.ASSUMPTIONS if a.kind}
    assert set(by_kind) == set(KINDS)
    assert {k: round(a.value * 100) for k, a in by_kind.items()} == dict(prices.DEFAULTS)
    assert [a.name for a in assumptions.ASSUMPTIONS if not a.low <= a.value <= a.high or not a.source] == []
