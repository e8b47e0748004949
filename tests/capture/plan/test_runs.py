"""Planning runs: chunks, a worker killed between and inside them, two workers, a patient that cannot be planned."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from capture.models import Patient, Run, Timepoint, Treatment, Visit
from capture.plan import runs, scheduling
from sites import claims
from sites.models import LoadPeriod, Program, TrailEntry
from tests.capture.plan import rows
from tests.capture.plan.rows import AT, TODAY
from tests.world import LIVE, World

pytestmark = pytest.mark.django_db
CODE = "car_registry_na"
PLANNED = 18  # timepoints of one patient: a baseline and 17 follow-ups


@pytest.fixture
def run() -> Run:
    """A run over five patients who were enrolled before their program was accepted."""
    program = rows.live(CODE)[CODE]
    Program.objects.update(state="known")
    for number in range(1, 6):
        rows.patient(CODE, pseudonym=f"NRT-000{number}")
    Program.objects.update(state="live")
    return runs.enqueue(program, actor=AT, reason="accepted")


def chunk(run: Run, size: int = 2) -> bool:
    more = runs.run_chunk(run.pk, today=TODAY, size=size)
    run.refresh_from_db()
    return more


def planned() -> int:
    """Patients with a whole plan; a half plan fails the test."""
    counts = [Timepoint.objects.filter(enrollment__treatment__patient=p).count() for p in Patient.objects.all()]
    assert set(counts) <= {0, PLANNED}
    return counts.count(PLANNED)


def test_it_goes_on_in_chunks_and_tells_its_progress(run: Run) -> None:
    told = []
    while chunk(run):
        told.append((run.done, planned(), run.state))
    assert told == [(2, 2, "running"), (4, 4, "running")]
    assert (run.done, run.total, run.state, run.next_try_at) == (5, 5, "done", None)


def test_a_run_killed_after_a_chunk_goes_on_where_it_was(run: Run) -> None:
    chunk(run)
    claims.claim(Run, run.pk, lease=timedelta(seconds=-1))  # the next worker takes it and dies at once
    runs.run_all(run, today=TODAY)
    assert planned() == 5


def test_a_run_killed_inside_a_chunk_does_nothing_twice(run: Run) -> None:
    claims.claim(Run, run.pk, lease=timedelta(seconds=-1))
    scheduling.plan_patient(Patient.objects.order_by("pk")[0].pk, actor=AT, reason="half a chunk", today=TODAY)
    before = set(Visit.objects.values_list("uuid", flat=True))
    runs.run_all(run, today=TODAY)
    assert before <= set(Visit.objects.values_list("uuid", flat=True))
    assert planned() == 5


def test_a_run_that_somebody_holds_is_left_alone(run: Run) -> None:
    assert claims.claim(Run, run.pk)
    assert chunk(run) is False
    assert planned() == 0


def test_a_run_done_is_not_done_again(run: Run) -> None:
    runs.run_all(run, today=TODAY)
    trail = TrailEntry.objects.count()
    assert chunk(run) is False
    assert TrailEntry.objects.count() == trail


def test_running_everything_twice_changes_nothing(run: Run) -> None:
    runs.run_all(run, today=TODAY)
    before = [rows.picture(p) for p in Patient.objects.all()]
    again = runs.enqueue(Program.objects.get(code=CODE), actor=AT, reason="once more")
    runs.run_all(again, today=TODAY)
    assert [rows.picture(p) for p in Patient.objects.all()] == before
    assert TrailEntry.objects.filter(action="plan").count() == 5


def test_the_end_of_a_run_brings_the_sites_load_up_to_date(car_world: World) -> None:
    LoadPeriod.objects.all().delete()
    runs.run_all(runs.enqueue(car_world.programs[CODE], actor=AT, reason="once more"), today=TODAY)
    assert set(LoadPeriod.objects.values_list("site", flat=True)) == {"north"}
    assert set(LoadPeriod.objects.values_list("program", flat=True)) == set(LIVE)


def test_a_stop_that_was_retried_does_not_count_as_a_failure(run: Run) -> None:
    held = claims.claim(Run, run.pk)
    assert held is not None
    claims.fail(held, "stopped: the database was away")
    Run.objects.filter(pk=run.pk).update(next_try_at=AT.now)
    runs.run_all(run, today=TODAY)
    run.refresh_from_db()
    assert (planned(), run.state, run.last_error) == (5, "done", "")


def test_a_patient_that_cannot_be_planned_holds_nobody_up_and_is_named(run: Run) -> None:
    bad = Patient.objects.order_by("pk")[1]
    Treatment.objects.filter(patient=bad).update(infusion_date=date(9999, 1, 1))
    while chunk(run):
        pass
    assert (planned(), run.done, run.state) == (4, 4, "dead")
    assert str(bad.uuid) in run.last_error
    assert TrailEntry.objects.get(action="plan_failed").subject == f"patient:{bad.uuid}"
    assert claims.due_ids(Run) == []


def test_a_chunk_takes_as_many_queries_for_four_patients_as_for_one(run: Run) -> None:
    def reads(size: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            chunk(run, size)
        return sum(not q["sql"].startswith("INSERT") for q in queries)  # SQLite cuts long inserts

    assert reads(1) == reads(3) <= 25


def test_a_patient_that_cannot_be_planned_leaves_those_of_the_same_batch_planned(run: Run) -> None:
    bad = Patient.objects.order_by("pk")[2]
    Treatment.objects.filter(patient=bad).update(infusion_date=date(9999, 1, 1))
    chunk(run, size=5)
    assert (planned(), run.done, run.total) == (4, 4, 5)
