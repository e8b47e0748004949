"""Sends queued deliveries: claim, act, mark. A killed sender loses nothing; a repeat carries the same delivery id.

Called by the sweep's task and by `manage.py deliver_pending`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from capture.deliver import receipts, redcap_file, slices, states
from capture.deliver.backends import BACKENDS, Backend, Outcome, Parcel, SendError
from capture.deliver.outbox import WrongState
from capture.models import Delivery
from sites import claims, trail
from sites.trail import Actor

SYSTEM = "deliverer"


def pending(now: datetime | None = None) -> list[int]:
    """Ids of deliveries to send now, oldest first."""
    return claims.due_ids(Delivery, now=now)


def send_one(pk: int, *, backends: Mapping[str, Backend] = BACKENDS) -> bool:
    """Send one delivery if it is due and nobody else does. True where it left now.

    Killed before the mark, the lease runs out and the next sweep sends it again under the same name; killed after it,
    the next sweep only finishes the row. An error gives it back for a later try, at last to people as dead.
    """
    row = claims.claim(Delivery, pk)
    if row is None:
        return False
    if row.state != states.PREPARED:
        claims.finish(row)
        return False
    try:
        outcome = backends[row.mode].send(parcel(row))
    except SendError as error:
        claims.fail(row, str(error), permanent=error.permanent)
        return False
    except Exception as error:  # a broken row must not block the sweep; its text could hold a person's value
        claims.fail(row, f"Stopped by {type(error).__name__}; see the server's log.")
        raise
    return _marked(row, outcome)


def _marked(row: Delivery, outcome: Outcome) -> bool:
    """Receipt, state and end of the claim in one transaction; False where a newer revision came in between."""
    actor = trail.system(SYSTEM)
    try:
        with transaction.atomic():
            if outcome.state:
                receipts.advance(
                    row, outcome.state, actor=actor, note=outcome.note, details=outcome.details, file=outcome.file
                )
            claims.finish(row)
    except WrongState:
        claims.finish(row)
        return False
    return bool(outcome.state)


def last_that_left(row: Delivery) -> Delivery | None:
    """The earlier revision of the report that the program has; 1 query."""
    earlier = Delivery.objects.filter(timepoint=row.timepoint_id, revision__lt=row.revision)
    has = earlier.filter(receipts__kind__in=states.LEFT).exclude(receipts__kind=states.REJECTED)
    return has.order_by("-revision").first()


def parcel(row: Delivery) -> Parcel:
    """The delivery with the slice the program already has (the last one that left and was not rejected)."""
    last = last_that_left(row)
    before = slices.load(last.payload) if last else None
    return Parcel(row.uuid, row.revision, slices.load(row.payload), Path(settings.DELIVERY_DIR), before)


def file_of(row: Delivery) -> tuple[bytes, str]:
    """The import file of a delivery and how to import it: the bytes that left, or what would leave now."""
    packed = parcel(row)
    path = packed.folder / row.file_path
    advice = redcap_file.advice(packed.slice, packed.before)
    if row.file_path and path.is_file():
        return path.read_bytes(), advice
    return redcap_file.write([packed.slice], before=packed.before), advice


@transaction.atomic
def retry(delivery: Delivery, *, actor: Actor, reason: str) -> Delivery:
    """Put a dead delivery back into the queue, on a person's word. Raises WrongState where it is not dead."""
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.dead_at is None or row.state != states.PREPARED:
        raise WrongState("This delivery is not stopped; nothing is to be tried again.")
    row.dead_at, row.attempts, row.next_try_at = None, 0, actor.now
    row.save(update_fields=["dead_at", "attempts", "next_try_at"])
    trail.record(actor, "retry_delivery", f"delivery:{row.uuid}", reason=trail.require_reason(reason))
    return row
