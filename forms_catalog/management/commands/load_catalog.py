"""manage.py load_catalog: the starter catalog into the database; safe to repeat."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from forms_catalog import seeding
from sites import trail


class Command(BaseCommand):
    """Exit 0. Elements that somebody added stay; nothing is removed."""

    help = "Load the starter catalog and its record groups. A changed element becomes a new version."

    def add_arguments(self, parser: CommandParser) -> None:
        """--dry-run and --json."""
        parser.add_argument("--dry-run", action="store_true", help="say what would change; write nothing")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and print what was done."""
        with transaction.atomic():
            done = seeding.load_catalog(actor=trail.system("load_catalog", channel="cli"), reason="starter catalog")
            if options["dry_run"]:
                transaction.set_rollback(True)
        text = f"{done['added']} elements added, {done['changed']} changed"
        self.stdout.write(json.dumps(done) if options["json"] else text)
