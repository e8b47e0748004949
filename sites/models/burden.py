"""What data entry costs: budgets, measured cost profiles, the append-only ledger, the rebuildable load."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from sites.append_only import append_only
from sites.models.places import Site


class Budget(models.Model):
    """Minutes a week a site has for data entry, from a day on."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="budgets")
    minutes_week = models.PositiveIntegerField()
    valid_from = models.DateField()
    history = HistoricalRecords()

    class Meta:
        ordering = ["site", "valid_from"]
        constraints = [models.UniqueConstraint(fields=["site", "valid_from"], name="budget_once_a_start")]

    def __str__(self) -> str:
        return f"{self.site}: {self.minutes_week} min/week from {self.valid_from}"


@append_only
class CostProfile(models.Model):
    """Append-only: what one answer kind costs at one site, aggregated, never per person; the latest row is in force.

    `mean` is in force, `measured` what the site's visits say alone (empty below 5 visits), low to high the 80 % range;
    all in centiseconds. Kinds are those of prices.KINDS, and `one_visit`, `many_visits`: a usual visit, its mean.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    answer_kind = models.CharField(max_length=40)
    n = models.PositiveIntegerField()
    mean_centiseconds = models.PositiveIntegerField()
    measured_centiseconds = models.PositiveBigIntegerField(null=True)
    low_centiseconds = models.PositiveIntegerField(null=True)
    high_centiseconds = models.PositiveBigIntegerField(null=True)
    measured_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["site", "measured_at"], name="cost_profile_of_site"),
            models.Index(fields=["measured_at"], name="cost_profile_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.answer_kind}: {self.mean_centiseconds / 100} s (n={self.n})"


@append_only
class BurdenEntry(models.Model):
    """Append-only ledger row: minutes of one source for one program and kind. Times are centiseconds.

    `share` is the fair (equal) share of shared questions, `marginal` what would go if this program went, `alone` what
    the program would cost alone. Upward references are codes and UUIDs, never foreign keys.
    """

    class Kind(models.TextChoices):
        PREDICTED = "predicted", "Predicted"
        MEASURED = "measured", "Measured"
        AVOIDED = "avoided", "Avoided"
        QUERY = "query", "Query"
        SIGNING = "signing", "Signing"
        TRANSCRIPTION = "transcription", "Transcription"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.CharField(max_length=30)
    source_uuid = models.UUIDField()
    program = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    revision = models.PositiveIntegerField(default=1)
    site = models.CharField(max_length=40)
    visit_kind = models.CharField(max_length=20, blank=True)
    local_date = models.DateField()
    share = models.BigIntegerField(default=0)
    marginal = models.BigIntegerField(default=0)
    alone = models.BigIntegerField(default=0)
    shown = models.PositiveIntegerField(default=0)
    shared = models.PositiveIntegerField(default=0)
    confirmed = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    derived = models.PositiveIntegerField(default=0)
    ruled_out = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    simulated = models.BooleanField(default=False)
    written_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["site", "local_date"]), models.Index(fields=["program", "local_date"])]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_uuid", "program", "kind", "revision"], name="burden_entry_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.share / 100} s, {self.program} at {self.site}, {self.local_date}"


class LoadPeriod(models.Model):
    """Rebuildable: predicted centiseconds of open work by site, program and ISO week (`period` = Monday)."""

    site = models.CharField(max_length=40)
    program = models.CharField(max_length=60)
    period = models.DateField()
    visits = models.PositiveIntegerField(default=0)
    predicted = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "program", "period"], name="load_period_once"),
            models.CheckConstraint(name="load_not_negative", condition=Q(predicted__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.program} week of {self.period}: {self.predicted / 6000:.1f} min"
