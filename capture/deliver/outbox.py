"""Queues deliveries: after each write every submitted slice is cut again, and a changed one becomes a new revision.

Called inside the transaction of everything that changes what may leave: submits, corrections, events, consents, locks
and the way a site delivers. The sweep sends what is queued.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from capture.ask.facts import PatientFacts
from capture.deliver import load, states
from capture.deliver.load import Submitted
from capture.deliver.slices import Slice, content_sha, instances
from capture.deliver.slicing import cut, withdraw
from capture.models import Delivery, Move, Patient, Submission
from forms_catalog import serial
from sites import trail
from sites.models import Participation
from sites.trail import Actor

SENT_BY_US = frozenset({Participation.Mode.FILE.value})
NEEDS_OWN_ID = frozenset({Participation.Mode.FILE.value, Participation.Mode.PULL.value})
WAITS = (states.PREPARED, states.HELD)
CHANGES = ["state", "state_reason", "file_path", "mode", "next_try_at"]
NO_OWN_ID = "The program's own number of this person is not known here. Enter it on the program's first form."


NO_BALANCE = "Its opening balance is missing, so since when it tells is not known. Load it, then this is prepared."


class WrongState(ValueError):
    """A change of state that is not possible from here; the message says what the state is."""

    code = "not_possible"


@dataclass(slots=True)
class Writes:
    """What one prepare writes, gathered first: as many queries for fifty reports as for one."""

    made: list[Delivery] = field(default_factory=list)
    changed: list[Delivery] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)

    def write(self) -> None:
        """Store everything; at most 3 queries."""
        Delivery.objects.bulk_create(self.changed, update_conflicts=True, unique_fields=["id"], update_fields=CHANGES)
        Delivery.objects.bulk_create(self.made)
        Move.objects.bulk_create(self.moves)


@transaction.atomic
def prepare(
    patient_id: int, *, submission: Submission | None = None, actor: Actor, today: date, reason: str = ""
) -> list[Delivery]:
    """New revisions for every submitted timepoint of the patient whose slice changed. Unchanged ones are left alone.

    A correction or a late record thus reaches every report it belongs to, also earlier ones. What was submitted is cut,
    and at once what a record or a death opened; a slice without consent, with a problem, or for a locked target is held
    with its reason. `submission` is the write that changed the answers; without one each report keeps its own, and
    `reason` says what changed.
    """
    # two visits of one patient never number the same revision
    patient = Patient.objects.select_for_update().get(pk=patient_id)
    facts, rows = load.submitted(patient_id, today=today)
    cuts = [(row, _cut(row, facts)) for row in rows if row.at_once or submission or row.submission]
    locked, writes = _locked([row.last for row, slice_ in cuts if row.last and _may_change(row, slice_)]), Writes()
    for row, slice_ in cuts:  # what was reported elsewhere has no submission: nothing of it leaves here
        if row.last is None and not row.submission and not slice_.values:
            continue  # its program's own questions come first: nothing to send yet
        last = locked.get(row.last.pk) if row.last else None
        if _differs(row, slice_):
            source = row.submission if row.at_once else submission or row.submission
            _revision(row, slice_, last, writes, submission=source, actor=actor, why=reason)
        elif last:
            _settle(row, _held(row, slice_), last, writes, actor=actor)
    writes.write()
    if writes.made:
        count = {"deliveries": len(writes.made), "held": sum(d.state == states.HELD for d in writes.made)}
        subject = f"submission:{submission.uuid}" if submission else f"patient:{patient.uuid}"
        trail.record(actor, "prepare_deliveries", subject, reason=reason, details=count)
    return writes.made


def _differs(row: Submitted, slice_: Slice) -> bool:
    return row.last is None or row.last.payload_sha256 != content_sha(slice_)


def _may_change(row: Submitted, slice_: Slice) -> bool:
    """Whether the newest delivery has to be locked: it is replaced, or still here and may not stand as it should."""
    return _differs(row, slice_) or (row.last is not None and row.last.state in WAITS)


def _cut(row: Submitted, facts: PatientFacts) -> Slice:
    """The slice as it is now; of a report that was entered in error, what says so."""
    made = cut(row.occasion, facts, row.release, instances=instances(row.last.payload if row.last else {}))
    return withdraw(made, row.withdrawn) if row.withdrawn else made


def _held(row: Submitted, slice_: Slice) -> str:
    """Why it may not leave now, '' where it may."""
    if slice_.held:
        return slice_.held
    if row.occasion.balance_missing:
        return NO_BALANCE
    if row.timepoint.locked:
        return "The program has locked this report. Ask it to unlock, then it is prepared again."
    return NO_OWN_ID if row.mode in NEEDS_OWN_ID and not slice_.subject_id else ""


def _revision(
    row: Submitted,
    slice_: Slice,
    before: Delivery | None,
    writes: Writes,
    *,
    submission: Submission | None,
    actor: Actor,
    why: str,
) -> None:
    if before is not None and states.allows(before.state, states.SUPERSEDED):
        moved = _moved(before, states.SUPERSEDED, actor=actor, reason="a newer revision is prepared")
        writes.changed.append(before)
        writes.moves.append(moved)
    held = _held(row, slice_)
    made = Delivery(
        timepoint=row.timepoint,
        revision=before.revision + 1 if before else 1,
        submission=submission,
        mode=row.mode,
        state=states.HELD if held else states.PREPARED,
        state_reason=held[:200],
        payload=serial.dump(slice_),
        payload_sha256=content_sha(slice_),
        prepared_at=actor.now,
        next_try_at=actor.now if row.mode in SENT_BY_US and not held else None,
    )
    reason = held or (why or "changed since the last revision" if before else "")
    writes.made.append(made)
    writes.moves.append(_move(made, "", made.state, actor=actor, reason=reason))


def _settle(row: Submitted, held: str, last: Delivery, writes: Writes, *, actor: Actor) -> None:
    """An unchanged slice follows its lock, its missing number and how the site delivers now: held while there is a
    reason, else prepared. What has left already keeps the way it went.
    """
    moves = _follow_mode(row, held, last, actor=actor)
    wanted, other = (states.HELD, states.PREPARED) if held else (states.PREPARED, states.HELD)
    if last.state == other:
        moves.append(_moved(last, wanted, actor=actor, reason=held or "nothing holds it any more"))
    if moves:
        writes.changed.append(last)
        writes.moves += moves


def _follow_mode(row: Submitted, held: str, last: Delivery, *, actor: Actor) -> list[Move]:
    """What waits leaves as the site delivers now, also where nothing else changed."""
    if last.mode == row.mode or last.state not in WAITS:
        return []
    last.mode = row.mode
    last.next_try_at = actor.now if row.mode in SENT_BY_US and last.state == states.PREPARED and not held else None
    reason = f"leaves as: {Participation.Mode(row.mode).label}"
    return [_move(last, last.state, last.state, actor=actor, reason=reason)]


def _locked(rows: Iterable[Delivery]) -> dict[int, Delivery]:
    """The rows as they are now, locked: a sender may have moved one since it was read. 1 query, none for no row."""
    return Delivery.objects.select_for_update().order_by("pk").in_bulk([row.pk for row in rows])


def change(row: Delivery, state: str, *, actor: Actor, reason: str = "", file: str = "") -> None:
    """Write one allowed change of state with its Move. The caller holds the row's lock. Raises WrongState."""
    moved = _moved(row, state, actor=actor, reason=reason, file=file)
    row.save(update_fields=["state", "state_reason", "file_path", "next_try_at"])
    moved.save()


def _moved(row: Delivery, state: str, *, actor: Actor, reason: str = "", file: str = "") -> Move:
    """The row in its new state and the Move that says so; nothing is stored. Raises WrongState."""
    if not states.allows(row.state, state, row.mode):
        label = Delivery.State(state).label
        raise WrongState(f"This delivery is '{row.get_state_display()}' and cannot become '{label}'.")
    before, row.state = row.state, state
    row.state_reason = reason[:200] if state in (states.HELD, states.REJECTED) else ""
    row.file_path = file or row.file_path
    row.next_try_at = actor.now if state == states.PREPARED and row.mode in SENT_BY_US else None
    return _move(row, before, state, actor=actor, reason=reason)


def _move(row: Delivery, before: str, after: str, *, actor: Actor, reason: str = "") -> Move:
    """One append-only row for a delivery's change of state, not stored yet."""
    return Move(
        subject="delivery",
        subject_uuid=row.uuid,
        before=before,
        after=after,
        at=actor.now,
        actor=actor.name,
        reason=reason,
    )
