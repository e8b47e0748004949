"""The matcher's work on a large version, in chunks, safe to kill and to run twice. Progress is in the ProposalRun row.

Called by handing_in (enqueue, and the whole of a small version) and by the sweep's tasks (run_chunk).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

from forms_catalog import intake, proposing
from forms_catalog.models import DictionaryVersion, ProposalRun
from sites import claims, trail
from sites.trail import Actor

CHUNK = 150  # fields; below a second of matching
NAME = "proposer"


def enqueue(version: DictionaryVersion, carried: dict[str, int], *, actor: Actor) -> ProposalRun:
    """The run of a version, made once; the sweep finds it. Call inside the transaction that stores the version."""
    made, _ = ProposalRun.objects.get_or_create(
        version=version,
        defaults={
            "total": version.fields.count(),
            "carried": carried,
            "created_at": actor.now,
            "created_by": actor.name,
            "next_try_at": actor.now,
        },
    )
    return made


def of(version: DictionaryVersion) -> ProposalRun | None:
    """The run of a version as it is now; None where it was taken in another way."""
    return ProposalRun.objects.filter(version=version).first()


@transaction.atomic
def again(run: ProposalRun, *, actor: Actor) -> bool:
    """Take a run up again that was given up; False where it was not. What it had done is kept."""
    dead = ProposalRun.objects.filter(pk=run.pk, state=ProposalRun.State.DEAD)
    changed = dead.update(
        state=ProposalRun.State.QUEUED, next_try_at=actor.now, dead_at=None, attempts=0, last_error=""
    )
    if changed:
        trail.record(actor, "propose_again", f"dictionary:{run.version.uuid}")
    return bool(changed)


def run_chunk(run_id: int, *, size: int = CHUNK) -> bool:
    """Propose for the next fields of a run. True while there is more to do; False when done or held by somebody else.

    A chunk and its progress are one transaction: one that dies half-way is done again. A database that is away or busy
    is tried again later; any other error gives the run up and keeps what was said, for a person to take up again.
    """
    run = claims.claim(ProposalRun, run_id)
    if run is None:
        return False
    try:
        with transaction.atomic():
            return _chunk(run, size)
    except Exception as error:
        busy = isinstance(error, OperationalError | InterfaceError)
        text = f"{type(error).__name__}: {' '.join(str(error).split())}"
        claims.fail(run, text, permanent=not busy, state=ProposalRun.State.DEAD)
        return False


def run_all(run: ProposalRun) -> None:
    """Every chunk, one after another: for small versions and tests."""
    while run_chunk(run.pk):
        pass


def _chunk(run: ProposalRun, size: int) -> bool:
    version, actor = run.version, trail.system(NAME)
    newest = intake.latest(version.program)
    if newest is None or newest.pk != version.pk:
        claims.finish(run, state=ProposalRun.State.OVERTAKEN)
        return False
    found = proposing.propose_chunk(version, run.cursor, size, actor=actor)
    more = found.fields == size
    counts = dict(Counter(run.counts) + Counter(found.counts))
    progress: dict[str, Any] = {"done": run.done + found.fields, "counts": counts, "attempts": 0}
    if found.last is not None:
        progress["cursor"] = found.last
    state = ProposalRun.State.RUNNING if more else ProposalRun.State.DONE
    if not claims.finish(run, **progress, state=state, next_try_at=actor.now if more else None):
        raise OperationalError("another worker took this run over")
    if not more:
        trail.record(actor, "propose", f"dictionary:{version.uuid}", details=counts)
    return more
