"""Visits arranged by hand: split, join, seen elsewhere. Re-planning honours it until it is released or cannot hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from capture.enter import arranging, happenings, pinning
from capture.enter.arranging import ArrangeError
from capture.models import Move, Patient, PlanPin, Timepoint, Visit
from forms_catalog import publishing
from sites.models import TrailEntry
from sites.trail import ReasonMissing
from tests.capture.plan import rows
from tests.capture.plan.rows import AT, CART, TODAY, day

pytestmark = pytest.mark.django_db
NA, EU, PASS = CART
WHO: dict[str, Any] = {"actor": AT, "reason": "asked by the ward", "today": TODAY}


@pytest.fixture
def patient() -> Patient:
    """In all three CAR-T programs; year 2 is one visit of all three."""
    rows.live(*CART)
    return rows.patient(*CART)


def point(patient: Patient, code: str, program: str) -> Timepoint:
    return Timepoint.objects.get(enrollment=rows.enrollment(patient, program), entry_code=code)


def split(patient: Patient, code: str = "Y2", by: int = 12, program: str = EU) -> Visit:
    """The program's report leaves its visit for one of its own, some days later."""
    visit = rows.visit_of(patient, code, program)
    on = visit.planned_on + timedelta(days=by)
    return arranging.split(visit, [point(patient, code, program).uuid], on, **WHO)


def programs(visit: Visit) -> list[str]:
    found = Timepoint.objects.filter(visit=visit, state="planned")
    return sorted(found.values_list("enrollment__program__code", flat=True))


def narrowed(patient: Patient, code: str, program: str, first: date, last: date) -> None:
    """The program's schedule gives this entry another window, for the days since the infusion."""
    spec = publishing.current_spec()
    infused = patient.treatments.get().infusion_date
    begin, end = (first - infused).days, (last - infused).days
    entries = tuple(
        replace(e, window_start_day=begin, window_end_day=end, due_day=end) if e.code == code else e
        for e in spec.programs[program].entries
    )
    changed = spec.programs | {program: replace(spec.programs[program], entries=entries)}  # type: ignore[operator]
    publishing.publish(replace(spec, programs=changed), dict.fromkeys(CART, 2), actor=AT, reason="new version")
    rows.plan(patient)


def test_split_reports_have_a_visit_of_their_own_on_that_day(patient: Patient) -> None:
    before = rows.visit_of(patient, "Y2", NA)
    assert programs(before) == [PASS, EU, NA]
    made = split(patient)
    assert (programs(made), made.planned_on) == ([EU], before.planned_on + timedelta(days=12))
    assert programs(before) == [PASS, NA]


def test_split_reports_do_not_come_together_again_and_nothing_joins_them(patient: Patient) -> None:
    made = split(patient)
    on = made.planned_on
    assert rows.plan(patient) == 0
    rows.live(*CART, "hemo_registry_global")
    rows.join(patient.treatments.get(), "hemo_registry_global")
    made.refresh_from_db()
    assert (programs(made), made.planned_on) == ([EU], on)
    assert rows.visit_of(patient, "Y2", EU) != rows.visit_of(patient, "Y2", NA)
    assert rows.doubled(patient) == []


def test_a_released_split_is_the_plan_of_before(patient: Patient) -> None:
    before = rows.picture(patient)
    arranging.release(split(patient), **WHO)
    assert rows.picture(patient) == before
    with pytest.raises(ArrangeError, match="not pinned"):
        arranging.release(rows.visit_of(patient, "Y2", EU), **WHO)


def test_a_split_and_its_release_are_moves_with_who_and_why(patient: Patient) -> None:
    before = rows.visit_of(patient, "Y2", EU)
    made = split(patient)
    move = Move.objects.get(subject_uuid=point(patient, "Y2", EU).uuid)
    assert (move.actor, move.reason) == (AT.name, "split: asked by the ward")
    assert move.details == {"from_visit": str(before.uuid), "to_visit": str(made.uuid)}
    arranging.release(made, **WHO)
    assert Move.objects.filter(subject_uuid=point(patient, "Y2", EU).uuid).count() == 2
    acts = TrailEntry.objects.filter(action__endswith="_visit").order_by("pk")
    assert list(acts.values_list("action", flat=True)) == ["split_visit", "unpin_visit"]


def test_joined_reports_stay_together_until_released(patient: Patient) -> None:
    made, other = split(patient, by=12), rows.visit_of(patient, "Y2", NA)
    joined = arranging.join(other, made, **WHO)
    assert (joined.pk, programs(joined)) == (other.pk, [PASS, EU, NA])
    assert rows.plan(patient) == 0
    arranging.release(joined, **WHO)
    assert pinning.pinned_of(patient) == set()


def test_joined_visits_of_different_years_meet_where_their_windows_do(patient: Patient) -> None:
    m6, m9 = rows.visit_of(patient, "M6", PASS), rows.visit_of(patient, "M9", PASS)
    only = [p for p in m6.timepoints.all() if p.enrollment.program.code != PASS]
    with pytest.raises(ArrangeError, match="Both visits serve"):
        arranging.join(m6, m9, **WHO)
    alone = arranging.split(m6, [p.uuid for p in only], m6.planned_on, **WHO)
    with pytest.raises(ArrangeError, match=r"no day inside all windows.*M9"):
        arranging.join(alone, m9, **WHO)


