"""Planning through the database: the numbers of the real schedules, no write twice, what people touched stays."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from capture.enter import happenings
from capture.models import Move, Notice, PlanPin, Timepoint, Visit
from capture.plan import apply
from sites.models import TrailEntry
from tests.capture.plan import rows
from tests.capture.plan.rows import AT, CART, HEMO, SCD, TODAY, day

pytestmark = pytest.mark.django_db
WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.mark.parametrize(("codes", "expected"), [(CART, (53, 19)), (HEMO, (35, 19)), (SCD, (24, 18))])
def test_the_timepoints_of_15_years_become_the_fewest_visits(codes: tuple[str, ...], expected: tuple[int, int]) -> None:
    rows.live(*codes)
    patient = rows.patient(*codes)
    assert rows.numbers(patient) == expected
    assert rows.doubled(patient) == []


def test_each_enrolment_has_one_baseline_visit_that_nothing_joins() -> None:
    rows.live(*CART)
    rows.patient(*CART)
    found = Visit.objects.filter(kind="baseline")
    assert [v.timepoints.count() for v in found] == [1, 1, 1]
    assert not Timepoint.objects.filter(visit__in=found).exclude(kind="baseline").exists()


def test_planning_twice_changes_and_writes_nothing() -> None:
    rows.live(*CART)
    patient = rows.patient(*CART)
    trail = TrailEntry.objects.count()
    with CaptureQueriesContext(connection) as queries:
        assert rows.plan(patient) == 0
    assert [q["sql"] for q in queries if q["sql"].startswith(WRITES)] == []
    assert TrailEntry.objects.count() == trail


def test_planning_takes_the_same_number_of_queries_for_one_program_and_three() -> None:
    rows.live(*CART)
    counts = []
    for number, codes in enumerate((CART[:1], CART)):
        patient = rows.patient(*codes, pseudonym=f"NRT-000{number}")
        with CaptureQueriesContext(connection) as queries:
            rows.plan(patient)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 17


def test_a_track_owes_only_its_own_timepoints_and_the_baseline() -> None:
    rows.live("car_registry_na")
    patient = rows.patient("car_registry_na", track="d100only")
    assert set(rows.states(patient)) == {"BASE", "D100"}


def test_what_ended_before_follow_up_is_owed_is_not_owed_and_has_no_visit() -> None:
    rows.live("car_registry_na")
    patient = rows.patient("car_registry_na")
    enrolled = rows.enrollment(patient, "car_registry_na")
    enrolled.owed_from = day(211)
    enrolled.save()
    rows.plan(patient)
    assert [code for code, state in rows.states(patient).items() if state == "not_owed owed_from"] == ["D100", "M6"]
    assert not Timepoint.objects.filter(state="not_owed", visit__isnull=False).exists()
    assert rows.states(patient)["Y1"] == "planned"


def test_a_new_program_joins_the_visits_there_are() -> None:
    rows.live(*CART)
    patient = rows.patient(*CART[:2])
    before = set(Visit.objects.filter(kind="followup").values_list("uuid", flat=True))
    treatment = patient.treatments.get()
    rows.join(treatment, CART[2])
    after = set(Visit.objects.filter(kind="followup").values_list("uuid", flat=True))
    assert rows.numbers(patient) == (53, 19)
    assert len(before & after) >= 16, "nearly all of them go on as they were"


def test_a_drafted_visit_keeps_its_day_and_takes_what_joins_later() -> None:
    rows.live(*CART)
    patient = rows.patient("car_registry_na")
    visit = rows.visit_of(patient, "M6")
    rows.draft(visit)
    rows.join(patient.treatments.get(), "car_registry_eu")
    again = rows.visit_of(patient, "M6", "car_registry_eu")
    assert (again, again.planned_on) == (visit, visit.planned_on)
    assert again.version == visit.version + 1, "an open page is stale now"


def test_a_submitted_visit_takes_nothing_and_keeps_its_reports() -> None:
    rows.live(*CART)
    patient = rows.patient("car_registry_na")
    visit = rows.submitted(rows.visit_of(patient, "M6"))
    rows.join(patient.treatments.get(), "car_registry_eu")
    assert [t.entry_code for t in visit.timepoints.all()] == ["M6"]
    assert rows.visit_of(patient, "M6", "car_registry_eu") != visit


def test_a_pinned_visit_stays_on_its_day_until_the_pin_is_released() -> None:
    rows.live(*CART)
    patient = rows.patient(*CART)
    visit = rows.visit_of(patient, "Y2")
    was = visit.planned_on
    visit.planned_on = day(700)
    visit.save()
    pin = {"visit": visit, "on": day(700), "actor": "alice", "reason": "holiday"}
    PlanPin.objects.create(**pin, at=AT.now)
    rows.plan(patient)
    assert rows.visit_of(patient, "Y2").planned_on == day(700)
    PlanPin.objects.create(**pin, released=True, at=AT.now)
    rows.plan(patient)
    assert rows.visit_of(patient, "Y2").planned_on == was


def test_a_baseline_visit_with_a_draft_keeps_its_identity() -> None:
    rows.live("car_registry_na")
    patient = rows.patient("car_registry_na")
    visit = rows.visit_of(patient, "BASE")
    rows.draft(visit)
    assert rows.plan(patient) == 0
    assert rows.visit_of(patient, "BASE") == visit


def test_an_entry_that_leaves_the_schedule_closes_and_can_come_back() -> None:
    rows.live("car_registry_na")
    patient = rows.patient("car_registry_na")
    before = rows.picture(patient)
    enrolled = rows.enrollment(patient, "car_registry_na")
    enrolled.track = "d100only"
    enrolled.save()
    rows.plan(patient)
    assert rows.states(patient)["Y1"] == "closed no longer in the schedule"
    enrolled.track = ""
    enrolled.save()
    rows.plan(patient)
    assert rows.picture(patient) == before


def test_every_change_of_state_and_of_visit_is_a_move_with_who_and_why() -> None:
    rows.live(*CART)
    patient = rows.patient(*CART)
    visit = rows.visit_of(patient, "Y1")
    enrolled = rows.enrollment(patient, "car_registry_na")
    enrolled.owed_from = day(430)
    enrolled.save()
    rows.plan(patient)
    point = Timepoint.objects.get(enrollment=enrolled, entry_code="Y1")
    move = Move.objects.get(subject_uuid=point.uuid)
    assert (move.before, move.after, move.actor, move.reason) == ("planned", "not_owed", AT.name, "again")
    assert move.details == {"why": "owed_from", "from_visit": str(visit.uuid)}


def test_each_open_visit_has_its_next_notice() -> None:
    rows.live(*CART)
    patient = rows.patient(*CART)
    assert Notice.objects.count() == Visit.objects.filter(patient=patient).count()
    assert Notice.objects.filter(due_at__date__lt=TODAY).count() == 0


def whole_network_reads(queries: CaptureQueriesContext) -> list[str]:
    """What SQLite would look through, without statistics, that is not the patient's own."""
    found: list[str] = []
    for sql in [q["sql"] for q in queries if q["sql"].startswith("SELECT") and "capture_timepoint" in q["sql"]]:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            steps = [row[-1] for row in cursor.fetchall()]
        found += [s for s in steps if s.startswith(("SCAN capture_timepoint", "SCAN capture_visit")) or "state=?" in s]
    return found


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads the plans that SQLite makes without statistics")
def test_planning_a_patient_reads_no_table_of_the_whole_network() -> None:
    rows.live(*CART)
    patient = rows.patient(*CART)
    with CaptureQueriesContext(connection) as queries:
        rows.plan(patient)
    assert whole_network_reads(queries) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads the plans that SQLite makes without statistics")
def test_what_happens_to_a_patient_reads_no_table_of_the_whole_network() -> None:
    rows.live(*CART)
    patient = rows.patient(*CART)
    rows.plan(patient)
    with CaptureQueriesContext(connection) as queries:
        happenings.record(patient, "death", day(90), actor=AT, reason="letter", today=TODAY)
    assert whole_network_reads(queries) == []


def test_a_visit_goes_only_where_no_kind_of_row_refers_to_it() -> None:
    """A new kind of row that names a visit has to be added to what apply looks at; notices go with their visit."""
    assert {r.get_accessor_name() for r in Visit._meta.related_objects} == {*apply.REFERS, "notice"}
