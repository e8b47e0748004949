"""Planning for many: a program that joins plans every enrolment in chunks, safe to kill and to run twice."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from capture.models import Enrollment, Run
from capture.plan import scheduling
from sites import claims, trail
from sites.models import Program
from sites.trail import Actor

KIND = "plan_program"
CHUNK = 50


@transaction.atomic
def enqueue(program: Program, *, actor: Actor, reason: str) -> Run:
    """A run over every enrolled patient of `program`; the sweep finds it."""
    run = Run.objects.create(
        kind=KIND,
        program=program,
        total=_patients(program, 0).count(),
        actor=actor.name,
        reason=reason,
        created_at=actor.now,
        next_try_at=actor.now,
    )
    trail.record(actor, "enqueue_run", f"run:{run.uuid}", reason=reason, details={"total": run.total})
    return run


def run_chunk(run_id: int, *, today: date, size: int = CHUNK) -> bool:
    """Plan the next patients of a run. True while there is more to do; False when done or held by somebody else."""
    run = claims.claim(Run, run_id)
    if run is None or run.program is None:
        return False
    actor = trail.system("planner")
    ids = list(_patients(run.program, run.cursor)[:size])
    for pk in ids:
        scheduling.plan_patient(pk, actor=actor, reason=run.reason or "planning run", today=today)
    last, more = (ids[-1], len(ids) == size) if ids else (run.cursor, False)
    state = Run.State.RUNNING if more else Run.State.DONE
    claims.finish(run, cursor=last, done=run.done + len(ids), state=state, attempts=0)
    if more:
        Run.objects.filter(pk=run.pk).update(next_try_at=actor.now)
    return more


def run_all(run: Run, *, today: date) -> None:
    """Every chunk of a run, one after another: for commands and tests."""
    while run_chunk(run.pk, today=today):
        pass


def _patients(program: Program, after: int):  # type: ignore[no-untyped-def]
    rows = Enrollment.objects.filter(program=program, treatment__patient__gt=after)
    return rows.order_by("treatment__patient").values_list("treatment__patient", flat=True).distinct()
