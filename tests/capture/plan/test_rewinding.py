"""A past forecast is made from what was known then: later submissions, events and enrolments do not leak into it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from time_machine import travel

from capture.enter import happenings
from capture.models import Patient, Visit
from capture.plan import rewinding
from sites.burden import backtesting, forecast, weekly
from sites.burden.forecast import Calibration, Facts, Load, Step
from sites.burden.rates import Rates
from sites.models import Program
from tests.answering import submit
from tests.sites import rows
from tests.world import LIVE, TODAY, World, patient, visit_on

SUNDAY = date(2026, 6, 7)
LATER = date(2026, 10, 1)


def rewound(world: World) -> rewinding.BackTest:
    return rewinding.back_test(world.north, date(2026, 6, 10), weeks=12, today=LATER)


def at(world: World, day: date) -> Any:
    """Alice on a later day."""
    return replace(world.actor("alice"), simulated_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def test_the_forecast_is_made_on_the_last_sunday_and_sees_all_open_visits(car_world: World) -> None:
    found = rewound(car_world)
    assert found.made_on == SUNDAY
    assert found.open_visits == Visit.objects.filter(submitted_at=None).count()
    assert found.score.weeks[0].ours > 0


def test_what_was_submitted_later_was_open_then_and_is_what_was_spent(car_world: World) -> None:
    before = rewound(car_world)
    day = SUNDAY + timedelta(days=3)
    with travel(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), tick=False):
        submit(visit_on(Patient.objects.get(), "D100"), at(car_world, day), today=day)
    after = rewound(car_world)
    assert [w.ours for w in after.score.weeks] == [w.ours for w in before.score.weeks]
    assert after.submitted == 1
    assert [w.spent > 0 for w in after.score.weeks] == [True, *[False] * 11]


def test_what_was_submitted_before_was_not_open_then(car_world: World) -> None:
    before = rewound(car_world).open_visits
    submit(visit_on(Patient.objects.get(), "D100"), car_world.actor("alice"))
    assert rewound(car_world).open_visits == before - 1


def test_a_death_recorded_later_was_not_known_then(car_world: World) -> None:
    before = rewound(car_world)
    happenings.record(
        Patient.objects.get(), "death", TODAY, actor=at(car_world, date(2026, 7, 1)), reason="told", today=LATER
    )
    assert Visit.objects.filter(submitted_at=None).count() < before.open_visits
    assert rewound(car_world).open_visits == before.open_visits


def test_whoever_enrolled_later_was_not_there(car_world: World) -> None:
    before = rewound(car_world).open_visits
    patient(car_world, "NRT-0002", *LIVE, infused=SUNDAY + timedelta(days=5), actor=at(car_world, LATER), today=LATER)
    assert rewound(car_world).open_visits == before


@pytest.mark.parametrize(("as_of", "said"), [("2026-05-01", "No program was accepted"), ("2026-09-01", "is not over")])
def test_days_that_cannot_be_tested_end_with_2(car_world: World, as_of: str, said: str) -> None:
    with travel("2026-10-01T12:00:00+00:00"), pytest.raises(CommandError, match=said) as refused:
        call_command("backtest_forecast", "--site", "north", "--as-of", as_of)
    assert refused.value.returncode == 2


def test_the_command_prints_all_three_errors_and_what_it_could_not_rewind(car_world: World) -> None:
    assert Program.objects.filter(state="live").count() == 3
    out, table = StringIO(), StringIO()
    with travel("2026-10-01T12:00:00+00:00"):
        call_command("backtest_forecast", "--site", "north", "--as-of", "2026-06-10", "--json", stdout=out)
        call_command("backtest_forecast", "--site", "north", "--as-of", "2026-06-10", stdout=table)
    found = json.loads(out.getvalue())
    assert set(found["mean_absolute_error_hours"]) == set(backtesting.WAYS)
    assert (found["made_on"], len(found["weeks"])) == ("2026-06-07", 12)
    assert all(limit in table.getvalue() for limit in found["limits"])


@pytest.mark.django_db
def test_an_untimed_visit_counts_at_the_pace_of_the_timed_ones() -> None:
    rows.visit("a", on=TODAY, measured=30_000)
    rows.visit("a", on=TODAY + timedelta(days=7), measured=0)
    found, visits, timed = weekly.spent("north", TODAY, TODAY + timedelta(days=13))
    assert (visits, timed) == (2, 1)
    assert found == {TODAY: 36_000, TODAY + timedelta(days=7): 36_000}


def test_the_default_forecast_knows_the_plan_and_nothing_else() -> None:
    facts = Facts(
        TODAY,
        [Load(TODAY, 1, 100, 1.0)],
        newcomer=[Step(0, 100, 1)],
        rates=Rates(5, 0.2, 0.1, 0, 1),
        calibration=Calibration(0.5, 0.5),
    )
    (plain,) = forecast.by_week(backtesting.defaults(facts), 1)
    assert plain.mid == 100
    score = backtesting.score(facts, {TODAY: 100.0}, 160.0, 1)
    assert (score.error("defaults"), score.error("last_week")) == (0, 60)
    assert not score.best
