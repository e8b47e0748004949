"""What is owed (timepoints) and the reporting occasions that serve it (visits). States change through gateways only."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from capture.models.patients import Enrollment, Patient, Treatment
from forms_catalog.models import Release
from sites.append_only import append_only
from sites.models import Site


class Visit(models.Model):
    """One reporting occasion for one patient, serving timepoints of one or more programs. `version` guards edits."""

    class Kind(models.TextChoices):
        BASELINE = "baseline", "Baseline"
        FOLLOWUP = "followup", "Follow-up"
        TRIGGERED = "triggered", "Triggered"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="visits")
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="visits")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="visits")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    planned_on = models.DateField()
    version = models.PositiveIntegerField(default=1)
    release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.PROTECT)
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["planned_on", "id"]
        indexes = [models.Index(fields=["site", "submitted_at", "planned_on"])]

    def __str__(self) -> str:
        return f"{self.patient} {self.planned_on}"


class Timepoint(models.Model):
    """One dated occurrence of a schedule entry for one enrolment. `as_of` is the date its report speaks for.

    `opened_by` names what a triggered one came due by: o<occurrence>, or the uuid of an event.
    """

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        SUBMITTED = "submitted", "Submitted"
        CLOSED = "closed", "Closed"
        NOT_OWED = "not_owed", "Not owed"
        ELSEWHERE = "elsewhere", "Reported elsewhere"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="timepoints")
    entry_code = models.CharField(max_length=40)
    cycle = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=20, choices=Visit.Kind.choices)
    label = models.CharField(max_length=200)
    visit = models.ForeignKey(Visit, null=True, blank=True, on_delete=models.PROTECT, related_name="timepoints")
    target_on = models.DateField()
    window_start = models.DateField()
    window_end = models.DateField()
    due_on = models.DateField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.PLANNED)
    state_reason = models.CharField(max_length=200, blank=True)
    as_of = models.DateField(null=True, blank=True)
    contact_type = models.CharField(max_length=20, blank=True)
    locked = models.BooleanField(default=False)
    opened_by = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["window_start", "id"]
        indexes = [models.Index(fields=["state", "due_on"])]
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "entry_code", "cycle"], name="timepoint_once"),
            models.CheckConstraint(name="timepoint_window", condition=Q(window_start__lte=models.F("window_end"))),
            models.CheckConstraint(
                name="timepoint_open_has_visit",
                condition=~Q(state__in=["planned", "submitted"]) | Q(visit__isnull=False),
            ),
            models.CheckConstraint(
                name="timepoint_submitted_has_as_of", condition=~Q(state="submitted") | Q(as_of__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrollment}: {self.entry_code}"


@append_only
class Move(models.Model):
    """Append-only: each state change of a visit, timepoint, delivery or query, with who and why."""

    subject = models.CharField(max_length=20)
    subject_uuid = models.UUIDField()
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40)
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["subject_uuid"])]

    def __str__(self) -> str:
        return f"{self.subject} {self.before} to {self.after}"


@append_only
class PlanPin(models.Model):
    """Append-only: what a person arranged for a visit. The newest row of a visit is what holds; `released` ends it.

    `on` is its day. `reports` are uuids of timepoints put into it by hand ([] = the planner's choice); with `alone`
    it takes no others. `place` says where the patient was seen, or what the contact was.
    """

    class Kind(models.TextChoices):
        PIN = "pin", "Fixed on a day"
        SPLIT = "split", "Taken out of another visit"
        JOIN = "join", "Put together"
        ELSEWHERE = "elsewhere", "Seen elsewhere"
        CONTACT = "contact", "Unscheduled contact"

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="pins")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.PIN)
    on = models.DateField()
    reports = models.JSONField(default=list)
    alone = models.BooleanField(default=False)
    place = models.CharField(max_length=200, blank=True)
    released = models.BooleanField(default=False)
    actor = models.CharField(max_length=200)
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["visit", "at"]

    def __str__(self) -> str:
        return f"{self.visit}: {self.get_kind_display()}, {self.on}"
