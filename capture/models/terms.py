"""Until when a program asks for a field: kept for another while, or ending, as somebody said and why."""

from __future__ import annotations

from django.db import models

from sites.append_only import append_only
from sites.models import Program


@append_only
class AskTerm(models.Model):
    """Append-only: the newest of a program and path counts. `until` is the day of the next review, or the last day on
    which the field is asked.
    """

    class Verdict(models.TextChoices):
        KEEP = "keep", "Still needed"
        END = "end", "Ends"

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="terms")
    path = models.CharField(max_length=250)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    until = models.DateField()
    reason = models.TextField()
    decided_by = models.CharField(max_length=200)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["program", "path", "-decided_at", "-id"]
        indexes = [models.Index(fields=["program", "path"])]

    def __str__(self) -> str:
        return f"{self.program.code}.{self.path}: {self.get_verdict_display()} {self.until}"
