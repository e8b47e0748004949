"""Planning for many: a program that joins plans every enrolment in chunks, safe to kill and to run twice.

Called by accepting (enqueue) and by the sweep's tasks (run_chunk). Progress is in the Run row.
"""

from __future__ import annotations

from datetime import date

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet

from capture.models import Move, Notice, Patient, Run, Timepoint, Visit
from capture.plan import load_periods, scheduling
from sites import claims, statistics, trail
from sites.models import Program, Site
from sites.trail import Actor

KIND = "plan_program"
CHUNK = 200  # patients a task: a few seconds, far below its time limit and the lease
WRITTEN = (Visit, Timepoint, Notice, Move)
BATCH = 25  # patients a transaction: nobody who works on one of them waits longer than a blink


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
    """Plan the next patients of a run. True while there is more to do; False when done or held by somebody else.

    Each few patients are a transaction; a chunk that dies half-way is done again and changes nothing twice. A patient
    that cannot be planned is named in `last_error` and the trail, holds nobody up, and leaves the run given up.
    """
    run = claims.claim(Run, run_id)
    if run is None or run.program is None:
        return False
    ids = list(_patients(run.program, run.cursor).values_list("pk", flat=True)[:size])
    failed = _plan(ids, run, today)
    cursor, more = (ids[-1], len(ids) == size) if ids else (run.cursor, False)
    if statistics.grew(run.done, run.done + len(ids), least=CHUNK):
        statistics.refresh(*WRITTEN)
    if not more:
        _refresh_load(run.program, today)
    errors = "\n".join([*_unplanned(run), *failed])[:2000]
    ended = {"state": Run.State.RUNNING} if more else _ended(errors)
    next_try = trail.system("planner").now if more else None
    progress = {"cursor": cursor, "done": run.done + len(ids) - len(failed), "attempts": 0}
    kept = claims.finish(run, **progress, last_error=errors, next_try_at=next_try, **ended)
    return more and kept


def run_all(run: Run, *, today: date) -> None:
    """Every chunk of a run, one after another: for commands and tests."""
    while run_chunk(run.pk, today=today):
        pass


def _plan(ids: list[int], run: Run, today: date) -> list[str]:
    """Plan the patients; what could not be planned, in words. A database that is away ends the chunk: it is retried."""
    failed: list[str] = []
    for batch in (ids[i : i + BATCH] for i in range(0, len(ids), BATCH)):
        if _planned(batch, run, today):
            for pk in batch:  # one of them cannot be planned; the others need not wait for it
                if error := _planned([pk], run, today):
                    failed.append(_failed(pk, run, error))
    return failed


def _planned(ids: list[int], run: Run, today: date) -> Exception | None:
    """Plan these in one transaction; what went wrong, if anything did. Raises where the database is away."""
    actor = trail.system("planner")
    try:
        scheduling.plan_patients(ids, actor=actor, reason=run.reason or "planning run", today=today)
    except (OperationalError, InterfaceError) as error:
        claims.fail(run, "\n".join([*_unplanned(run), f"stopped: {error}"]), state=Run.State.DEAD)
        raise
    except Exception as error:
        return error
    return None


def _failed(pk: int, run: Run, error: Exception) -> str:
    name = Patient.objects.values_list("uuid", flat=True).get(pk=pk)
    details = {"run": str(run.uuid)}
    trail.record(trail.system("planner"), "plan_failed", f"patient:{name}", reason=str(error), details=details)
    return f"patient {name}: {type(error).__name__}: {' '.join(str(error).split())}"


def _refresh_load(program: Program, today: date) -> None:
    """The sites' expected minutes change with the program; the burden page need not wait for the next sweep."""
    for site in Site.objects.filter(patients__treatments__enrollments__program=program).distinct():
        load_periods.rebuild(site, today=today)


def _unplanned(run: Run) -> list[str]:
    """What earlier chunks could not plan; a stop that was retried is past."""
    return [line for line in run.last_error.splitlines() if line.startswith("patient ")]


def _ended(errors: str) -> dict[str, object]:
    return {"state": Run.State.DEAD, "dead_at": trail.system("planner").now} if errors else {"state": Run.State.DONE}


def _patients(program: Program, after: int) -> QuerySet[Patient]:
    """The program's patients with a higher id, by id."""
    return Patient.objects.filter(treatments__enrollments__program=program, pk__gt=after).order_by("pk").distinct()
