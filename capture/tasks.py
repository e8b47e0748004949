"""Celery tasks: ids only, safe to run twice. The rows are the truth; one sweep a minute finds what is due.

Only the worker talks to the broker: pages write rows and go on, so a missing broker delays work and never a person.
A task that waits longer than a sweep is dropped; the next sweep finds its row again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from celery import Task, shared_task
from django.conf import settings
from django.utils import timezone

from capture.accept import sunset
from capture.deliver import sending as deliveries
from capture.enter import calibrating
from capture.models import Run
from capture.plan import load_periods, runs
from capture.remind import notices, peaks
from capture.remind import sending as reminders
from forms_catalog import duplicates
from forms_catalog.models import ProposalRun
from forms_catalog.tasks import compare_duplicates, propose_chunk
from sites import claims, trail
from sites.burden import rollups

log = logging.getLogger(__name__)
A_SECOND = 20  # more than a worker does; what is handed out too early only waits, is dropped and found again
LONGEST = min(120, settings.CELERY_TASK_TIME_LIMIT)  # seconds; below the lease of a claim, see reminders.lease
QUICK: dict[str, Any] = {
    "ignore_result": True,
    "acks_late": True,
    "time_limit": LONGEST,
    "soft_time_limit": LONGEST * 5 // 6,
}


@shared_task(name="capture.sweep", **QUICK)
def sweep() -> None:
    """Find every due row and hand each to a task of its own. One part that fails does not stop the others."""
    _part("digests", _digests)
    _part("deliveries", lambda: _hand_out(deliver_one, deliveries.pending()))
    _part("proposals", lambda: _hand_out(propose_chunk, claims.due_ids(ProposalRun)))
    _part("runs", lambda: _hand_out(run_chunk, claims.due_ids(Run)))
    _part("duplicates", _duplicates)
    _part("load", lambda: load_periods.refresh(timezone.now()))
    _part("rollups", rollups.refresh)
    _part("sunset", _sunset)
    _part("peaks", _peaks)
    _part("costs", _costs)


def _peaks() -> None:
    """Site managers hear of weeks over budget while there is time to act."""
    peaks.enqueue(timezone.now())
    _hand_out(tell_peak, peaks.pending())


@shared_task(name="capture.tell_peak", **QUICK)
def tell_peak(pk: int) -> None:
    """Send one alert."""
    peaks.send_one(pk)


def _sunset() -> None:
    """Leave out what programs ask for the last time; a release only where something ended since the last one."""
    sunset.settle(actor=trail.system("sunset"), today=timezone.now().date())


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


@shared_task(name="capture.calibrate_costs", **QUICK)
def calibrate_costs() -> None:
    """Once a week: what each site's questions cost, from measured times. Asked again meanwhile, it does nothing."""
    if calibrating.due(timezone.now()):
        calibrating.calibrate(actor=trail.system("calibrate_costs"))


def _digests() -> None:
    """Rows first, then move on what everybody was told; sending comes after both and works on rows only."""
    now = timezone.now()
    reminders.enqueue(now)
    notices.roll(now)
    _hand_out(send_digest, reminders.pending(now))


def _costs() -> None:
    if calibrating.due(timezone.now()):
        calibrate_costs.apply_async(expires=settings.SWEEP_SECONDS)


def _duplicates() -> None:
    if duplicates.due(timezone.now()):
        compare_duplicates.apply_async(expires=settings.SWEEP_SECONDS)


def _hand_out(task: Task, ids: Iterable[int]) -> None:
    for pk in islice(ids, A_SECOND * settings.SWEEP_SECONDS):
        task.apply_async((pk,), expires=settings.SWEEP_SECONDS)


def _part(name: str, work: Callable[[], object]) -> None:
    try:
        work()
    except Exception:
        log.exception("sweep: %s failed, the next sweep tries again", name)
