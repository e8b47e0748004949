"""Opening balances: what a program was told before the site worked here."""

from __future__ import annotations

import uuid

from django.db import models

from capture.models.patients import Enrollment
from sites.append_only import append_only


@append_only
class OpeningBalance(models.Model):
    """Append-only: one enrolment's reports made elsewhere, as loaded from a file or entered on the page.

    Every entry of the schedule up to `last_entry` was reported elsewhere, but for those in `still_owed`; `last_as_of`
    is the day the last report spoke for. '' = a person said that nothing was reported before. A correction is the next
    revision, with a reason.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="balances")
    revision = models.PositiveIntegerField(default=1)
    last_entry = models.CharField(max_length=40, blank=True)
    last_as_of = models.DateField(null=True, blank=True)
    still_owed = models.JSONField(default=list)
    file_name = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    entered_by = models.CharField(max_length=200)
    entered_at = models.DateTimeField()
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["enrollment", "revision"]
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "revision"], name="opening_balance_revision"),
            models.CheckConstraint(
                name="opening_balance_last_report_whole",
                condition=models.Q(last_entry="", last_as_of__isnull=True)
                | (~models.Q(last_entry="") & models.Q(last_as_of__isnull=False)),
            ),
            models.CheckConstraint(
                name="opening_balance_correction_has_reason", condition=models.Q(revision=1) | ~models.Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrollment}: {self.last_entry or 'nothing before'} r{self.revision}"
