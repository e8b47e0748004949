"""Who asks (sponsors, programs) and who is asked (sites)."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords


class Site(models.Model):
    """An authorized treatment center. `time_zone` is an IANA name; all due days are local to it.

    It is closed on `closed_weekdays` (ISO digits, Monday is 1) and on the days of `closed_on` (ISO dates): visits are
    planned on other days where their windows have some.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=60)
    country = models.CharField(max_length=2, blank=True)
    digest_hour = models.PositiveSmallIntegerField(default=7)
    closed_weekdays = models.CharField(max_length=7, default="67", blank=True)
    closed_on = models.JSONField(default=list, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(name="site_digest_hour", condition=Q(digest_hour__lte=23))]

    def __str__(self) -> str:
        return self.name


class Sponsor(models.Model):
    """An organisation that owns programs: a company, a registry, a payer."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    history = HistoricalRecords()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


RESERVED = frozenset({"conflicts", "duplicates"})  # codes that are addresses beside those of programs


class ReservedCode(ValueError):
    """A code that no program can have; the message says what to do."""

    code = "code_reserved"


class Program(models.Model):
    """A registry, study or outcomes agreement. Known: its dictionary may be here; live: accepted and planned."""

    class Kind(models.TextChoices):
        REGISTRY = "registry", "Registry"
        SAFETY_STUDY = "safety_study", "Safety study"
        OUTCOMES = "outcomes", "Outcomes agreement"

    class State(models.TextChoices):
        KNOWN = "known", "Known"
        LIVE = "live", "Live"
        CLOSED = "closed", "Closed"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    sponsor = models.ForeignKey(Sponsor, on_delete=models.PROTECT, related_name="programs")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.KNOWN)
    retrospective = models.BooleanField(default=False)
    history = HistoricalRecords()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row. Raises ReservedCode where a page has the address that the program's would have."""
        if self.code in RESERVED:
            raise ReservedCode(f"A program cannot have the code {self.code}: a page has that address. Choose another.")
        super().save(*args, **kwargs)


class Participation(models.Model):
    """A site taking part in a program from a day on, and how its deliveries leave (mode) and to where (target)."""

    class Mode(models.TextChoices):
        TRANSCRIBE = "transcribe", "Copied by hand into the program's portal"
        FILE = "file", "Import file"
        PULL = "pull", "Pulled by the program through the API"

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="participations")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="participations")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    mode = models.CharField(max_length=20, choices=Mode.choices)
    target = models.CharField(max_length=200, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["program", "site", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["program", "site", "valid_from"], name="participation_once_a_start")
        ]

    def __str__(self) -> str:
        return f"{self.site} in {self.program}"
