"""Long work as rows: estimates of what a request would cost, acceptances, and resumable planning runs."""

from __future__ import annotations

import uuid

from django.db import models

from forms_catalog.models import DictionaryVersion, Release
from sites.append_only import append_only
from sites.models import Program
from sites.models.outbox import Outbox


@append_only
class Estimate(models.Model):
    """Append-only: what accepting a dictionary version would cost the chosen sites, as computed at a time."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(DictionaryVersion, on_delete=models.PROTECT, related_name="estimates")
    sites = models.JSONField(default=list)
    result = models.JSONField()
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.version} at {len(self.sites)} sites"


@append_only
class Acceptance(models.Model):
    """Append-only: a request accepted or refused, with the estimate that was seen, who and why.

    `trims` are the changes the sponsor was asked for, in words; [] where it was refused whole.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(DictionaryVersion, on_delete=models.PROTECT, related_name="acceptances")
    estimate = models.ForeignKey(Estimate, on_delete=models.PROTECT)
    release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.PROTECT)
    accepted = models.BooleanField()
    decided_by = models.CharField(max_length=200)
    decided_at = models.DateTimeField()
    reason = models.TextField()
    trims = models.JSONField(default=list)

    class Meta:
        ordering = ["-decided_at"]

    def __str__(self) -> str:
        return f"{self.version}: {'accepted' if self.accepted else 'refused'}"


class Run(Outbox):
    """A resumable job in chunks, e.g. planning every enrolment of an accepted program. `cursor` is the last id done."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        DEAD = "dead", "Given up"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    program = models.ForeignKey(Program, null=True, blank=True, on_delete=models.PROTECT)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    cursor = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    actor = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["next_try_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.done}/{self.total}"
