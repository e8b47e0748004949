"""Claim, lease, rescue, back off, give up: how a process takes an outbox row without losing or doubling it.

A claim is a compare-and-set on the row. A claimant that dies lets its lease run out, and the next sweep takes the row
again: at least once, repeats recognisable by the row's uuid. Used by capture.remind, capture.deliver and runs.
"""

from __future__ import annotations

import os
import socket
import uuid
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from sites.models.outbox import Outbox

LEASE = timedelta(minutes=5)
BACKOFF = [timedelta(minutes=m) for m in (1, 5, 30, 120, 720)]
Row = TypeVar("Row", bound=Outbox)


def due_ids(model: type[Row], *, now: datetime | None = None, limit: int = 500) -> list[int]:
    """Ids of rows whose time has come and that nobody holds, oldest first."""
    now = now or timezone.now()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    rows = model._default_manager.filter(free, next_try_at__lte=now, dead_at__isnull=True)
    return list(rows.order_by("next_try_at", "pk").values_list("pk", flat=True)[:limit])


def claim(model: type[Row], pk: int, *, lease: timedelta = LEASE, now: datetime | None = None) -> Row | None:
    """Take row `pk` for `lease`; None where it is not due, done, dead or somebody else's."""
    now = now or timezone.now()
    mark = f"{socket.gethostname()[:20]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    rows = model._default_manager.filter(free, pk=pk, next_try_at__lte=now, dead_at__isnull=True)
    if not rows.update(claimed_by=mark, claimed_until=now + lease, attempts=F("attempts") + 1):
        return None
    return model._default_manager.get(pk=pk)


def finish(row: Outbox, **values: object) -> bool:
    """Mark the claimed row done and set `values`; False where the lease was lost to somebody else meanwhile.

    A job in steps that goes on passes its own `next_try_at`.
    """
    done: dict[str, object] = {"next_try_at": None, "claimed_until": None, "claimed_by": "", "last_error": ""}
    return _write(row, **(done | values))


def fail(row: Outbox, error: str, *, permanent: bool = False, now: datetime | None = None, **dead: object) -> bool:
    """Give the row back for a later try, or mark it dead (with the `dead` values) after the last or a permanent one."""
    now = now or timezone.now()
    if permanent or row.attempts > len(BACKOFF):
        return _write(
            row, next_try_at=None, claimed_until=None, claimed_by="", dead_at=now, last_error=error[:2000], **dead
        )
    later = now + BACKOFF[row.attempts - 1]
    return _write(row, next_try_at=later, claimed_until=None, claimed_by="", last_error=error[:2000])


def _write(row: Outbox, **values: object) -> bool:
    model: type[models.Model] = type(row)
    changed = model._default_manager.filter(pk=row.pk, claimed_by=row.claimed_by).update(**values)
    for name, value in values.items():
        setattr(row, name, value)
    return bool(changed)
