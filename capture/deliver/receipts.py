"""What is known of a delivery's arrival: exported, copied, confirmed by a named person, acknowledged, rejected.

With outbox the only writer of delivery states. Called by pages, the API and sending; ticks are in copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.db import transaction

from capture.deliver import charging, copied, outbox, slices, states
from capture.deliver.outbox import WrongState
from capture.models import DataQuery, Delivery, Receipt
from sites import trail
from sites.burden import ledger
from sites.trail import Actor

__all__ = [
    "UnknownField",
    "WrongState",
    "acknowledge",
    "advance",
    "confirm",
    "mark_transcribed",
    "reject",
    "touched_by",
]


class UnknownField(ValueError):
    """A field that this delivery does not have."""

    code = "unknown_field"


@transaction.atomic
def advance(
    delivery: Delivery,
    state: str,
    *,
    actor: Actor,
    note: str = "",
    kind: str = "",
    details: Mapping[str, Any] | None = None,
    file: str = "",
) -> Delivery:
    """Move a delivery to `state` with a receipt of `kind` (the state by default). Raises WrongState."""
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    outbox.change(row, state, actor=actor, reason=note, file=file)
    facts = {"payload_sha256": row.payload_sha256, **(details or {})}
    made = Receipt.objects.create(
        delivery=row, kind=kind or state, at=actor.now, by=actor.name, note=note, details=facts
    )
    ledger.write(charging.entries(made), actor=actor)
    trail.record(actor, f"delivery_{kind or state}", f"delivery:{row.uuid}", reason=note)
    return row


@transaction.atomic
def mark_transcribed(delivery: Delivery, *, actor: Actor, active_centiseconds: int = 0) -> Delivery:
    """A person says that every value is in the program's portal; what was not ticked counts as copied with it.

    `active_centiseconds` is the measured time at the copy helper, kept on the receipt. Raises WrongState.
    """
    ticked = copied.tick_rest(delivery, actor=actor)
    charge = charging.copying(delivery, actor, active_centiseconds)
    details = {"ticked_before": ticked, "active_centiseconds": max(0, active_centiseconds), **charge}
    return advance(delivery, states.TRANSCRIBED, actor=actor, note="copied by hand", details=details)


def confirm(delivery: Delivery, *, actor: Actor, note: str) -> Delivery:
    """A named person attests that the program's own system holds it; `note` says what they saw. Raises WrongState."""
    return advance(delivery, states.CONFIRMED, actor=actor, note=trail.require_reason(note))


@transaction.atomic
def acknowledge(delivery: Delivery, *, actor: Actor, note: str = "") -> Delivery:
    """The program's own system says through the API that it holds it. A repeat changes nothing. Raises WrongState."""
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.state == states.CONFIRMED:
        return row
    text = note or "acknowledged through the API"
    return advance(row, states.CONFIRMED, actor=actor, note=text, kind="acknowledged")


@transaction.atomic
def reject(delivery: Delivery, *, path: str, text: str, actor: Actor) -> DataQuery:
    """The program refused it: a query is opened on the field ('' = the whole form). Raises WrongState, UnknownField."""
    reason = trail.require_reason(text)
    if path and path not in {c.path for c in slices.load(delivery.payload).cells}:
        raise UnknownField(f"This delivery has no field {path[:80]}. Choose one of its fields, or none.")
    uuid = uuid4()
    details = {"path": path, **charging.query(delivery, uuid, actor)}
    row = advance(delivery, states.REJECTED, actor=actor, note=reason, details=details)
    return DataQuery.objects.create(
        uuid=uuid, timepoint=row.timepoint, path=path, text=reason, opened_by=actor.name, opened_at=actor.now
    )


def touched_by(mapping_ref: str) -> list[Delivery]:
    """Every delivery that carries a value of a mapping, oldest first: what to look at when it is revoked.

    `mapping_ref` is '<mapping uuid>@<version>', or the uuid alone for all its versions.
    """
    rows = Delivery.objects.select_related("timepoint__enrollment__program", "timepoint__visit__site")
    return [d for d in rows.order_by("prepared_at", "pk").iterator(200) if _carries(d.payload, mapping_ref)]


def _carries(payload: Mapping[str, Any], wanted: str) -> bool:
    cells = (c for row in payload["rows"] for c in row["cells"] if c["value"])
    return any(wanted in (c["mapping_ref"], c["mapping_ref"].partition("@")[0]) for c in cells)
