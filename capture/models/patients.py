"""Patients by pseudonym, their treatments, enrolments, consents, and what happened to them (events)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from sites.append_only import append_only
from sites.models import Program, Site


class Patient(models.Model):
    """A treated person, known here by pseudonym only. `site` is the center responsible now (see Stay)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pseudonym = models.CharField(max_length=40, unique=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="patients")
    history = HistoricalRecords()

    class Meta:
        ordering = ["pseudonym"]

    def __str__(self) -> str:
        return self.pseudonym


class PatientIdentity(models.Model):
    """Direct identifiers as ciphertext; no history, so destroying the row destroys them."""

    patient = models.OneToOneField(Patient, on_delete=models.CASCADE, related_name="identity")
    ciphertext = models.BinaryField()

    def __str__(self) -> str:
        return f"identity of {self.patient_id}"


@append_only
class Stay(models.Model):
    """Append-only: the site responsible for a patient from a day on."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="stays")
    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    valid_from = models.DateField()
    recorded_by = models.CharField(max_length=200)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["patient", "valid_from"]

    def __str__(self) -> str:
        return f"{self.patient} at {self.site} from {self.valid_from}"


class Treatment(models.Model):
    """One infusion. Its date anchors every schedule: it is day 0."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="treatments")
    infusion_date = models.DateField()
    product = models.CharField(max_length=200)
    history = HistoricalRecords()

    class Meta:
        ordering = ["patient", "infusion_date"]
        constraints = [models.UniqueConstraint(fields=["patient", "infusion_date"], name="treatment_once_a_day")]

    def __str__(self) -> str:
        return f"{self.patient}: {self.product} on {self.infusion_date}"


class Enrollment(models.Model):
    """A treatment followed by a program. Nothing whose window ended before `owed_from` is owed."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="enrollments")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="enrollments")
    track = models.CharField(max_length=40, blank=True)
    owed_from = models.DateField()
    enrolled_on = models.DateField()
    history = HistoricalRecords()

    class Meta:
        ordering = ["treatment", "program"]
        constraints = [models.UniqueConstraint(fields=["treatment", "program"], name="enrollment_once")]

    def __str__(self) -> str:
        return f"{self.treatment.patient} in {self.program.code}"


@append_only
class Consent(models.Model):
    """Append-only: what a person agreed to for one enrolment, from when until when, and who gave it.

    `carried_from`: the consent of an earlier enrolment that goes on here, where a new infusion started a new one.
    """

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="consents")
    version = models.CharField(max_length=40)
    data_class = models.CharField(max_length=40, default="clinical")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    given_by = models.CharField(max_length=40, default="patient")
    carried_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="carried_to")
    recorded_by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["enrollment", "valid_from"]

    def __str__(self) -> str:
        return f"{self.enrollment}: {self.version} from {self.valid_from}"


@append_only
class PatientEvent(models.Model):
    """Append-only: what happened, from when on. What is open, closed or moved is folded from these rows.

    '' program = every program of the patient. Undo is another event that names the undone one. `details`: the site of a
    transfer, the dated attempts of a loss, the timepoint of a survival-only report.
    """

    class Kind(models.TextChoices):
        DEATH = "death", "Death"
        LOST = "lost", "Lost to follow-up"
        FOUND = "found", "Found again"
        WITHDRAWN = "withdrawn", "Consent withdrawn"
        RECONSENTED = "reconsented", "Consent given again"
        TRANSFER = "transfer", "Transfer to another site"
        NEW_INFUSION = "new_infusion", "New infusion"
        PROGRAM_CLOSED = "program_closed", "Program closed"
        SURVIVAL_ONLY = "survival_only", "Survival-only report"
        UNDO = "undo", "Undo"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    effective_on = models.DateField()
    program = models.CharField(max_length=60, blank=True)
    undoes = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by")
    details = models.JSONField(default=dict)
    reason = models.TextField()
    recorded_by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["patient", "effective_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="event_undo_names_its_event",
                condition=Q(kind="undo", undoes__isnull=False) | (~Q(kind="undo") & Q(undoes__isnull=True)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.patient}: {self.kind} on {self.effective_on}"
