"""The fair split: exact sums, leftovers to the lowest codes, and equal to the Shapley value computed by brute force."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, permutations
from math import factorial
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from sites.burden import shares
from sites.burden.shares import Item, Share

CODES = ("a", "b", "c", "d")
needing = st.sets(st.sampled_from(CODES), min_size=1).map(lambda s: tuple(sorted(s)))
some_items = st.lists(st.builds(Item, st.integers(0, 20_000), needing), max_size=6)
overheads = st.integers(0, 30_000)


def cost_of(coalition: set[str], items: Sequence[Item], overhead: int) -> int:
    """What asking for these programs alone would cost."""
    return sum(i.centiseconds for i in items if coalition & set(i.programs)) + (overhead if coalition else 0)


def shapley(items: Sequence[Item], overhead: int) -> dict[str, Fraction]:
    """The mean over all orders of arrival of what each program adds."""
    orders = list(permutations(CODES))
    value = dict.fromkeys(CODES, Fraction(0))
    for order in orders:
        for n, program in enumerate(order):
            before, after = set(order[:n]), set(order[: n + 1])
            value[program] += cost_of(after, items, overhead) - cost_of(before, items, overhead)
    return {program: v / len(orders) for program, v in value.items()}


@settings(derandomize=True, max_examples=300, deadline=None)
@given(some_items, overheads)
def test_the_shares_sum_exactly_to_the_cost(items: list[Item], overhead: int) -> None:
    split = shares.split(items, CODES, overhead=overhead)
    assert sum(s.share for s in split.values()) == sum(i.centiseconds for i in items) + overhead


@settings(derandomize=True, max_examples=100, deadline=None)
@given(some_items, overheads)
def test_the_share_is_the_shapley_value_but_for_leftover_centiseconds(items: list[Item], overhead: int) -> None:
    split, value = shares.split(items, CODES, overhead=overhead), shapley(items, overhead)
    assert all(abs(split[p].share - value[p]) < len(items) + 1 for p in CODES)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(some_items, overheads)
def test_it_equals_the_shapley_value_where_everything_divides(items: list[Item], overhead: int) -> None:
    whole = [Item(12 * i.centiseconds, i.programs) for i in items]
    split, value = shares.split(whole, CODES, overhead=12 * overhead), shapley(whole, 12 * overhead)
    assert {p: s.share for p, s in split.items()} == value


def definition(players: Sequence[str], items: Sequence[Item], overhead: int) -> dict[str, Fraction]:
    """Shapley (1953): the sum over all coalitions S without i of |S|! (n-|S|-1)! / n! (c(S with i) - c(S))."""
    n = len(players)
    value = dict.fromkeys(players, Fraction(0))
    for program in players:
        rest = [p for p in players if p != program]
        for size_ in range(n):
            weight = Fraction(factorial(size_) * factorial(n - size_ - 1), factorial(n))
            for coalition in combinations(rest, size_):
                before = cost_of(set(coalition), items, overhead)
                value[program] += weight * (cost_of({*coalition, program}, items, overhead) - before)
    return value


def leftovers(items: Sequence[Item], players: Sequence[str], overhead: int) -> dict[str, Fraction]:
    """Program → what whole centiseconds give it more or less than an exact equal part: the rule for leftovers."""
    off = dict.fromkeys(players, Fraction(0))
    for item in [*items, Item(overhead, tuple(players))]:
        exact, left = Fraction(item.centiseconds, len(item.programs)), item.centiseconds % len(item.programs)
        for i, program in enumerate(sorted(item.programs)):
            off[program] += item.centiseconds // len(item.programs) + (i < left) - exact
    return off


def test_a_thousand_random_cases_equal_the_definition_over_all_coalitions() -> None:
    chance = Random(6)
    for _ in range(1000):
        players = [f"p{i}" for i in range(chance.randint(1, 6))]
        needs = [tuple(sorted(chance.sample(players, chance.randint(1, len(players))))) for _ in range(8)]
        items = [Item(chance.randint(0, 20_000), need) for need in needs[: chance.randint(0, 8)]]
        overhead = chance.choice([0, 18_000, chance.randint(1, 30_000)])
        split = shares.split(items, players, overhead=overhead)
        value, off = definition(players, items, overhead), leftovers(items, players, overhead)
        assert {p: split[p].share - off[p] for p in players} == value
        assert sum(s.share for s in split.values()) == sum(value.values()) == cost_of(set(players), items, overhead)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(some_items, overheads)
def test_marginal_and_alone_are_the_costs_with_and_without(items: list[Item], overhead: int) -> None:
    split, every = shares.split(items, CODES, overhead=overhead), set(CODES)
    for program, share in split.items():
        without = cost_of(every - {program}, items, overhead)
        assert share.marginal == cost_of(every, items, overhead) - without
        assert share.alone == cost_of({program}, items, overhead)
        assert share.marginal <= share.share <= share.alone or share.share - share.alone < len(items) + 1


def test_leftover_centiseconds_go_to_the_lowest_codes() -> None:
    assert shares.equal(1001, ("c", "a", "b")) == {"a": 334, "b": 334, "c": 333}


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.integers(0, 10**7), st.lists(st.integers(0, 10**6), min_size=1, max_size=4))
def test_a_measured_total_is_split_exactly(total: int, weights: list[int]) -> None:
    predicted = {CODES[i]: Share(w, 0, w) for i, w in enumerate(weights)}
    assert sum(shares.in_proportion(total, predicted).values()) == total


def test_time_without_any_prediction_is_split_equally() -> None:
    assert shares.in_proportion(7, {"a": Share(0, 0, 0), "b": Share(0, 0, 0)}) == {"a": 4, "b": 3}
