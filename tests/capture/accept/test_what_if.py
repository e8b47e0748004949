"""The what-if (ADR 0012): remembered prices equal new ones, and what is foreseen is what is planned."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from capture.accept import accepting, courses, population, what_if
from capture.accept.courses import Prices
from capture.accept.what_if import Effect, Population
from capture.ask import expected
from capture.enter import enrolling, happenings
from capture.models import Patient, Timepoint, Visit
from capture.plan import runs
from capture.plan.delta import PatientPlan, decide
from capture.plan.events import EventFact
from forms_catalog import loading, seeding, triggering
from forms_catalog.models import DictionaryVersion
from tests import kept
from tests import world as cast
from tests.answering import submit
from tests.capture.accept import made
from tests.capture.plan.rows import tried
from tests.releases import CAR, release_of

PROGRAM = "car_pass_sponsor"
OTHERS = tuple(code for code in CAR if code != PROGRAM)
BEFORE, AFTER = release_of(*OTHERS), release_of(*CAR)
DAY = cast.TODAY.toordinal()


def priced_anew(keys: tuple[str, ...], day: int) -> int:
    """From an ask sheet of the visit's own day."""
    return expected.centiseconds_of(AFTER, keys, expected.ANCHOR + timedelta(days=day))


def newcomer(infused: int, owed: int) -> PatientPlan:
    plan = courses.newcomer(AFTER, PROGRAM, infused)
    first = plan.enrolments[0]
    return replace(plan, enrolments=(replace(first, fact=replace(first.fact, owed_from=owed)),))


def effect(plan: PatientPlan) -> Effect:
    prices = Prices(AFTER)
    return what_if.effect(plan, PROGRAM, prices, prices, today=DAY)


@pytest.mark.parametrize("seed", range(8))
def test_remembered_prices_give_what_pricing_every_visit_anew_gives(seed: int) -> None:
    plan = made.patient(Random(seed), AFTER, PROGRAM, DAY)
    assert effect(plan) == what_if.effect(plan, PROGRAM, priced_anew, priced_anew, today=DAY)


def test_the_sites_hours_are_the_sum_of_its_patients() -> None:
    plans = tuple(made.patient(Random(seed), AFTER, PROGRAM, DAY) for seed in range(20, 30))
    done = what_if.difference(BEFORE, AFTER, PROGRAM, [Population("north", plans)], today=cast.TODAY)
    first = sum(e.per_year[0] for e in map(effect, plans) if e.per_year)
    assert done.hours_per_site_year["north"]["mid"] == round(first / 360_000, 1)
    assert done.patients == {"north": 10}


def test_a_patient_infused_ten_years_ago_owes_what_is_left_of_the_fifteen() -> None:
    fresh, late = effect(newcomer(DAY, DAY)), effect(newcomer(DAY - 3650, DAY))
    assert (len(fresh.per_year), len(late.per_year)) == (16, 6)
    assert fresh.per_year[0] > 2 * late.per_year[0]


def test_after_a_death_nothing_is_left_to_pay_for_in_later_years() -> None:
    alive = newcomer(DAY - 400, DAY - 100)
    died = replace(alive, events=(EventFact("e", "death", DAY - 10),))
    assert (len(effect(alive).per_year), len(effect(died).per_year)) == (14, 1)


def test_without_a_patient_the_minutes_are_those_of_a_new_one() -> None:
    done = what_if.difference(BEFORE, AFTER, PROGRAM, [Population("north", ())], today=cast.TODAY)
    assert done.minutes_per_visit["mid"] > 0
    assert done.hours_per_site_year["north"]["mid"] == 0


def test_forms_that_come_due_by_answers_are_named_and_not_priced() -> None:
    done = what_if.difference(BEFORE, AFTER, PROGRAM, [], today=cast.TODAY)
    waits = [t.label for t in triggering.of_program(AFTER.programs[PROGRAM])]
    told = [a for a in done.assumptions if a.startswith("Not priced")]
    assert len(waits) == 4
    assert [all(label in a for label in waits) for a in told] == [True]


