"""Typed values without a place on the form of their visit: evidence once a person leaves or dismisses them."""

from __future__ import annotations

from django.db import models

from capture.models.responses import Submission
from capture.models.sealed import SealedTextField
from capture.models.visits import Visit
from sites.append_only import append_only


@append_only
class SetAsideValue(models.Model):
    """Append-only: one typed value that is no answer, with the question as it read. `value` is always ciphertext.

    `place` is the question's key, or r.<group>.<record>.<element>; `release` the number of the form it was typed into;
    `why` a key of ask.aside.WHY. `submission` is the one it was left out of; None where a person dismissed it.
    """

    class Outcome(models.TextChoices):
        LEFT = "left", "Left out of the submission"
        DISMISSED = "dismissed", "Dismissed"

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="set_aside")
    submission = models.ForeignKey(Submission, null=True, blank=True, on_delete=models.PROTECT)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    place = models.TextField()
    label = models.TextField()
    value = SealedTextField(blank=True)
    missing = models.CharField(max_length=40, blank=True)
    identifier = models.BooleanField(default=False)
    why = models.CharField(max_length=20)
    release = models.PositiveIntegerField()
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["visit", "at", "id"]

    def __str__(self) -> str:
        return f"{self.visit}: {self.place}"
