"""manage.py calibrate_costs [--site CODE] [--dry-run] [--json]: seconds by kind of answer from measured times."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from capture.enter import calibrating
from capture.enter.calibrating import Priced
from sites.models import Site
from sites.trail import system


class Command(BaseCommand):
    help = "Estimate what each site's questions cost from the active times of its visits; the worker does it weekly."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--site", action="append", default=[], help="a site's code; may be repeated (default: all)")
        parser.add_argument("--dry-run", action="store_true", help="print the estimates and write nothing")
        parser.add_argument("--json", action="store_true", help="print JSON instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        known = set(Site.objects.values_list("code", flat=True))
        if unknown := sorted(set(options["site"]) - known):
            raise CommandError(f"There is no site {', '.join(unknown)}.", returncode=2)
        actor = system("calibrate_costs", channel="cli")
        rows = calibrating.calibrate(actor=actor, only=options["site"], write=not options["dry_run"])
        if options["json"]:
            self.stdout.write(json.dumps([asdict(row) for row in rows], indent=1))
            return
        for row in rows:
            self.stdout.write(_words(row))
        self.stdout.write("Nothing was written." if options["dry_run"] else f"{len(rows)} rows written.")


def _words(row: Priced) -> str:
    said = "" if row.measured is None else f", alone {row.measured / 100:.2f} s"
    return (
        f"{row.site} {row.kind}: {row.mean / 100:.2f} s ({row.low / 100:.2f} to {row.high / 100:.2f}), n={row.n}{said}"
    )
