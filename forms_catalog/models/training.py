"""How the matcher was trained here."""

from __future__ import annotations

import uuid

from django.db import models

from sites.append_only import append_only


@append_only
class TrainedMatcher(models.Model):
    """Append-only: the newest row says how the matcher ranks here. `model` holds the parts that differ from the shipped
    model, {} for none; it counts only beside the shipped model it was trained from (`shipped`, a digest). `figures` are
    what both were worth on own decisions held out, see learning.adapting."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shipped = models.CharField(max_length=64)
    model = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    reason = models.TextField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} by {self.created_by}"
