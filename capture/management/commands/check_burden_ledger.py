"""manage.py check_burden_ledger: replay the ledger from the records; exit 1 on any drift."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from capture.enter import ledger_check


class Command(BaseCommand):
    help = "Replay the burden ledger from the frozen ask sheets. Exit 0 where they agree, 1 where anything differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(ledger_check.drift())
        if options["json"]:
            self.stdout.write(json.dumps({"drift": found}))
        else:
            self.stdout.write("\n".join(found) or "The ledger agrees with the records.")
        if found:
            raise CommandError(f"{len(found)} differences", returncode=1)
