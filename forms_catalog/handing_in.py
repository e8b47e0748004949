"""Step 1 as a whole: take a dictionary in, carry the decisions over, have the matcher look at what is left.

Called by the upload page and the API. Reading, storing and carrying are one transaction while the person waits; the
matcher looks at a small version at once and at a large one in the background.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from forms_catalog import carrying, intake, proposal_runs
from forms_catalog.models import DictionaryVersion, ProposalRun
from sites.models import Program
from sites.trail import Actor

AT_ONCE = 150  # fields; the matcher takes about 4 ms for each


def hand_in(
    program: Program,
    data: bytes,
    file_name: str,
    schedule: bytes | Sequence[bytes] | None = None,
    *,
    actor: Actor,
    reason: str = "",
) -> tuple[DictionaryVersion, bool]:
    """The version of this content, and whether it is new. Raises IntakeError, and then nothing is stored."""
    with transaction.atomic():
        version, fresh = _taken_in(program, data, file_name, schedule, actor, reason)
        run = _run(version, fresh, actor)
    if run and run.total <= AT_ONCE:
        proposal_runs.run_all(run)
    return version, fresh


def _taken_in(
    program: Program,
    data: bytes,
    file_name: str,
    schedule: bytes | Sequence[bytes] | None,
    actor: Actor,
    reason: str,
) -> tuple[DictionaryVersion, bool]:
    Program.objects.select_for_update().get(pk=program.pk)
    last = intake.latest(program)
    version = intake.receive(program, data, file_name, schedule, actor=actor, reason=reason)
    return version, last is None or version.number > last.number


def _run(version: DictionaryVersion, fresh: bool, actor: Actor) -> ProposalRun | None:
    """The run of a new version; of a known one only where it is the newest, has none yet, or was given up."""
    if fresh:
        return proposal_runs.enqueue(version, carrying.carry(version, actor=actor), actor=actor)
    newest = intake.latest(version.program)
    if newest is None or newest.pk != version.pk:
        return None
    run = proposal_runs.enqueue(version, {}, actor=actor)
    proposal_runs.again(run, actor=actor)
    return run
