"""Celery tasks: ids only, safe to run twice. The rows are the truth; one sweep a minute finds what is due."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from capture.deliver import sending as deliveries
from capture.models import Run
from capture.plan import load_periods, runs
from capture.remind import sending as reminders
from sites import claims

QUICK = {"ignore_result": True, "acks_late": True, "time_limit": 120, "soft_time_limit": 100}


@shared_task(name="capture.sweep", expires=55, **QUICK)
def sweep() -> dict[str, int]:
    """Find every due row and hand each to a task of its own."""
    digests = reminders.enqueue()
    found = {"runs": claims.due_ids(Run), "deliveries": deliveries.pending(), "digests": reminders.pending()}
    for pk in found["runs"]:
        run_chunk.delay(pk)
    for pk in found["deliveries"]:
        deliver_one.delay(pk)
    for pk in found["digests"]:
        send_digest.delay(pk)
    load_periods.refresh(timezone.now())
    return {"new_digests": digests, **{name: len(ids) for name, ids in found.items()}}


@shared_task(name="capture.run_chunk", **QUICK)
def run_chunk(pk: int) -> None:
    """Plan the next patients of a run; the next chunk is a task of its own."""
    if runs.run_chunk(pk, today=timezone.now().date()):
        run_chunk.delay(pk)


@shared_task(name="capture.deliver_one", **QUICK)
def deliver_one(pk: int) -> None:
    """Send one delivery."""
    deliveries.send_one(pk)


@shared_task(name="capture.send_digest", **QUICK)
def send_digest(pk: int) -> None:
    """Send one digest."""
    reminders.send_one(pk)
