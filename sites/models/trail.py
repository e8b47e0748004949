"""The trail: one append-only row for every write, with who, as what, why and from where, as text at that time."""

from __future__ import annotations

import uuid

from django.db import models

from sites.append_only import append_only


@append_only
class TrailEntry(models.Model):
    """Append-only. `subject` is '<kind>:<uuid or code>' of what was written; `details` holds no identifiers."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    role = models.CharField(max_length=40)
    organisation = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=20)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    details = models.JSONField(default=dict)
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["subject", "at"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.subject}"
