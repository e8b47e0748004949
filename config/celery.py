"""The Celery application. The broker holds ids only; every job is a row first and one UTC sweep a minute finds it."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("askonce")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {"sweep": {"task": "capture.sweep", "schedule": 60.0}}
