"""Reminders: the next step due for a visit, and one digest a person and local day."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from capture.models.visits import Visit
from sites.models.outbox import Outbox


class Notice(models.Model):
    """The next thing worth saying about a visit and when (UTC). Holds only the next step; rebuilt by planning."""

    class Step(models.TextChoices):
        OPENS = "opens", "Window opens"
        DUE = "due", "Due soon"
        OVERDUE = "overdue", "Overdue"

    visit = models.OneToOneField(Visit, on_delete=models.CASCADE, related_name="notice")
    step = models.CharField(max_length=10, choices=Step.choices)
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.visit}: {self.step} {self.due_at:%Y-%m-%d}"


class Digest(Outbox):
    """One message to one person and local day. The row comes first; its uuid makes the Message-ID of every try."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENT = "sent", "Sent"
        EMPTY = "empty", "Nothing left to say"
        DEAD = "dead", "Given up"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="digests")
    local_day = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    visits = models.JSONField(default=list)  # visit uuids mentioned when it was sent
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["-local_day", "-id"]
        indexes = [models.Index(fields=["next_try_at"])]
        constraints = [models.UniqueConstraint(fields=["user", "local_day"], name="digest_once_a_day")]

    def __str__(self) -> str:
        return f"{self.user} {self.local_day}"


class PeakAlert(Outbox):
    """One look ahead for one site manager and week: the coming weeks over budget that they were not told of before.

    `weeks` holds what was told: {"site", "week" (a Monday), "minutes", "budget"}.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENT = "sent", "Sent"
        EMPTY = "empty", "Nothing new"
        DEAD = "dead", "Given up"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="peak_alerts")
    week = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    weeks = models.JSONField(default=list)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-week", "-id"]
        indexes = [models.Index(fields=["next_try_at"])]
        constraints = [models.UniqueConstraint(fields=["user", "week"], name="peak_alert_once_a_week")]

    def __str__(self) -> str:
        return f"{self.user} week of {self.week}"
