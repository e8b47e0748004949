"""What a forecast rests on: assumptions people set, and rebuildable sums of a site's open work and records."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from sites.models.places import Site


class ForecastAssumptions(models.Model):
    """What a site expects from a day on. An empty rate leaves it to the site's own records and the defaults.

    `absences` is a list of [Monday as ISO date, share of staff away].
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="forecast_assumptions")
    valid_from = models.DateField()
    enrolment_month = models.FloatField(null=True, blank=True)
    death_year = models.FloatField(null=True, blank=True)
    loss_year = models.FloatField(null=True, blank=True)
    catch_up_weeks = models.PositiveSmallIntegerField(null=True, blank=True)
    absences = models.JSONField(default=list, blank=True)
    set_by = models.CharField(max_length=200)
    reason = models.TextField()
    history = HistoricalRecords()

    class Meta:
        ordering = ["site", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["site", "valid_from"], name="forecast_assumptions_once_a_start"),
            models.CheckConstraint(
                name="forecast_rates_not_negative",
                condition=(Q(enrolment_month__isnull=True) | Q(enrolment_month__gte=0))
                & (Q(death_year__isnull=True) | Q(death_year__gte=0))
                & (Q(loss_year__isnull=True) | Q(loss_year__gte=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site}: forecasting assumptions from {self.valid_from}"


class LoadAhead(models.Model):
    """Rebuildable: open visits of a site to the end of their schedules, by week for a year and by month for 15.

    `predicted` is centiseconds of whole visits; `squares` the sum of each visit's centiseconds squared, for the range.
    """

    class Grain(models.TextChoices):
        WEEK = "week", "ISO week (period = Monday)"
        MONTH = "month", "Month (period = its first day)"
        OVERDUE = "overdue", "Before the day it was built (period)"

    site = models.CharField(max_length=40)
    grain = models.CharField(max_length=8, choices=Grain.choices)
    period = models.DateField()
    visits = models.PositiveIntegerField(default=0)
    predicted = models.BigIntegerField(default=0)
    squares = models.FloatField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "grain", "period"], name="load_ahead_once")]

    def __str__(self) -> str:
        return f"{self.site} {self.grain} of {self.period}: {self.predicted / 6000:.1f} min"


class ForecastBasis(models.Model):
    """Rebuildable: what a site's own records say for its forecast, counted on a day.

    `newcomer` is what one new patient costs: [days since the infusion, mean centiseconds, mean square] a visit.
    `realised` of `expected` centiseconds were asked at `visits` submitted visits, and `copied` went on copying.
    """

    site = models.CharField(max_length=40, unique=True)
    built_on = models.DateField()
    months = models.FloatField(default=0)
    joined = models.PositiveIntegerField(default=0)
    patient_years = models.FloatField(default=0)
    deaths = models.PositiveIntegerField(default=0)
    losses = models.PositiveIntegerField(default=0)
    newcomer = models.JSONField(default=list)
    newcomers_like = models.CharField(max_length=300, blank=True)
    visits = models.PositiveIntegerField(default=0)
    expected = models.BigIntegerField(default=0)
    realised = models.BigIntegerField(default=0)
    copied = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.site}: forecast basis of {self.built_on}"
