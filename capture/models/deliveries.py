"""What leaves: one delivery a timepoint and revision, what was copied by hand, and receipts."""

from __future__ import annotations

import uuid

from django.db import models

from capture.models.responses import Submission
from capture.models.sealed import SealedJSONField, SealedTextField
from capture.models.visits import Timepoint
from sites.append_only import append_only
from sites.models.outbox import Outbox


class Delivery(Outbox):
    """One slice in one program's terms. `payload` is the frozen Slice; a changed slice is a new revision.

    Without a `submission` a safety record went out at once, before its form was submitted.
    """

    class State(models.TextChoices):
        PREPARED = "prepared", "Prepared"
        EXPORTED = "exported", "Exported"
        TRANSCRIBED = "transcribed", "Copied by hand"
        CONFIRMED = "confirmed", "Confirmed in the program's system"
        REJECTED = "rejected", "Rejected"
        HELD = "held", "Held"
        SUPERSEDED = "superseded", "Replaced by a newer revision"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    timepoint = models.ForeignKey(Timepoint, on_delete=models.PROTECT, related_name="deliveries")
    revision = models.PositiveIntegerField()
    submission = models.ForeignKey(
        Submission, null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries"
    )
    mode = models.CharField(max_length=20)
    state = models.CharField(max_length=20, choices=State.choices, default=State.PREPARED)
    state_reason = models.CharField(max_length=200, blank=True)
    payload = SealedJSONField()
    payload_sha256 = models.CharField(max_length=64)
    file_path = models.CharField(max_length=300, blank=True)
    prepared_at = models.DateTimeField()

    class Meta:
        ordering = ["-prepared_at", "-id"]
        indexes = [models.Index(fields=["next_try_at"])]
        constraints = [models.UniqueConstraint(fields=["timepoint", "revision"], name="delivery_revision")]

    def __str__(self) -> str:
        return f"{self.timepoint} r{self.revision}"


@append_only
class CopiedField(models.Model):
    """Append-only: one value of a delivery ticked as copied into the program's portal, by whom and when."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="copied")
    row = models.CharField(max_length=60, blank=True)
    path = models.CharField(max_length=250)
    value = SealedTextField(blank=True)
    undone = models.BooleanField(default=False)
    copied_by = models.CharField(max_length=200)
    copied_at = models.DateTimeField()

    class Meta:
        ordering = ["delivery", "copied_at", "id"]

    def __str__(self) -> str:
        return f"{self.delivery}: {self.path}"


@append_only
class Receipt(models.Model):
    """Append-only: what is known of a delivery's arrival: exported, transcribed, confirmed, rejected, acknowledged."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="receipts")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["delivery", "at", "id"]

    def __str__(self) -> str:
        return f"{self.delivery}: {self.kind}"
