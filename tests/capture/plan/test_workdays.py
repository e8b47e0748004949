"""Visits fall on days the site works: nearest to the targets, inside every window, and never at the cost of a visit."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from capture.enter import pinning
from capture.plan.windows import Planned, Window, plan
from capture.plan.workdays import Calendar, DaysOff
from sites.models import Site
from tests.capture.plan import rows
from tests.capture.plan.rows import AT, CART, TODAY
from tests.capture.plan.test_plans_at_random import added, large
from tests.sizes import size

MONDAY = date(2026, 6, 1).toordinal()
WEEKEND = Calendar((DaysOff(1),))


def on(*windows: Window, calendar: Calendar = WEEKEND) -> int:
    [visit] = plan(windows, calendar=calendar)
    return visit.date - MONDAY


@pytest.mark.parametrize(
    ("start", "end", "target", "day"),
    [
        (0, 20, 5, 4),  # a Saturday goes back to Friday
        (0, 20, 6, 7),  # a Sunday goes on to Monday
        (5, 20, 5, 7),  # where the window does not hold the Friday, the Monday after
        (0, 6, 6, 4),
        (5, 6, 6, 6),  # only a weekend in the window: the target's day
        (0, 20, 9, 9),
    ],
)
def test_the_working_day_nearest_to_the_target_inside_the_window(start: int, end: int, target: int, day: int) -> None:
    assert on(Window("a", "a", MONDAY + start, MONDAY + end, MONDAY + target)) == day


def test_single_days_and_the_next_sites_week_count_too() -> None:
    window = Window("a", "a", MONDAY, MONDAY + 20, MONDAY + 7)
    feast = DaysOff(1, days=frozenset({MONDAY + 7}))
    assert on(window, calendar=Calendar((feast,))) == 8
    friday = DaysOff(MONDAY + 3, weekdays=frozenset({1}))
    assert on(window, calendar=Calendar((DaysOff(1), friday))) == 6, "the site responsible by then works on Sundays"


@pytest.mark.thorough
def test_no_visit_is_added_and_each_is_on_the_best_working_day_of_its_windows() -> None:
    for seed in range(size(100, 10_000)):
        windows, fixed = large(Random(seed))
        calendar = Calendar((DaysOff(1, frozenset(Random(seed).sample(range(1, 8), 2))),))
        plain, planned = plan(windows, fixed), plan(windows, fixed, calendar)
        assert added(planned) == added(plain)
        assert sorted(k for p in planned for k in p.keys) == sorted(w.key for w in windows)
        for visit in planned:
            if visit.visit is None:
                assert_inside(visit, {w.key: w for w in windows}, calendar)


def assert_inside(visit: Planned, known: dict[str, Window], calendar: Calendar) -> None:
    """Inside all windows; no later working day of them is nearer, and none is left where it is off work."""
    served = [known[k] for k in visit.keys]
    first, last = max(w.opens for w in served), min(w.end for w in served)
    assert first <= visit.date <= last
    later = [day for day in range(visit.date + 1, last + 1) if calendar.works(day)]
    costs = {day: sum(abs(day - w.aim) for w in served) for day in (visit.date, *later)}
    assert not later or (calendar.works(visit.date) and costs[visit.date] <= min(costs.values()))


@pytest.mark.django_db
def test_the_sites_own_days_off_move_its_visits_and_a_pin_outranks_them() -> None:
    rows.live(*CART)
    patient = rows.patient(*CART)
    visit = rows.visit_of(patient, "Y2")
    assert visit.planned_on.isoweekday() <= 5
    numbers = rows.numbers(patient)
    Site.objects.update(closed_on=[visit.planned_on.isoformat()])
    rows.plan(patient)
    moved = rows.visit_of(patient, "Y2")
    assert (moved.pk, moved.planned_on != visit.planned_on) == (visit.pk, True)
    assert rows.numbers(patient) == numbers
    pinning.pin(moved, visit.planned_on, actor=AT, reason="we open for them", today=TODAY)
    assert rows.visit_of(patient, "Y2").planned_on == visit.planned_on
