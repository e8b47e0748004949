"""Queues of deliveries: one a timepoint, a new revision only where the slice changed, held with a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from capture.deliver import outbox, slices
from capture.models import Delivery, Move, Submission, Timepoint
from sites.models import Participation, TrailEntry
from tests.capture.deliver.rows import NOW, TODAY, case, corrected, d100, day, of
from tests.world import AT, World

pytestmark = pytest.mark.django_db
NA, EU, PASS = "car_registry_na", "car_registry_eu", "car_pass_sponsor"


def correct_contact_date() -> None:
    """Only car_registry_na asks for it."""
    corrected("contact-date", str(day(99)))


def test_a_submitted_visit_queues_one_delivery_a_program(world: World) -> None:
    made = case(world)
    rows = made.prepare(d100(made))
    assert {(d.timepoint.enrollment.program.code, d.revision, d.state) for d in rows} == {
        (NA, 1, "prepared"),
        (EU, 1, "prepared"),
        (PASS, 1, "prepared"),
    }
    assert {d.next_try_at for d in rows} == {AT.now}


def test_cutting_again_on_another_day_makes_no_revision(world: World) -> None:
    made = case(world)
    submission = d100(made)
    made.prepare(submission)
    later = TODAY + timedelta(days=300)
    assert outbox.prepare(made.patient.pk, submission=submission, actor=AT, today=later) == []


def test_a_correction_replaces_only_the_programs_it_changes(world: World) -> None:
    made = case(world)
    submission = d100(made)
    made.prepare(submission)
    correct_contact_date()
    rows = made.prepare(submission)
    assert {(d.timepoint.enrollment.program.code, d.revision) for d in rows} == {(NA, 2)}
    assert [of(p).state for p in (NA, EU, PASS)] == ["superseded", "prepared", "prepared"]


def test_a_late_event_revises_the_earlier_report_of_its_interval(world: World) -> None:
    made = case(world)
    early = made.visit(183, car_pass_sponsor="M6")
    middle = made.visit(274, car_pass_sponsor="M9")
    for submission, after, upto in ((early, -1, 183), (middle, 183, 274)):
        made.nothing_new(submission, "infection", after, upto)
    made.prepare(middle)
    late = made.visit(380, car_pass_sponsor="M12", car_registry_na="Y1")
    made.nothing_new(late, "infection", 274, 380, "yes")
    for on in (200, 330):
        made.record("infection", infection_date=str(day(on)), infection_max_grade="3")
    rows = {(d.timepoint.entry_code, d.revision): slices.load(d.payload) for d in made.prepare(late)}
    assert set(rows) == {("M9", 2), ("M12", 1), ("Y1", 1)}
    grade3 = {key: next((c.value for c in s.cells if c.name == "sinf3"), "") for key, s in rows.items()}
    assert grade3 == {("M9", 2): "Y", ("M12", 1): "Y", ("Y1", 1): ""}


def test_a_confirmed_revision_stays_confirmed(world: World) -> None:
    made = case(world)
    submission = d100(made)
    made.prepare(submission)
    Delivery.objects.filter(pk=of(NA).pk).update(state="confirmed")
    correct_contact_date()
    made.prepare(submission)
    assert (of(NA).state, of(NA, 2).state) == ("confirmed", "prepared")


def test_a_locked_target_holds_the_change_and_lets_it_go_when_unlocked(world: World) -> None:
    made = case(world)
    submission = d100(made)
    Timepoint.objects.filter(enrollment__program__code=NA).update(locked=True)
    made.prepare(submission)
    held = of(NA)
    assert (held.state, held.next_try_at) == ("held", None)
    assert "locked" in held.state_reason
    Timepoint.objects.update(locked=False)
    assert made.prepare(submission) == []
    assert (of(NA).state, of(NA).next_try_at, of(NA).state_reason) == ("prepared", AT.now, "")


def test_without_a_consent_it_is_held_and_holds_no_value(world: World) -> None:
    made = case(world, ends={PASS: day(50)})
    made.prepare(d100(made))
    held = of(PASS)
    assert (held.state, held.payload["rows"], held.payload["subject_id"]) == ("held", [], "")
    assert of(NA).state == "prepared"


def test_an_import_file_needs_the_programs_own_number(world: World) -> None:
    made = case(world, numbers=False)
    made.prepare(d100(made))
    assert (of(NA).state, of(NA).state_reason) == ("held", outbox.NO_OWN_ID)


def test_copying_by_hand_goes_without_that_number(world: World) -> None:
    made = case(world, "transcribe", numbers=False)
    made.prepare(d100(made))
    assert (of(NA).state, of(NA).next_try_at) == ("prepared", None)


def test_each_change_of_state_is_a_move_and_a_trail_entry(world: World) -> None:
    made = case(world)
    submission = d100(made)
    made.prepare(submission)
    assert Move.objects.filter(subject="delivery", before="", after="prepared").count() == 3
    entry = TrailEntry.objects.get(action="prepare_deliveries")
    assert entry.details == {"deliveries": 3, "held": 0}
    assert entry.at == NOW


def test_preparing_costs_the_same_queries_for_one_and_for_many_visits(
    world: World, django_assert_max_num_queries: object
) -> None:
    made = case(world)
    for on in range(100, 1000, 100):
        last = made.visit(on, **{NA: f"Y{on // 100}" if on > 100 else "D100"})
    made.prepare(last)
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        made.prepare(last)


def test_many_new_and_many_changed_reports_are_written_in_as_many_queries_as_one(world: World) -> None:
    def asked(submission: Submission) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            return len(made.prepare(submission)), len(queries)

    made = case(world)
    first = made.visit(100, **{NA: "D100"})
    one, queries_of_one = asked(first)
    for on in range(200, 1000, 100):
        last = made.visit(on, **{NA: f"Y{on // 100}"})
    many, queries_of_many = asked(last)
    assert (one, many) == (1, 8)
    Participation.objects.update(mode="pull")
    with CaptureQueriesContext(connection) as settling:
        made.prepare(last)
    assert set(Delivery.objects.values_list("mode", flat=True)) == {"pull"}
    assert queries_of_many == queries_of_one + 1  # what waits of the first report is locked and looked at
    assert len(settling) <= queries_of_one
