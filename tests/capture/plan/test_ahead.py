"""The sums and records behind a forecast: to the end of the schedules, with the load, from the site's own rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from capture.ask import expected
from capture.enter import happenings
from capture.models import Patient, Visit
from capture.plan import ahead, load_periods, newcomers, site_records
from capture.plan.newcomers import Joined
from forms_catalog import publishing
from sites.burden import load_ahead
from sites.models import ForecastBasis, LoadAhead, LoadPeriod
from tests.answering import submit
from tests.releases import CAR, release_of
from tests.world import LIVE, TODAY, World, patient, visit_on

BOTH = (("car_registry_eu", ""), ("car_registry_na", ""))


def rebuilt(world: World, today: date = TODAY) -> ForecastBasis:
    load_periods.rebuild(world.north, today=today)
    return ForecastBasis.objects.get(site="north")


def test_every_open_visit_is_in_one_month_to_the_end_of_the_schedule(car_world: World) -> None:
    rebuilt(car_world)
    months = LoadAhead.objects.filter(grain="month")
    ahead_of_today = Visit.objects.filter(submitted_at=None, planned_on__gte=TODAY)
    assert sum(m.visits for m in months) == ahead_of_today.count()
    last = ahead_of_today.latest("planned_on").planned_on
    assert max(m.period for m in months) == last.replace(day=1)
    assert last > date(2040, 1, 1)


def test_overdue_visits_are_kept_apart_and_weeks_and_load_agree(car_world: World) -> None:
    rebuilt(car_world)
    overdue = LoadAhead.objects.get(grain="overdue")
    assert overdue.visits == Visit.objects.filter(submitted_at=None, planned_on__lt=TODAY).count() > 0
    weeks = {w.period: w.predicted for w in LoadAhead.objects.filter(grain="week")}
    load = dict.fromkeys(weeks, 0)
    for row in LoadPeriod.objects.exclude(period=TODAY):
        load[row.period] += row.predicted
    assert {week: cs for week, cs in load.items() if cs} == {w: cs for w, cs in weeks.items() if load[w]}


def test_the_hourly_pass_sums_a_year_and_the_daily_one_everything(car_world: World) -> None:
    rebuilt(car_world)
    LoadAhead.objects.all().delete()
    load_periods.rebuild(car_world.north, today=TODAY, whole=False)
    assert not LoadAhead.objects.exists()
    assert load_ahead.built_on("north") == TODAY


@pytest.mark.parametrize("more", [1, 6])
def test_a_rebuild_takes_as_many_queries_for_many_patients(
    car_world: World, django_assert_max_num_queries: Any, more: int
) -> None:
    for n in range(more):
        patient(car_world, f"NRT-9{n}", *LIVE, infused=TODAY - timedelta(days=30))
    with django_assert_max_num_queries(26):
        rebuilt(car_world)


def test_a_newcomer_costs_what_the_real_schedules_ask(car_world: World) -> None:
    release = release_of(*CAR)
    found = newcomers.steps(release, BOTH, lambda keys: sum(expected.shares_of(release, keys).values()))
    alone = [newcomers.steps(release, (one,), len) for one in BOTH]
    assert len(found) < sum(map(len, alone))
    assert all(cs > 3 * 6000 for _, cs in found)
    assert max(day for day, _ in found) > 14 * 365


def test_an_average_newcomer_is_the_mix_of_those_who_joined() -> None:
    steps: dict[Joined, list[tuple[int, int]]] = {(("a", ""),): [(0, 100)], (("b", ""),): [(0, 200), (30, 40)]}
    mix: dict[Joined, int] = {(("a", ""),): 3, (("b", ""),): 1}
    found = newcomers.average(mix, lambda joined: steps[joined])
    assert [(s.day, s.mean, s.square) for s in found] == [(0, 125, 17_500), (30, 10, 400)]


def test_the_basis_counts_who_joined_and_who_they_are_like(car_world: World) -> None:
    patient(car_world, "NRT-0002", "car_registry_eu", infused=TODAY - timedelta(days=500))
    basis = rebuilt(car_world)
    assert (basis.joined, basis.months) == (1, 12)
    assert basis.patient_years == pytest.approx(600 / 365.25, abs=0.1)
    assert basis.newcomers_like.count(" in ") == 2
    assert len(basis.newcomer) > 10


def test_deaths_and_losses_count_once_known_and_found_again_counts_no_more(car_world: World) -> None:
    who, at = Patient.objects.get(), replace(car_world.actor("alice"), simulated_at=datetime(2026, 5, 20, tzinfo=UTC))
    happenings.record(who, "death", date(2026, 5, 10), actor=at, reason="told", today=date(2026, 5, 20))

    def deaths(day: date) -> int:
        known = ahead.end_of(car_world.north, day)
        return site_records.of_site(car_world.north, day, known_by=known, asked=LIVE)[0].deaths

    assert [deaths(date(2026, 5, day)) for day in (9, 12, 21)] == [0, 0, 1]


def test_what_forms_asked_is_held_against_a_blank_patient(car_world: World) -> None:
    visit = visit_on(Patient.objects.get(), "D100")
    assert rebuilt(car_world).visits == 0
    submit(visit, car_world.actor("alice"))
    basis = rebuilt(car_world, TODAY + timedelta(days=1))
    assert basis.visits == 1
    assert basis.expected == load_periods.price(
        publishing.current().sha256,  # type: ignore[union-attr]
        tuple(sorted(f"{t.enrollment.program.code}:{t.entry_code}" for t in visit.timepoints.all())),
    )
    assert basis.realised > 0
