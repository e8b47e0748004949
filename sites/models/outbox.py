"""Columns every outbox row carries, so that sites/claims.py can claim, rescue, back off and give up on it."""

from __future__ import annotations

from django.db import models


class Outbox(models.Model):
    """A job as a row. `next_try_at` null = nothing to do; `claimed_until` is its worker's lease."""

    next_try_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=64, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    dead_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        abstract = True
