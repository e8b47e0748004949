"""Sends queued deliveries: claim, act, mark. A killed sender loses nothing; a repeat carries the same delivery id."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings

from capture.deliver import receipts
from capture.deliver.backends import BACKENDS, SendError
from capture.deliver.backends.base import Parcel
from capture.deliver.slicing import Slice
from capture.models import Delivery
from forms_catalog import serial
from sites import claims, trail

LEFT = (Delivery.State.EXPORTED, Delivery.State.CONFIRMED, Delivery.State.SUPERSEDED, Delivery.State.TRANSCRIBED)


def pending(now: datetime | None = None) -> list[int]:
    """Ids of deliveries to send now."""
    return claims.due_ids(Delivery, now=now)


def send_one(pk: int) -> bool:
    """Send one delivery if it is due and nobody else does. True where it left."""
    row = claims.claim(Delivery, pk)
    if row is None:
        return False
    if row.state != Delivery.State.PREPARED:
        claims.finish(row)
        return False
    try:
        outcome = BACKENDS[row.mode].send(parcel(row))
    except SendError as error:
        claims.fail(row, str(error), permanent=error.permanent)
        return False
    if outcome.state:
        actor = trail.system("deliverer")
        receipts.advance(row, outcome.state, actor=actor, note=outcome.note, details=outcome.details, file=outcome.file)
    return claims.finish(row)


def parcel(row: Delivery) -> Parcel:
    """The delivery with the slice that left last, so that only changes are overwritten."""
    earlier = Delivery.objects.filter(timepoint=row.timepoint, revision__lt=row.revision, receipts__kind="exported")
    last = earlier.order_by("-revision").first()
    before = serial.load(Slice, last.payload) if last else None
    return Parcel(row.uuid, row.revision, serial.load(Slice, row.payload), Path(settings.DELIVERY_DIR), before)
