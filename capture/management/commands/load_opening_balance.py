"""manage.py load_opening_balance FILE --site CODE: what was reported elsewhere, all or none; safe to repeat."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from capture.enter import balance_file
from capture.enter.balance_file import Outcome
from capture.plan.worklist import local_today
from sites import trail
from sites.models import Site

MOST_SHOWN = 20


class Command(BaseCommand):
    """Exit 0; exit 2 where the site or file is missing or rows are wrong: each is named, nothing is loaded."""

    help = "Load an opening-balance table (CSV or Excel) for the patients of one site."

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE, --site, --reason, --dry-run and --json."""
        parser.add_argument("file", help="the filled template, .csv or .xlsx")
        parser.add_argument("--site", required=True, help="the site's code")
        parser.add_argument("--reason", default="", help="why; needed where a balance loaded before is corrected")
        parser.add_argument("--dry-run", action="store_true", help="say what would change; write nothing")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and print what was done."""
        site = Site.objects.filter(code=options["site"]).first()
        if site is None:
            raise CommandError(f"There is no site {options['site']}.", returncode=2)
        path = Path(options["file"])
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=2) from error
        done = balance_file.load(
            site,
            data,
            actor=trail.system("load_opening_balance", channel="cli"),
            today=local_today(site),
            reason=options["reason"],
            file_name=path.name,
            dry_run=options["dry_run"],
        )
        if options["json"]:
            problems = [asdict(w) for w in done.wrong]
            self.stdout.write(json.dumps({**done.counts, "loaded": done.loaded, "problems": problems}))
        if done.wrong:
            raise CommandError("\n".join(["Nothing was loaded. Correct these rows:", *_rows(done)]), returncode=2)
        if not options["json"]:
            found, word = done.counts, "would be" if options["dry_run"] else "were"
            self.stdout.write(f"{found['patients']} patients in the table, {found['changed']} {word} changed")


def _rows(done: Outcome) -> list[str]:
    """The rows that are wrong, each with its column and what to do."""
    lines = [f"row {w.line}, {w.column or 'the row'}: {w.message}" for w in done.wrong[:MOST_SHOWN]]
    return [*lines, *([f"and {len(done.wrong) - MOST_SHOWN} more"] if len(done.wrong) > MOST_SHOWN else [])]
