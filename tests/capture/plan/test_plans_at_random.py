"""Random instances: as few visits as brute force and an independent oracle find, and every rule kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from capture.plan.windows import Fixed, Planned, Window, of_schedule, plan
from forms_catalog import starter
from tests.capture.plan import brute, oracle
from tests.sizes import size

Instance = tuple[list[Window], list[Fixed]]
TINY, LARGE, REAL = size(150, 10_000), size(150, 10_000), size(60, 10_000)


def tiny(random: Random) -> Instance:
    """Up to six windows of three programs within nine days, and up to three fixed visits."""
    return _instance(random, windows=random.randrange(7), days=9, longest=5, programs="abc", stops=random.randrange(4))


def large(random: Random) -> Instance:
    """Up to 60 windows of five programs, crowded or spread, with fixed visits among them."""
    days = random.choice((20, 60, 400))
    number = random.randrange(5, 61)
    return _instance(random, windows=number, days=days, longest=days // 4, programs="abcde", stops=random.randrange(8))


def real(random: Random) -> Instance:
    """The shipped schedules of some programs over 15 years, for one or two infusions, with visits already touched."""
    codes = random.sample(starter.program_codes(), random.randrange(1, 6))
    windows = []
    for number in range(random.choice((1, 1, 2))):
        anchor = 737_000 + number * random.randrange(30, 2000)
        windows += [
            replace(w, key=f"{number}:{w.key}") for code in codes for w in of_schedule(starter.schedule(code), anchor)
        ]
    return windows, _stops(random, windows, random.randrange(6))


def _instance(random: Random, *, windows: int, days: int, longest: int, programs: str, stops: int) -> Instance:
    made = []
    for number in range(windows):
        start = random.randrange(1, days)
        end = min(days, start + random.randrange(longest))
        recall = random.choice((None, None, random.randrange(days + 2)))
        made.append(Window(f"w{number}", random.choice(programs), start, end, random.randrange(days + 2), recall))
    return made, _stops(random, made, stops)


def _stops(random: Random, windows: list[Window], number: int) -> list[Fixed]:
    """Fixed visits near the windows; some hold a report, inside its window or not, some may take more."""
    free, found = list(windows), []
    for name in range(number if windows else 0):
        near = random.choice(windows)
        held: dict[str, Window] = {}
        for w in random.sample(free, min(len(free), random.randrange(3))):
            held.setdefault(w.program, w)
        free = [w for w in free if w not in held.values()]
        day = random.randrange(near.start - 2, near.end + 3)
        keys = tuple(sorted(w.key for w in held.values()))
        found.append(Fixed(day, f"v{name}", keys, random.random() < 0.6))
    return found


def added(planned: tuple[Planned, ...]) -> int:
    return sum(p.visit is None for p in planned)


def assert_every_rule_holds(windows: list[Window], fixed: list[Fixed], planned: tuple[Planned, ...]) -> None:
    """Each timepoint once, inside its window, once a program; fixed visits as they were; planned again the same."""
    known, held = {w.key: w for w in windows}, {k for f in fixed for k in f.timepoints}
    assert Counter(k for p in planned for k in p.keys) == Counter(list(known))
    for visit in planned:
        assert len({known[k].program for k in visit.keys}) == len(visit.keys)
        assert all(known[k].opens <= visit.date <= known[k].end for k in visit.keys if k not in held)
    stays = {p.visit: p for p in planned if p.visit}
    for stop in fixed:
        assert stays[stop.visit].date == stop.date
        assert set(stop.timepoints) <= set(stays[stop.visit].keys)
        assert stop.open or len(stays[stop.visit].keys) == len(stop.timepoints)
    again = [Fixed(p.date, p.visit or f"new {n}", p.keys) for n, p in enumerate(planned)]
    assert [(p.date, p.keys) for p in plan(windows, again)] == [(p.date, p.keys) for p in planned]
    assert plan(reversed(windows), reversed(fixed)) == planned


@pytest.mark.thorough
def test_tiny_instances_have_as_few_visits_as_brute_force_and_the_oracle_find() -> None:
    for seed in range(TINY):
        windows, fixed = tiny(Random(seed))
        planned = plan(windows, fixed)
        assert added(planned) == brute.fewest(windows, fixed) == oracle.fewest(windows, fixed), seed
        assert_every_rule_holds(windows, fixed, planned)


@pytest.mark.thorough
def test_large_instances_have_as_few_visits_as_the_oracle_finds() -> None:
    for seed in range(LARGE):
        windows, fixed = large(Random(seed))
        planned = plan(windows, fixed)
        assert added(planned) == oracle.fewest(windows, fixed), seed
        assert_every_rule_holds(windows, fixed, planned)


@pytest.mark.thorough
def test_the_shipped_schedules_have_as_few_visits_as_the_oracle_finds() -> None:
    for seed in range(REAL):
        windows, fixed = real(Random(seed))
        planned = plan(windows, fixed)
        assert added(planned) == oracle.fewest(windows, fixed), seed
        assert_every_rule_holds(windows, fixed, planned)


def test_the_oracle_sees_a_visit_too_many_and_one_too_few() -> None:
    """Two reports of one program on overlapping windows need two visits; another program's join them."""
    apart = [Window("a1", "a", 1, 5, 3), Window("a2", "a", 2, 6, 3), Window("b", "b", 1, 9, 3)]
    assert oracle.fewest(apart) == brute.fewest(apart) == 2
    assert oracle.fewest(apart, [Fixed(3, "v")]) == 1
    assert oracle.fewest(apart, [Fixed(3, "v", ("a1",))]) == 1
    assert oracle.fewest(apart, [Fixed(3, "v", open=False)]) == 2
