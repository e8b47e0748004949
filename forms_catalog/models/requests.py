"""What programs ask: immutable dictionary versions, their field requests and schedule entries."""

from __future__ import annotations

import uuid

from django.db import models

from sites.append_only import append_only
from sites.models import Program
from sites.models.outbox import Outbox


@append_only
class DictionaryVersion(models.Model):
    """Append-only: one import of a program's dictionary with its schedule. The same content twice is the same version.

    `original` holds the bytes as evidence; `schedule` is `specs.ProgramSchedule` as JSON; `problems` the report;
    `about` says of the file {"edition", "title", "languages": [...]}.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="dictionary_versions")
    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=200)
    format = models.CharField(max_length=40)
    about = models.JSONField(default=dict)
    original = models.BinaryField()
    schedule = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)

    class Meta:
        ordering = ["program", "number"]
        constraints = [
            models.UniqueConstraint(fields=["program", "sha256"], name="dictionary_version_by_content"),
            models.UniqueConstraint(fields=["program", "number"], name="dictionary_version_number"),
        ]

    def __str__(self) -> str:
        return f"{self.program.code} v{self.number}"


@append_only
class FieldRequest(models.Model):
    """Append-only: one field of a version (`specs.FieldSpec` as JSON). `meaning_hash` changes when the meaning does."""

    version = models.ForeignKey(DictionaryVersion, on_delete=models.PROTECT, related_name="fields")
    path = models.CharField(max_length=250)
    meaning_hash = models.CharField(max_length=64)
    order = models.PositiveIntegerField()
    asks = models.BooleanField()
    spec = models.JSONField()

    class Meta:
        ordering = ["version", "order"]
        constraints = [models.UniqueConstraint(fields=["version", "path"], name="field_request_path")]

    def __str__(self) -> str:
        return self.path


@append_only
class ScheduleEntry(models.Model):
    """Append-only: one entry of a version's follow-up schedule (`specs.ScheduleSpec` as JSON)."""

    version = models.ForeignKey(DictionaryVersion, on_delete=models.PROTECT, related_name="entries")
    code = models.CharField(max_length=40)
    spec = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="schedule_entry_code")]

    def __str__(self) -> str:
        return self.code


class ProposalRun(Outbox):
    """The matcher's work on one version, in chunks. `cursor` is the order of the last field done.

    `counts` is {"accept", "review", "new"} so far; `carried` what became of the decisions on the version before:
    {"from", "kept", "carried", "back", "refused"}, {} for a first version.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        OVERTAKEN = "overtaken", "A newer version came"
        DEAD = "dead", "Given up"

    version = models.OneToOneField(DictionaryVersion, on_delete=models.PROTECT, related_name="proposal_run")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    cursor = models.IntegerField(default=-1)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    carried = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["next_try_at"], name="proposal_run_due")]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.done}/{self.total}"
