"""Safety records saved at once, and records that turned out to be entered in error."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from capture.models.patients import Patient, PatientEvent
from capture.models.responses import Occurrence
from capture.models.visits import Visit
from sites.append_only import append_only


@append_only
class SafetyRecord(models.Model):
    """Append-only: a serious event, malignancy, pregnancy or death as somebody became aware of it, saved at once.

    It names the record or the event that holds the facts. `client_uuid` makes a repeat recognisable; `visit` is the
    open form it was entered from, if any.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client_uuid = models.UUIDField(unique=True)
    content_sha256 = models.CharField(max_length=64)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="safety_records")
    kind = models.CharField(max_length=60)
    occurrence = models.OneToOneField(
        Occurrence, null=True, blank=True, on_delete=models.PROTECT, related_name="safety"
    )
    event = models.OneToOneField(PatientEvent, null=True, blank=True, on_delete=models.PROTECT, related_name="safety")
    visit = models.ForeignKey(Visit, null=True, blank=True, on_delete=models.PROTECT, related_name="safety_records")
    aware_at = models.DateTimeField()
    entered_by = models.CharField(max_length=200)
    entered_at = models.DateTimeField()
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["patient", "-aware_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="safety_record_names_one",
                condition=Q(occurrence__isnull=True, event__isnull=False)
                | Q(occurrence__isnull=False, event__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.patient}: {self.kind} of {self.aware_at:%Y-%m-%d}"


@append_only
class OccurrenceMark(models.Model):
    """Append-only: a record was entered in error (`in_error`), or stands again. The newest mark counts."""

    occurrence = models.ForeignKey(Occurrence, on_delete=models.PROTECT, related_name="marks")
    in_error = models.BooleanField()
    reason = models.TextField()
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["occurrence", "at", "id"]

    def __str__(self) -> str:
        return f"{self.occurrence}: {'entered in error' if self.in_error else 'stands'}"


def marked(rows: models.QuerySet[Occurrence]) -> models.QuerySet[Any]:
    """The records with `in_error`: the newest mark says so; None where nobody ever marked one."""
    marks = OccurrenceMark.objects.filter(occurrence=models.OuterRef("pk")).order_by("-at", "-pk")
    return rows.annotate(in_error=models.Subquery(marks.values("in_error")[:1]))


def standing(rows: models.QuerySet[Occurrence]) -> models.QuerySet[Any]:
    """The records without those entered in error."""
    found = marked(rows)
    return found.filter(Q(in_error=False) | Q(in_error__isnull=True))
