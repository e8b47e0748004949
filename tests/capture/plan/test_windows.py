"""The planner against brute force, against its own date rule, and against the starter schedules."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capture.plan.windows import Fixed, PlanError, Planned, Window, of_schedule, plan
from forms_catalog import starter
from tests.capture.plan.brute import fewest

quick = settings(derandomize=True, deadline=None, max_examples=250)


@st.composite
def some_windows(draw: st.DrawFn) -> tuple[Window, ...]:
    """Up to six windows of up to three programs within nine days, overlapping inside a program too."""
    found = []
    for i in range(draw(st.integers(0, 6))):
        start = draw(st.integers(1, 8))
        end = draw(st.integers(start, min(start + 4, 9)))
        recall = draw(st.one_of(st.none(), st.integers(0, 10)))
        found.append(Window(f"w{i}", draw(st.sampled_from("abc")), start, end, draw(st.integers(0, 10)), recall))
    return tuple(found)


@st.composite
def windows_and_fixed(draw: st.DrawFn) -> tuple[tuple[Window, ...], tuple[Fixed, ...]]:
    """Windows with up to three fixed visits; some hold a timepoint already, inside its window or not."""
    windows = draw(some_windows())
    free = {w.key: w for w in windows}
    fixed = []
    for i in range(draw(st.integers(0, 3))):
        held = draw(st.lists(st.sampled_from(sorted(free)), max_size=2, unique=True)) if free else []
        if len({free[k].program for k in held}) < len(held):
            held = held[:1]
        fixed.append(Fixed(draw(st.integers(0, 10)), f"v{i}", tuple(held), draw(st.booleans())))
        free = {k: w for k, w in free.items() if k not in held}
    return windows, tuple(fixed)


def new_visits(planned: tuple[Planned, ...]) -> list[Planned]:
    return [p for p in planned if p.visit is None]


@quick
@given(some_windows())
def test_the_plan_has_as_few_visits_as_brute_force_finds(windows: tuple[Window, ...]) -> None:
    assert len(plan(windows)) == fewest(windows)


@quick
@given(windows_and_fixed())
def test_the_plan_has_as_few_new_visits_as_brute_force_finds_beside_fixed_ones(
    case: tuple[tuple[Window, ...], tuple[Fixed, ...]],
) -> None:
    windows, fixed = case
    assert len(new_visits(plan(windows, fixed))) == fewest(windows, fixed)


@quick
@given(windows_and_fixed())
def test_every_window_is_served_once_inside_itself_and_one_a_program(
    case: tuple[tuple[Window, ...], tuple[Fixed, ...]],
) -> None:
    windows, fixed = case
    known, held = {w.key: w for w in windows}, {k for f in fixed for k in f.timepoints}
    planned = plan(windows, fixed)
    assert sorted(k for p in planned for k in p.keys) == sorted(known)
    for visit in planned:
        assert len({known[k].program for k in visit.keys}) == len(visit.keys)
        assert all(known[k].opens <= visit.date <= known[k].end for k in visit.keys if k not in held)


@quick
@given(windows_and_fixed())
def test_fixed_visits_keep_date_and_timepoints_and_submitted_ones_take_no_more(
    case: tuple[tuple[Window, ...], tuple[Fixed, ...]],
) -> None:
    windows, fixed = case
    kept = {p.visit: p for p in plan(windows, fixed) if p.visit}
    assert len(kept) == len(fixed)
    for stop in fixed:
        assert kept[stop.visit].date == stop.date
        assert set(stop.timepoints) <= set(kept[stop.visit].keys)
        assert stop.open or set(kept[stop.visit].keys) == set(stop.timepoints)


@quick
@given(some_windows())
def test_planning_again_with_every_visit_pinned_changes_nothing(windows: tuple[Window, ...]) -> None:
    first = plan(windows)
    pinned = [Fixed(p.date, f"v{i}", p.keys, open=True) for i, p in enumerate(first)]
    assert sorted((p.date, p.keys) for p in plan(windows, pinned)) == sorted((p.date, p.keys) for p in first)


@quick
@given(some_windows())
def test_the_order_in_which_windows_arrive_does_not_matter(windows: tuple[Window, ...]) -> None:
    assert plan(windows) == plan(tuple(reversed(windows)))


@quick
@given(st.lists(st.tuples(st.integers(1, 10), st.integers(10, 20), st.integers(0, 25)), min_size=1, max_size=5))
def test_the_date_is_the_least_sum_of_distances_then_the_earliest(days: list[tuple[int, int, int]]) -> None:
    windows = [Window(str(i), f"p{i}", *d) for i, d in enumerate(days)]
    aims = [min(max(w.target, w.start), w.end) for w in windows]
    inside = range(max(w.start for w in windows), min(w.end for w in windows) + 1)
    [visit] = plan(windows)
    assert visit.date == min(inside, key=lambda d: (sum(abs(d - aim) for aim in aims), d))


def test_the_date_waits_for_the_end_of_a_recall_period() -> None:
    windows = [Window("na", "na", 85, 115, 100, not_before=100), Window("pass", "pass", 77, 105, 91)]
    assert plan(windows) == (Planned(100, ("na", "pass")),)


def test_a_recall_period_that_outlasts_the_window_leaves_its_last_day() -> None:
    assert plan([Window("a", "a", 10, 20, 12, not_before=30)]) == (Planned(20, ("a",)),)


def test_two_windows_of_one_program_that_touch_do_not_share_a_day() -> None:
    windows = [Window("a1", "a", 1, 10, 10), Window("a2", "a", 10, 20, 10)]
    assert [p.date for p in plan(windows)] == [10, 11]


def test_a_drafted_visit_takes_the_window_that_comes_due_and_a_submitted_one_does_not() -> None:
    windows = [Window("a", "a", 1, 10, 5), Window("b", "b", 1, 10, 5)]
    assert plan(windows, [Fixed(7, "v", ("a",), open=True)]) == (Planned(7, ("a", "b"), "v"),)
    assert plan(windows, [Fixed(7, "v", ("a",), open=False)]) == (Planned(5, ("b",)), Planned(7, ("a",), "v"))


def test_nothing_to_serve_gives_an_empty_plan() -> None:
    assert plan([]) == ()


@pytest.mark.parametrize(
    ("windows", "fixed", "words"),
    [
        ([Window("a", "p", 9, 3, 5)], [], "ends before it starts"),
        ([Window("a", "p", 1, 3, 2), Window("a", "q", 1, 3, 2)], [], "share the key a"),
        ([Window("a", "p", 1, 3, 2)], [Fixed(1, "v", ("a",)), Fixed(2, "w", ("a",))], "held by two"),
        ([], [Fixed(1, "v", ("a",))], "no window"),
    ],
)
def test_a_contradiction_is_named(windows: list[Window], fixed: list[Fixed], words: str) -> None:
    with pytest.raises(PlanError, match=words):
        plan(windows, fixed)


def test_the_joint_day_100_visit_waits_for_the_hundredth_day_and_19_visits_stay_enough() -> None:
    programs = ("car_registry_na", "car_registry_eu", "car_pass_sponsor")
    recall = {"car_registry_na": {"D100": 100}}
    windows = [w for p in programs for w in of_schedule(starter.schedule(p), 1000, recall_ends=recall.get(p))]
    planned = plan(windows)
    assert (len(windows), len(planned), planned[0].date) == (53, 19, 1100)
