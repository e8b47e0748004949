"""What a suggestion saves is the difference of two whole computations, and the four kinds are all questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from capture.accept import changes, cheaper, courses, kinds, reusing, what_if
from capture.accept.changes import Change, Near
from capture.accept.courses import Price
from capture.ask import expected, load
from capture.plan.delta import PatientPlan
from forms_catalog.specs import AskSpec, ReleaseSpec
from tests import world as cast
from tests.capture.accept import made
from tests.releases import ALL, CAR, HEMO, SCD, SMA, release_of
from tests.sizes import size

DAY = cast.TODAY.toordinal()
PROGRAM = "car_pass_sponsor"
AFTER = release_of(*CAR)
FAMILIES = (CAR, HEMO, SCD, SMA)


def people(release: ReleaseSpec, program: str, count: int) -> list[PatientPlan]:
    """Random patients of the program; the same ones under a release with another schedule."""
    return [made.patient(Random(seed), release, program, DAY) for seed in range(count)]


def anew(release: ReleaseSpec) -> Price:
    """Every visit priced from an ask sheet of its own day, nothing remembered."""
    return lambda keys, day: expected.centiseconds_of(release, keys, expected.ANCHOR + timedelta(days=day))


def whole(release: ReleaseSpec, program: str, plans: Sequence[PatientPlan]) -> tuple[int, int]:
    """Centiseconds of everything that is open, and of the first year: planned and priced from nothing."""
    price = anew(release)
    found = [courses.course(plan, program, price, today=DAY).per_year for plan in plans]
    return sum(map(sum, found)), sum(years[0] for years in found if years)


def under(change: Change) -> ReleaseSpec:
    return replace(AFTER, programs={**AFTER.programs, PROGRAM: change.program})


def every_kind_of_change() -> list[Change]:
    spec = AFTER.programs[PROGRAM]
    some = [a.field.path for a in changes.optional(spec)][:4]
    collected = min(kinds.asked_by_others(AFTER, PROGRAM))
    near = {some[0]: Near(collected, AFTER.elements[collected].label, "it asks one thing more")}
    return [
        changes.drop(spec, some, "Drop four."),
        *changes.as_collected(spec, near),
        *changes.yearly_forms(spec),
        *changes.rarer(spec),
        *changes.wider(spec),
    ]


@pytest.mark.thorough
@pytest.mark.parametrize("change", every_kind_of_change(), ids=lambda c: f"{c.kind}-{c.words[:30]}")
def test_a_saving_is_the_difference_of_two_whole_computations(change: Change) -> None:
    count = size(3, 40)
    search = cheaper.Search(AFTER, PROGRAM, people(AFTER, PROGRAM, count), today=DAY)
    told = search.saving(change)
    before, before_1 = whole(AFTER, PROGRAM, people(AFTER, PROGRAM, count))
    after, after_1 = whole(under(change), PROGRAM, people(under(change), PROGRAM, count))
    assert told.hours_saved_per_year == round((before - after) / search.years / 360_000, 2)
    assert told.hours_saved_year_1 == round((before_1 - after_1) / 360_000, 2)


@pytest.mark.thorough
@pytest.mark.parametrize("program", ALL)
def test_what_a_program_adds_is_the_whole_with_it_less_the_whole_without_it(program: str) -> None:
    others = release_of(*(c for c in ALL if c != program))
    every = release_of(*ALL)
    plans = people(every, program, size(1, 60))
    old, new = courses.Prices(others), courses.Prices(every)
    effects = [what_if.effect(plan, program, old, new, today=DAY) for plan in plans]
    with_it, year_with = whole(every, program, plans)
    left = [courses.without(plan, program) for plan in plans]
    without, year_without = whole(others, program, left)
    assert sum(sum(e.per_year) for e in effects) == with_it - without
    assert sum(e.per_year[0] for e in effects if e.per_year) == year_with - year_without


def test_suggestions_are_the_best_first_and_none_gives_back_nothing() -> None:
    found = cheaper.suggestions(cheaper.Search(AFTER, PROGRAM, people(AFTER, PROGRAM, 6), today=DAY))
    hours = [s.hours_saved_per_year for s in found]
    assert hours == sorted(hours, reverse=True)
    assert 3 <= len(found) <= cheaper.KEPT
    assert min(hours) > 0
    assert {"drop_fields", "report_rarer"} <= {s.kind for s in found}


def test_a_required_field_is_never_suggested_to_go() -> None:
    required = {a.field.path for a in AFTER.programs[PROGRAM].asks if a.field.required}
    found = cheaper.suggestions(cheaper.Search(AFTER, PROGRAM, people(AFTER, PROGRAM, 4), today=DAY))
    assert required
    assert not required & {path for s in found if s.kind == "drop_fields" for path in s.fields}


def test_without_a_patient_the_savings_are_those_of_a_new_one() -> None:
    alone = courses.newcomer(AFTER, PROGRAM, DAY)
    nobody, one = (cheaper.Search(AFTER, PROGRAM, plans, today=DAY) for plans in ([], [alone]))
    assert cheaper.suggestions(nobody) == cheaper.suggestions(one)


def test_wider_windows_let_the_visits_of_two_programs_join() -> None:
    """Windows that miss each other by ten days: 14 more on both sides are enough, 7 more on one side are not."""
    spec = AFTER.programs[PROGRAM]
    late = tuple(
        replace(e, window_start_day=e.window_start_day + 40, window_end_day=e.window_start_day + 45)
        if e.kind == "followup" and e.window_start_day is not None
        else e
        for e in spec.entries
    )
    moved = replace(AFTER, programs={**AFTER.programs, PROGRAM: replace(spec, entries=late)})
    plans = people(moved, PROGRAM, 12)
    search = cheaper.Search(moved, PROGRAM, plans, today=DAY)
    saved = [search.saving(change).visits_saved for change in changes.wider(moved.programs[PROGRAM])]
    assert saved == sorted(saved)
    assert saved[-1] > 0


@pytest.mark.parametrize("program", ALL)
def test_the_four_kinds_are_together_every_question_and_near_ones_say_why(program: str) -> None:
    before, after = release_of(*(c for c in ALL if c != program)), release_of(*ALL)
    near = kinds.near_of(before, after, program, {})
    found = kinds.classify(before, after.programs[program], near)
    questions = [a.field.path for a in after.programs[program].asks if a.field.asks]
    assert sorted(path for paths in found.values() for path in paths) == sorted(questions)
    assert set(found["near_duplicate"]) == set(near)
    assert all(n.reason and n.label for n in near.values())


def test_an_objection_counts_only_against_what_somebody_collects() -> None:
    before = release_of(*(c for c in CAR if c != PROGRAM))
    path = changes.optional(AFTER.programs[PROGRAM])[0].field.path
    collected = min(kinds.asked_by_others(before, PROGRAM))
    assert path in kinds.near_of(before, AFTER, PROGRAM, {path: (collected, "another unit")})
    assert path not in kinds.near_of(before, AFTER, PROGRAM, {path: ("nobody-asks-this", "another unit")})


@pytest.mark.thorough
@pytest.mark.parametrize("days", reusing.WINDOWS)
def test_a_reuse_window_saves_what_visits_with_fewer_fields_cost_less(days: int) -> None:
    """Each visit again from nothing: without the measured fields that a visit of the last `days` days asked."""
    plans = people(AFTER, PROGRAM, size(3, 40))
    search = cheaper.Search(AFTER, PROGRAM, plans, today=DAY)
    saved = 0
    for plan in plans:
        booked = courses.bookings(plan, today=DAY)
        for visit in booked:
            near = [b for b in booked if 0 < visit.day - b.day <= days]
            gone = spared(visit, near)
            spec = changes.drop(AFTER.programs[PROGRAM], gone, "").program
            less = replace(AFTER, programs={**AFTER.programs, PROGRAM: spec})
            saved += anew(AFTER)(visit.entries, visit.day) - anew(less)(visit.entries, visit.day) if gone else 0
    assert search.reusing(days).hours_saved_per_year == round(saved / search.years / 360_000, 2)


def spared(visit: courses.Booking, near: Sequence[courses.Booking]) -> list[str]:
    """The program's fields at a visit all of whose elements are measured and were asked at one of the others."""
    there = {e for b in near for key in b.entries for ask in asks(key) for e in measured(ask)}
    mine = [key for key in visit.entries if key.startswith(f"{PROGRAM}:")]
    return [a.field.path for key in mine for a in asks(key) if measured(a) and measured(a) <= there]


def asks(key: str) -> Sequence[AskSpec]:
    return load.asks_of(AFTER, *key.split(":"))


def measured(ask: AskSpec) -> set[str]:
    names = {s.element for s in ask.mapping.sources} if ask.mapping and ask.field.asks else set()
    return names if {AFTER.elements[n].reuse for n in names} == {"measured"} else set()


def test_a_value_of_twenty_days_ago_is_not_asked_again_and_one_of_a_hundred_days_is() -> None:
    spec = AFTER.programs[PROGRAM]
    entry = next(e for e in spec.entries if e.kind == "followup")
    first = courses.Booking(0, (f"{PROGRAM}:{entry.code}",), 100)
    again = courses.Booking(0, (f"{PROGRAM}:{entry.code}",), 120)
    reuse = reusing.Reuse(AFTER, PROGRAM, 30, courses.Prices(AFTER))
    near, far = reuse.by_year([first, again], 1), reuse.by_year([first, replace(again, day=200)], 1)
    assert near[0] < far[0]
