"""What is known of a delivery's arrival: copied, exported, confirmed by a named person, acknowledged, rejected.

The only writer of Delivery states after outbox. Called by pages, the API and sending.
"""

from __future__ import annotations

from django.db import transaction

from capture.deliver import outbox
from capture.models import CopiedField, DataQuery, Delivery, Receipt
from sites import trail
from sites.trail import Actor

State = Delivery.State
ALLOWED: dict[str, frozenset[str]] = {
    State.TRANSCRIBED: frozenset({State.PREPARED}),
    State.EXPORTED: frozenset({State.PREPARED}),
    State.CONFIRMED: frozenset({State.EXPORTED, State.TRANSCRIBED, State.PREPARED}),
    State.REJECTED: frozenset({State.EXPORTED, State.TRANSCRIBED, State.PREPARED}),
}


class ReceiptError(ValueError):
    """A change of state that is not possible from here; the message says what the state is."""

    code = "not_possible"


@transaction.atomic
def advance(
    delivery: Delivery,
    state: str,
    *,
    actor: Actor,
    note: str = "",
    details: dict[str, str] | None = None,
    file: str = "",
) -> Delivery:
    """Move a delivery to `state` with a receipt. Raises ReceiptError where that is not allowed."""
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.state not in ALLOWED[state]:
        raise ReceiptError(f"This delivery is '{row.get_state_display()}' and cannot become '{State(state).label}'.")
    before, row.state = row.state, state
    row.file_path = file or row.file_path
    row.save(update_fields=["state", "file_path"])
    Receipt.objects.create(delivery=row, kind=state, at=actor.now, by=actor.name, note=note, details=details or {})
    outbox.move(row, before, state, actor=actor, reason=note)
    trail.record(actor, f"delivery_{state}", f"delivery:{row.uuid}", reason=note)
    return row


def mark_transcribed(delivery: Delivery, *, actor: Actor) -> Delivery:
    """A person has copied every value into the program's portal."""
    return advance(delivery, State.TRANSCRIBED, actor=actor, note="copied by hand")


def confirm(delivery: Delivery, *, actor: Actor, note: str) -> Delivery:
    """A named person attests that the program's own system holds it."""
    return advance(delivery, State.CONFIRMED, actor=actor, note=trail.require_reason(note))


def acknowledge(delivery: Delivery, *, actor: Actor, note: str = "") -> Delivery:
    """The program's own system says through the API that it holds it. A repeat changes nothing."""
    if delivery.state == State.CONFIRMED:
        return delivery
    return advance(delivery, State.CONFIRMED, actor=actor, note=note or "acknowledged through the API")


@transaction.atomic
def reject(delivery: Delivery, *, path: str, text: str, actor: Actor) -> Delivery:
    """The program refused it: a query is opened on the field."""
    row = advance(delivery, State.REJECTED, actor=actor, note=trail.require_reason(text))
    DataQuery.objects.create(timepoint=row.timepoint, path=path, text=text, opened_by=actor.name, opened_at=actor.now)
    return row


@transaction.atomic
def tick(delivery: Delivery, path: str, value: str, *, done: bool, actor: Actor) -> CopiedField:
    """Tick (or untick) one field as copied. Append-only; the newest row of a field counts."""
    return CopiedField.objects.create(
        delivery=delivery, path=path, value=value, undone=not done, copied_by=actor.name, copied_at=actor.now
    )


def ticked(delivery: Delivery) -> dict[str, CopiedField]:
    """Path → the standing tick of this delivery."""
    newest = {row.path: row for row in CopiedField.objects.filter(delivery=delivery)}
    return {path: row for path, row in newest.items() if not row.undone}


def last_copied(delivery: Delivery) -> dict[str, str]:
    """Path → the value last copied in an earlier revision of the same timepoint."""
    rows = CopiedField.objects.filter(
        delivery__timepoint=delivery.timepoint, delivery__revision__lt=delivery.revision
    ).order_by("copied_at", "pk")
    newest = {row.path: row for row in rows}
    return {path: row.value for path, row in newest.items() if not row.undone}


def touched_by(mapping_uuid: str) -> list[Delivery]:
    """The deliveries that used a mapping, whatever version of it: what to look at when it is revoked."""
    rows = Delivery.objects.exclude(state=State.SUPERSEDED).select_related("timepoint__enrollment__program")
    return [d for d in rows if any(c["mapping_ref"].startswith(mapping_uuid) for c in d.payload["cells"])]
