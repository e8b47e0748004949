"""Answers: drafts, submissions with their frozen ask sheet, records (occurrences) and append-only responses."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from capture.models.patients import Patient
from capture.models.sealed import SealedJSONField, SealedTextField
from capture.models.visits import Visit
from forms_catalog.models import Release
from sites.append_only import append_only, append_only_but


class Draft(models.Model):
    """Unsubmitted typing of one person on one visit; not a record. `sequence` drops late autosaves."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    release = models.ForeignKey(Release, on_delete=models.PROTECT)
    sequence = models.PositiveBigIntegerField(default=0)
    visit_version = models.PositiveIntegerField()
    values = SealedJSONField(default=dict)
    active_centiseconds = models.PositiveBigIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "user"], name="draft_once_a_person")]

    def __str__(self) -> str:
        return f"{self.visit} by {self.user}"


@append_only
class Submission(models.Model):
    """Append-only: one accepted submit. `client_uuid` makes a repeat recognisable; `sheet` is the frozen AskSheet."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client_uuid = models.UUIDField(unique=True)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="submissions")
    revision = models.PositiveIntegerField(default=1)
    release = models.ForeignKey(Release, on_delete=models.PROTECT)
    content_sha256 = models.CharField(max_length=64)
    sheet = models.JSONField()
    sheet_sha256 = models.CharField(max_length=64)
    active_centiseconds = models.PositiveBigIntegerField(default=0)
    submitted_by = models.CharField(max_length=200)
    submitted_at = models.DateTimeField()
    reason = models.TextField(blank=True)
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["visit", "revision"]
        constraints = [models.UniqueConstraint(fields=["visit", "revision"], name="submission_revision")]

    def __str__(self) -> str:
        return f"{self.visit} r{self.revision}"


@append_only
class Occurrence(models.Model):
    """Append-only: the identity of one record (an infection, a stay); its values are responses with context o<id>.

    `elsewhere`: it came with an opening balance; it opens no occasion, for it was reported before.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="occurrences")
    group = models.CharField(max_length=60)
    ordinal = models.PositiveIntegerField()
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    elsewhere = models.BooleanField(default=False)

    class Meta:
        ordering = ["patient", "group", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["patient", "group", "ordinal"], name="occurrence_ordinal")]

    def __str__(self) -> str:
        return f"{self.patient} {self.group} {self.ordinal}"


@append_only_but("is_current")
class Response(models.Model):
    """Append-only answer to one element in one context. A correction is a new row with `replaces` and a reason.

    `context`: p<patient> t<treatment> e<enrolment> v<visit> t<id>/v<id> v<id>/a<date> o<occurrence>. `value` is
    canonical text (codes; '|' between several; ISO dates; plain decimals); '' with `missing` set is a missing code.
    `covers_from` is exclusive, `covers_to` inclusive. Values of identifiers are ciphertext in the database (sealed.py).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="responses")
    visit = models.ForeignKey(Visit, null=True, blank=True, on_delete=models.PROTECT, related_name="responses")
    submission = models.ForeignKey(Submission, null=True, blank=True, on_delete=models.PROTECT)
    element = models.CharField(max_length=120)
    element_version = models.PositiveIntegerField(default=1)
    qualifier = models.CharField(max_length=120, blank=True)
    context = models.CharField(max_length=60)
    value = SealedTextField(blank=True)
    as_entered = SealedTextField(blank=True)
    unit = models.CharField(max_length=60, blank=True)
    comparator = models.CharField(max_length=2, blank=True)
    missing = models.CharField(max_length=20, blank=True)
    precision = models.CharField(max_length=10, blank=True)
    observed_on = models.DateField(null=True, blank=True)
    covers_from = models.DateField(null=True, blank=True)
    covers_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=40, default="chart")
    is_current = models.BooleanField(default=True)
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    reason = models.TextField(blank=True)
    author = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["patient", "element", "recorded_at", "id"]
        indexes = [models.Index(fields=["patient", "is_current"])]
        constraints = [
            models.UniqueConstraint(
                fields=["element", "qualifier", "context"], condition=Q(is_current=True), name="response_one_current"
            ),
            models.CheckConstraint(
                name="response_value_or_missing",
                condition=(~Q(value="") & Q(missing="")) | (Q(value="") & ~Q(missing="")),
            ),
            models.CheckConstraint(
                name="response_correction_has_reason", condition=Q(replaces__isnull=True) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.element} {self.context}"