@pytest.fixture
def world(db: None) -> cast.World:
    """Two programs live, a third decided and not accepted; three patients whom it may follow, each with a past."""
    return kept.once(build)


@pytest.fixture
def waiting(world: cast.World) -> DictionaryVersion:
    """The third program's dictionary."""
    return world.versions[PROGRAM]


def build() -> cast.World:
    world = cast.build()
    seeding.load_catalog(actor=cast.AT, reason="test")
    cast.joined(world, *CAR)
    for code in OTHERS:
        cast.accept(world, code)
    cast.upload(world, PROGRAM)
    loading.load_decisions(world.programs[PROGRAM], actor=cast.AT)
    for number, days in enumerate((40, 110, 1200), 1):
        cast.patient(world, f"NRT-000{number}", *CAR, infused=cast.TODAY - timedelta(days=days))
    second = Patient.objects.get(pseudonym="NRT-0002")
    submit(cast.visit_on(second, "D100"), world.actor("alice"))
    on = cast.TODAY - timedelta(days=3)
    happenings.record(
        second, "lost", on, details=tried(on), actor=world.actor("alice"), reason="moved", today=cast.TODAY
    )
    enrolling.add_patient(world.north, "NRT-0009", since=cast.TODAY, actor=cast.AT)  # in no program: not counted
    return world


def open_visits(patient: Patient) -> list[tuple[date, tuple[str, ...]]]:
    """Day and entries of each visit that still serves something, as stored."""
    found: dict[int, list[str]] = defaultdict(list)
    points = Timepoint.objects.filter(enrollment__treatment__patient=patient, state="planned")
    for point in points.select_related("enrollment__program"):
        found[point.visit_id or 0].append(f"{point.enrollment.program.code}:{point.entry_code}")
    days = dict(Visit.objects.filter(patient=patient).values_list("pk", "planned_on"))
    return sorted((days[pk], tuple(sorted(keys))) for pk, keys in found.items())


def foreseen(plan: PatientPlan) -> list[tuple[date, tuple[str, ...]]]:
    """The same of a plan in memory."""
    delta = decide(plan)
    named = [(v.date, [delta.slots[k] for k in v.keys]) for v in delta.visits]
    return sorted(
        (date.fromordinal(day), tuple(sorted(f"{s.program}:{s.code}" for s in slots))) for day, slots in named
    )


@pytest.mark.django_db
def test_what_is_foreseen_is_what_acceptance_then_plans(world: cast.World, waiting: DictionaryVersion) -> None:
    _, after, _ = accepting.candidate(waiting)
    people = population.load(waiting.program, [world.north, world.south], after, today=cast.TODAY)
    assert [p.patients for p in people] == [3, 0]
    seen = accepting.estimate(waiting, [world.north], actor=cast.AT, today=cast.TODAY)
    later = replace(world.actor("dana", "admin"), simulated_at=cast.NOW + timedelta(hours=1))
    done = accepting.accept(seen, actor=later, reason="numbers are fine")
    runs.run_all(done.run, today=cast.TODAY)
    patients = Patient.objects.filter(treatments__enrollments__program=waiting.program).order_by("pk")
    assert [foreseen(plan) for plan in people[0].plans] == [open_visits(p) for p in patients]
    assert seen.result["visits"][1] == sum(len(open_visits(p)) for p in patients)


@pytest.mark.django_db
def test_many_patients_take_as_many_queries_as_one(
    world: cast.World, waiting: DictionaryVersion, django_assert_num_queries: object
) -> None:
    _, after, _ = accepting.candidate(waiting)
    with django_assert_num_queries(11):  # type: ignore[operator]
        population.load(waiting.program, [world.north], after, today=cast.TODAY)
