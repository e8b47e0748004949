"""What reviewing takes: one row a decided field, and who has which field open."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from sites.append_only import append_only
from sites.models import Program


@append_only
class DecisionEffort(models.Model):
    """Append-only: one field that a press of a button decided. `press` joins the `size` fields of one batch.

    `seconds` is this field's share of the time from the page shown to the press, None where it was not measured.
    `version` is the one the mapping got (0 where none was written), `element` the one that was refused.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="decision_efforts")
    path = models.CharField(max_length=250)
    element = models.CharField(max_length=250, blank=True)
    act = models.CharField(max_length=20)
    version = models.PositiveIntegerField(default=0)
    press = models.UUIDField(default=uuid.uuid4)
    size = models.PositiveIntegerField(default=1)
    seconds = models.FloatField(null=True)
    keys = models.PositiveIntegerField(null=True)
    actor = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(seconds__isnull=True) | models.Q(seconds__gte=0), name="effort_seconds"
            )
        ]

    def __str__(self) -> str:
        return f"{self.program.code}.{self.path}: {self.act}"


class ReviewPresence(models.Model):
    """The field a curator has open, for a moment: a hint to the others, no lock and no record of work."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=250)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "user"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.user} at {self.program.code}.{self.path}"
