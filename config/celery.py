"""The Celery application. The broker holds ids only; every job is a row first and one UTC sweep a minute finds it."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("askonce")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.task(name="config.heartbeat")
def heartbeat() -> None:
    """Each minute by beat: proves that beat sends, the broker carries and a worker takes jobs."""
    from config import broker

    broker.write_heartbeat(settings.BROKER_URL)


@worker_ready.connect
def first_heartbeat(**kwargs: Any) -> None:
    """At the start of a worker, so that /healthz need not wait for beat's first minute."""
    heartbeat()
