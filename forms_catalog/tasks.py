"""Celery tasks of the catalog: ids only, safe to run twice. The sweep in capture.tasks hands them out."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from forms_catalog import duplicates, proposal_runs
from sites import trail

LONGEST = min(120, settings.CELERY_TASK_TIME_LIMIT)  # seconds; below the lease of a claim


@shared_task(
    name="forms_catalog.propose_chunk",
    ignore_result=True,
    acks_late=True,
    time_limit=LONGEST,
    soft_time_limit=LONGEST * 5 // 6,
)
def propose_chunk(pk: int) -> None:
    """Propose for the next fields of a version; the next chunk is a task of its own."""
    if proposal_runs.run_chunk(pk):
        propose_chunk.delay(pk)


@shared_task(
    name="forms_catalog.compare_duplicates",
    ignore_result=True,
    acks_late=True,
    time_limit=LONGEST,
    soft_time_limit=LONGEST * 5 // 6,
)
def compare_duplicates() -> None:
    """Compare all questions with each other where that is due; a second one finds nothing due."""
    if duplicates.due(timezone.now()):
        duplicates.refresh(actor=trail.system("compare_duplicates"))
