"""Duplicates: pairs of asks or of elements that may be one, and what a person said of each."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords

from sites.models import Program


class DuplicateFinding(models.Model):
    """One pair, found by comparing everything with everything. `pair` names both sides by content, so that a pair a
    person put aside stays aside until one of them means something else.

    `shown` is what the page tells of both sides: {"first": {...}, "second": {...}}, see duplicates. Times are
    centiseconds a year. A pair that is not found any more is not `current`; nothing is deleted.
    """

    class Kind(models.TextChoices):
        SAME = "same", "The same ask"
        RECAST = "recast", "Another form of the same fact"
        UNSAID = "unsaid", "One leaves it open"
        TWINS = "twins", "Twin elements"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DISMISSED = "dismissed", "Not the same"
        SETTLED = "settled", "Settled"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pair = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    first_program = models.ForeignKey(Program, null=True, on_delete=models.PROTECT, related_name="+")
    second_program = models.ForeignKey(Program, null=True, on_delete=models.PROTECT, related_name="+")
    score = models.FloatField()
    reasons = models.JSONField(default=list)
    unify = models.JSONField(default=list)
    patient = models.BigIntegerField(default=0)
    network = models.BigIntegerField(default=0)
    shown = models.JSONField(default=dict)
    current = models.BooleanField(default=True)
    found_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["-network", "-patient", "-score", "pair"]

    def __str__(self) -> str:
        return f"{self.kind} {self.score:.2f} {self.pair[:8]}"

    @property
    def patient_minutes(self) -> float:
        """Minutes a patient and year."""
        return self.patient / 6000

    @property
    def network_minutes(self) -> float:
        """Minutes a year over all planned visits."""
        return self.network / 6000

    @property
    def sides(self) -> list[dict[str, Any]]:
        """Both sides as the page shows them, with the title of the program."""
        programs = (self.first_program, self.second_program)
        pairs = zip(("first", "second"), programs, strict=True)
        return [{**self.shown[name], "title": program.title if program else ""} for name, program in pairs]
