"""The worklist: what is overdue, due, coming, by the site's own date; its cost grows with what is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from capture.enter import happenings
from capture.models import Patient, PlanPin, Timepoint, Visit
from capture.plan import choosing, worklist
from capture.plan.worklist import Row
from tests.capture.plan import rows
from tests.capture.plan.rows import AT, CART, TODAY, day

pytestmark = pytest.mark.django_db
NA, EU = "car_registry_na", "car_registry_eu"


def listed(today: date, **chosen: str) -> list[Row]:
    """The rows of the north site on a day."""
    choice = choosing.Choice(**chosen)
    return worklist.shown(choosing.choose(worklist.open_at(rows.site(), today), choice, today), today)


def row_of(patient: Patient, code: str, today: date, program: str = NA) -> Row | None:
    visit = rows.visit_of(patient, code, program)
    return next((r for r in listed(today) if r.visit == visit), None)


# day 100 of the NA registry: window 85 to 115, due on day 130
@pytest.mark.parametrize(
    ("number", "bucket", "days"),
    [(24, None, 0), (25, "coming", 60), (84, "coming", 1), (85, "due", 45), (130, "due", 0), (131, "overdue", -1)],
)
def test_a_visit_comes_is_due_and_is_overdue_day_by_day(number: int, bucket: str | None, days: int) -> None:
    rows.live(NA)
    row = row_of(rows.patient(NA), "D100", day(number))
    assert (row.bucket if row else None, row.days if row else 0) == (bucket, days)


def test_a_joint_visit_is_overdue_past_the_earliest_due_day_of_its_open_timepoints() -> None:
    rows.live(*CART)
    patient = rows.patient(*CART)  # day 100: due on days 130, 160 and, in the study, 121
    found = [row_of(patient, "D100", day(n)) for n in (121, 122)]
    assert [r.bucket for r in found if r] == ["due", "overdue"]
    assert [len(r.programs) for r in found if r] == [3, 3]


def test_what_a_program_no_longer_needs_makes_nothing_overdue() -> None:
    rows.live(*CART)
    patient = rows.patient(*CART)
    happenings.record(patient, "withdrawn", day(50), program="car_pass_sponsor", actor=AT, reason="told", today=TODAY)
    found = row_of(patient, "D100", day(122))
    assert found is not None
    assert (found.bucket, found.due_on, len(found.programs)) == ("due", day(130), 2)


def test_submitted_and_closed_visits_are_not_listed() -> None:
    rows.live(NA)
    patient = rows.patient(NA)
    rows.submitted(rows.visit_of(patient, "D100"))
    rows.submitted(rows.visit_of(patient, "BASE"))
    happenings.record(patient, "death", day(120), actor=AT, reason="told", today=TODAY)
    assert [r.programs for r in listed(day(2000))] == [
        ("North American cell therapy registry, CAR-T follow-up, 6 months",)
    ]


def test_the_most_overdue_come_first() -> None:
    rows.live(NA)
    rows.patient(NA)
    found = listed(day(500))
    assert [r.due_on for r in found] == sorted(r.due_on for r in found)
    assert found[0].late == (day(500) - found[0].due_on).days


def test_it_finds_by_pseudonym_program_and_bucket() -> None:
    rows.live(*CART)
    rows.patient(NA)
    rows.patient(EU, pseudonym="STH-0007")
    today = day(100)
    assert {r.visit.patient.pseudonym for r in listed(today, search="sth")} == {"STH-0007"}
    assert {r.visit.patient.pseudonym for r in listed(today, program=NA)} == {"NRT-0001"}
    by_bucket = {b: listed(today, bucket=b) for b in choosing.BUCKETS}
    assert sum(len(found) for found in by_bucket.values()) == len(listed(today))
    assert all(r.bucket == b for b, found in by_bucket.items() for r in found)


def test_the_counts_match_the_rows() -> None:
    rows.live(*CART)
    for number in range(3):
        rows.patient(*CART, pseudonym=f"NRT-000{number}", infused=day(200 * number))
    found = listed(day(500))
    counts = choosing.counts(worklist.open_at(rows.site(), day(500)))
    assert counts == {b: [r.bucket for r in found].count(b) for b in choosing.BUCKETS}


def test_the_date_is_the_sites_own() -> None:
    late = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)
    assert worklist.local_today(rows.site(), late) == date(2026, 6, 2)
    assert worklist.local_today(rows.site("west", "America/New_York"), late) == date(2026, 6, 1)


def test_another_sites_visits_are_not_listed() -> None:
    rows.live(NA)
    rows.patient(NA)
    south = rows.site("south")
    assert list(worklist.open_visits(south, TODAY)) == []


def test_looking_at_near_visits_only_leaves_none_out() -> None:
    rows.live(*CART)
    for number in range(4):
        rows.patient(*CART, pseudonym=f"NRT-000{number}", infused=day(97 * number))
    pinned = Visit.objects.filter(kind="followup").order_by("-planned_on")[0]
    Visit.objects.filter(pk=rows.visit_of(Patient.objects.all()[0], "M6").pk).update(planned_on=pinned.planned_on)
    moved = rows.visit_of(Patient.objects.all()[0], "M6")
    PlanPin.objects.create(visit=moved, on=moved.planned_on, actor="alice", reason="far away", at=AT.now)
    for number in range(0, 2400, 150):
        horizon = day(number) + timedelta(days=worklist.COMING_DAYS)
        near = Timepoint.objects.filter(state="planned", window_start__lte=horizon).values_list("visit", flat=True)
        assert {r.visit.pk for r in listed(day(number))} == set(near)


def queries_of(today: date) -> int:
    with CaptureQueriesContext(connection) as queries:
        listed(today)
    return len(queries)


def test_2_and_20_rows_take_the_same_number_of_queries() -> None:
    rows.live(*CART)
    rows.patient(*CART)
    few = queries_of(day(110))
    for number in range(2, 12):
        rows.patient(*CART, pseudonym=f"NRT-00{number:02}")
    assert len(listed(day(110))) >= 20
    assert queries_of(day(110)) == few <= 8