def test_a_join_that_new_windows_make_impossible_is_let_go_in_words_and_comes_back(patient: Patient) -> None:
    joined = arranging.join(rows.visit_of(patient, "Y2", NA), split(patient), **WHO)
    on, windows = joined.planned_on, point(patient, "Y2", EU)
    narrowed(patient, "Y2", EU, windows.window_end + timedelta(days=40), windows.window_end + timedelta(days=50))
    apart = rows.visit_of(patient, "Y2", EU)
    assert apart != rows.visit_of(patient, "Y2", NA)
    why = Move.objects.filter(subject_uuid=windows.uuid).last()
    assert why is not None
    assert why.details["why"] == "put together by hand, but their windows do not meet any more"
    assert rows.plan(patient) == 0
    narrowed(patient, "Y2", EU, windows.window_start, windows.window_end)
    assert (rows.visit_of(patient, "Y2", EU).pk, rows.visit_of(patient, "Y2", EU).planned_on) == (joined.pk, on)


def test_a_split_visit_follows_its_window_when_that_moves(patient: Patient) -> None:
    made = split(patient)
    first = made.planned_on + timedelta(days=5)
    narrowed(patient, "Y2", EU, first, first + timedelta(days=20))
    made.refresh_from_db()
    assert (programs(made), made.planned_on) == ([EU], first)
    move = Move.objects.get(subject="visit", subject_uuid=made.uuid)
    assert move.after == first.isoformat()


def test_a_visit_seen_elsewhere_stays_on_that_day_with_its_place(patient: Patient) -> None:
    visit = rows.visit_of(patient, "Y2", NA)
    on = visit.planned_on - timedelta(days=8)
    arranging.seen_elsewhere(visit, on, " Dr. Lee, Bonn ", **WHO)
    rows.plan(patient)
    visit.refresh_from_db()
    stands = pinning.standing_of(patient)[visit.pk]
    assert (visit.planned_on, stands.kind, stands.place, stands.on) == (on, "elsewhere", "Dr. Lee, Bonn", on)
    pinning.pin(visit, on + timedelta(days=1), **WHO)
    assert pinning.standing_of(patient)[visit.pk].place == "Dr. Lee, Bonn"


def test_what_cannot_be_is_refused_with_what_is_possible(patient: Patient) -> None:
    visit = rows.visit_of(patient, "Y2", NA)
    every = [p.uuid for p in visit.timepoints.all()]
    with pytest.raises(ArrangeError, match="All reports of the visit are chosen"):
        arranging.split(visit, every, visit.planned_on, **WHO)
    with pytest.raises(ArrangeError, match="Choose reports that are open in this visit"):
        arranging.split(visit, [point(patient, "Y1", EU).uuid], visit.planned_on, **WHO)
    with pytest.raises(ArrangeError, match=r"outside the window of European.*Choose a day from"):
        arranging.split(visit, [point(patient, "Y2", EU).uuid], day(10), **WHO)
    with pytest.raises(ArrangeError, match="two different visits"):
        arranging.join(visit, visit, **WHO)
    with pytest.raises(ArrangeError, match="in the future"):
        arranging.seen_elsewhere(visit, TODAY + timedelta(days=1), "Bonn", **WHO)
    with pytest.raises(ArrangeError, match="Say where"):
        arranging.seen_elsewhere(visit, visit.planned_on, " ", **WHO)
    with pytest.raises(ReasonMissing):
        arranging.release(visit, **(WHO | {"reason": " "}))
    assert not PlanPin.objects.exists()


def test_a_visit_that_somebody_types_into_gives_no_report_away_but_may_take_some(patient: Patient) -> None:
    made, visit = split(patient), rows.visit_of(patient, "Y2", NA)
    rows.draft(visit)
    with pytest.raises(ArrangeError, match="begun to type"):
        split(patient, program=NA)
    with pytest.raises(ArrangeError, match="begun to type"):
        arranging.join(made, visit, **WHO)
    assert programs(arranging.join(visit, made, **WHO)) == [PASS, EU, NA]


def test_a_split_report_that_a_death_closes_and_an_undo_opens_is_in_its_visit_again(patient: Patient) -> None:
    made = split(patient)
    before = rows.picture(patient)
    died = happenings.record(patient, "death", made.planned_on - timedelta(days=420), **WHO)
    assert programs(made) == []
    happenings.undo(died, **WHO)
    assert rows.picture(patient) == before
    assert programs(made) == [EU]


def test_planning_arranged_visits_takes_no_more_queries(
    patient: Patient, django_assert_max_num_queries: object
) -> None:
    for code in ("Y2", "Y3", "Y4"):
        split(patient, code)
    with django_assert_max_num_queries(17):  # type: ignore[operator]
        rows.plan(patient)
