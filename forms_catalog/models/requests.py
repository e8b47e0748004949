"""What programs ask: immutable dictionary versions, their field requests and schedule entries."""

from __future__ import annotations

import uuid

from django.db import models

from sites.append_only import append_only
from sites.models import Program


@append_only
class DictionaryVersion(models.Model):
    """Append-only: one import of a program's dictionary with its schedule. The same content twice is the same version.

    `original` holds the bytes as evidence; `schedule` is `specs.ProgramSchedule` as JSON; `problems` the report.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="dictionary_versions")
    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=200)
    format = models.CharField(max_length=40)
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
