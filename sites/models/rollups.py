"""What the ledger sums to, kept so that no page reads all its rows. Only sites.burden.rollups writes it."""

from __future__ import annotations

from django.db import models


class BurdenRollup(models.Model):
    """Rebuildable: sums of ledger rows by site, program, kind, visit kind and month (its first day), in centiseconds.

    `entries` is how many ledger rows are in it. Kind 'visits' counts submitted visits. Where
    program is '' all programs of the site are summed, where site is '' the program at all sites.
    """

    site = models.CharField(max_length=40, blank=True)
    program = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=20)
    visit_kind = models.CharField(max_length=20, blank=True)
    month = models.DateField()
    entries = models.BigIntegerField(default=0)
    share = models.BigIntegerField(default=0)
    marginal = models.BigIntegerField(default=0)
    alone = models.BigIntegerField(default=0)
    shown = models.BigIntegerField(default=0)
    shared = models.BigIntegerField(default=0)
    confirmed = models.BigIntegerField(default=0)
    known = models.BigIntegerField(default=0)
    derived = models.BigIntegerField(default=0)
    ruled_out = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["program", "month"])]
        constraints = [
            models.UniqueConstraint(
                fields=["month", "site", "program", "kind", "visit_kind"], name="burden_rollup_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.share / 100} s, {self.program} at {self.site}, {self.month:%Y-%m}"


class RollupMark(models.Model):
    """The one row that says which ledger row the sums of BurdenRollup reach up to, that one included."""

    last_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"up to ledger row {self.last_id}"
