"""Ledger entries of work after a submit: a refused delivery's query, and what copying by hand really took.

Called by receipts in the transaction of the receipt, which keeps everything that the replay needs; check_burden_ledger
makes the same entries from the receipts alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Sum

from capture.models import CopiedField, Delivery, Receipt, Submission
from sites.burden import cost
from sites.burden.entries import Entry
from sites.clock import local_day
from sites.models import BurdenEntry
from sites.trail import Actor

QUERY, COPY = "query", "copying"  # the sources of the ledger that receipts stand for
SUBMISSION = "submission"
CHARGE = "charge"  # where a receipt keeps it


def query(row: Delivery, uuid: UUID, actor: Actor) -> dict[str, Any]:
    """What a receipt keeps of a query that the program's refusal opens: the minutes one is assumed to take."""
    place = _place(row, actor)
    return {CHARGE: {**place, "source": QUERY, "uuid": str(uuid), "centiseconds": 6000 * cost.QUERY_MINUTES}}


def copying(row: Delivery, actor: Actor, active_centiseconds: int) -> dict[str, Any]:
    """What a receipt keeps of copying: the measured time, else the values ticked since the last receipt at the default;
    and what the submission was already charged for it, once for each report.
    """
    before = Receipt.objects.filter(delivery__timepoint=row.timepoint_id, kind=Delivery.State.TRANSCRIBED)
    told = [r.details.get(CHARGE, {}) for r in before.order_by("pk")]
    ticks = CopiedField.objects.filter(delivery__timepoint=row.timepoint_id, undone=False).count()
    values = max(0, ticks - sum(t.get("values", 0) for t in told))
    place = _place(row, actor)
    return {
        CHARGE: {
            **place,
            "source": COPY,
            "uuid": str(row.uuid),
            "values": values,
            "centiseconds": max(0, active_centiseconds) or values * cost.ASSUMED.copied,
            "expected": 0 if told else _expected(row, place["program"]),
        }
    }


def entries(receipt: Receipt) -> list[Entry]:
    """The ledger entries a receipt stands for: none, one query, or copying less what was charged at the submit."""
    return _entries(receipt.details.get(CHARGE))


def _entries(charge: Mapping[str, Any] | None) -> list[Entry]:
    if not charge:
        return []
    time = charge["centiseconds"] - charge.get("expected", 0)
    return [
        Entry(
            source=charge["source"],
            source_uuid=UUID(charge["uuid"]),
            program=charge["program"],
            kind="query" if charge["source"] == QUERY else "transcription",
            site=charge["site"],
            visit_kind=charge["visit_kind"],
            local_date=date.fromisoformat(charge["local_date"]),
            share=time,
            marginal=time,
            alone=time,
            simulated=charge["simulated"],
        )
    ]


def _place(row: Delivery, actor: Actor) -> dict[str, Any]:
    """Kept as it is now: a report that is not submitted yet may still move to another visit."""
    timepoint = row.timepoint
    visit = timepoint.visit
    site = visit.site if visit else None
    return {
        "program": timepoint.enrollment.program.code,
        "site": site.code if site else "",
        "visit_kind": visit.kind if visit else "",
        "local_date": local_day(actor.now, site.time_zone if site else "UTC").isoformat(),
        "simulated": actor.simulated,
    }


def _expected(row: Delivery, program: str) -> int:
    """Centiseconds that the report's own submission was charged for copying it, as expected then."""
    found = BurdenEntry.objects.filter(
        source=SUBMISSION,
        source_uuid__in=Submission.objects.filter(visit=row.timepoint.visit_id).values("uuid"),
        program=program,
        kind=BurdenEntry.Kind.TRANSCRIPTION,
    )
    return found.aggregate(total=Sum("share"))["total"] or 0
