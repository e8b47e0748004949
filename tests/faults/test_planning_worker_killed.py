"""kill -9 of the Celery worker in the middle of a planning run: every patient has one whole plan afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db.models import Count

from bench import planning_population as population
from capture.models import Patient, Run, Timepoint
from capture.plan import runs
from capture.tasks import run_chunk
from sites.models import TrailEntry
from tests.capture.plan import rows
from tests.processes import ServiceProcess, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.worker, pytest.mark.django_db(transaction=True)]
N, PLANNED, CODE = 150, 18, "car_registry_na"  # patients; timepoints of one: a baseline and 17 follow-ups


def test_a_planning_run_goes_on_after_its_worker_is_killed(
    celery_worker_process: Callable[..., ServiceProcess],
) -> None:
    program = rows.live(CODE)[CODE]
    population.patients(N, seed=1, programs=[CODE])
    run = runs.enqueue(program, actor=rows.AT, reason="accepted")
    worker = celery_worker_process(concurrency=1)
    run_chunk.delay(run.pk)
    wait_until(lambda: 0 < Timepoint.objects.count() < N * PLANNED, 60, "some patients are planned")
    worker.kill()
    killed, half = time.monotonic(), Timepoint.objects.count() // PLANNED
    run.refresh_from_db()
    assert (run.state, run.done) == ("queued", 0), "it died inside a chunk"
    assert Timepoint.objects.count() % PLANNED == 0, "no patient has half a plan"
    Run.objects.update(claimed_until=datetime(2026, 1, 1, tzinfo=UTC))  # its lease runs out
    celery_worker_process(concurrency=1)
    run_chunk.delay(run.pk)
    wait_until(lambda: Run.objects.get().state == "done", 60, "the run is done")
    seconds = time.monotonic() - killed
    print(f"\nfault: worker killed while planning, N {N}, planned at the kill {half}, done again in {seconds:.1f} s")
    counts = Patient.objects.annotate(n=Count("treatments__enrollments__timepoints")).values_list("n", flat=True)
    assert list(counts) == [PLANNED] * N
    assert TrailEntry.objects.filter(action="plan").count() == N, "nobody is planned twice"
    assert Run.objects.get().done == N
