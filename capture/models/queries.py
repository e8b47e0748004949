"""Questions about answers, and signatures on exact versions of them."""

from __future__ import annotations

import uuid

from django.db import models

from capture.models.responses import Submission
from capture.models.visits import Timepoint
from sites.append_only import append_only


class DataQuery(models.Model):
    """A question about one field of one program's slice. Texts never show that another program exists."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    timepoint = models.ForeignKey(Timepoint, on_delete=models.PROTECT, related_name="queries")
    path = models.CharField(max_length=250)
    text = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    opened_by = models.CharField(max_length=200)
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ["opened_at"]

    def __str__(self) -> str:
        return f"{self.timepoint}: {self.path}"


@append_only
class Signature(models.Model):
    """Append-only: who signed which exact sheet, with what meaning. A later revision makes it visibly outdated.

    `centiseconds` is what it was charged as; none for one from before signatures were charged.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="signatures")
    timepoint = models.ForeignKey(Timepoint, on_delete=models.PROTECT, related_name="signatures")
    sheet_sha256 = models.CharField(max_length=64)
    meaning = models.CharField(max_length=200)
    signed_by = models.CharField(max_length=200)
    signed_at = models.DateTimeField()
    centiseconds = models.PositiveIntegerField(null=True, blank=True)
    simulated = models.BooleanField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.timepoint} signed by {self.signed_by}"
