"""Releases: frozen, numbered states of the whole catalog with every accepted program."""

from __future__ import annotations

import uuid

from django.db import models

from sites.append_only import append_only


@append_only
class Release(models.Model):
    """Append-only. `content` is `specs.ReleaseSpec` as JSON; visit forms are pure projections of it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveIntegerField(unique=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    content = models.JSONField()
    programs = models.JSONField(default=dict)  # program code → dictionary version number
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    reason = models.TextField()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"Release {self.number}"
