"""rebuild_burden_rollups: make the monthly sums of the burden ledger anew from its rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from sites.burden import rollups


class Command(BaseCommand):
    help = "Make the monthly sums of the burden ledger anew from its rows. Writers wait meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        last = rollups.rebuild()
        self.stdout.write(f"The sums hold every ledger row up to number {last}.")
