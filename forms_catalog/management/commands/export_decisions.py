"""manage.py export_decisions PROGRAM --out FILE [--format own|usagi] [--json]: the standing decisions as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_catalog import decision_export, intake
from sites.models import Program


class Command(BaseCommand):
    """Exit 0 and what was written; exit 2 with one line where there is nothing to export or no place to write."""

    help = "Write the decisions on a program's newest dictionary as our own tables or as Usagi's."

    def add_arguments(self, parser: CommandParser) -> None:
        """PROGRAM, --out, --format and --json."""
        parser.add_argument("program", help="the program's code, such as car_pass_sponsor")
        parser.add_argument("--out", required=True, metavar="FILE", help="own: a second file FILE_values.csv beside it")
        parser.add_argument("--format", default="own", choices=("own", "usagi"))
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write and print what the file holds, and what it cannot say."""
        program = Program.objects.filter(code=options["program"]).first()
        version = intake.latest(program) if program else None
        if program is None or version is None:
            raise CommandError(f"There is no dictionary of a program {options['program']}.", returncode=2)
        out = Path(options["out"])
        made = decision_export.standing(version, options["format"])
        paths = (out, out.with_name(f"{out.stem}_values.csv"))
        files = dict(zip(paths, made.texts.values(), strict=False))  # usagi is one file
        try:
            for path, text in files.items():
                path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error}.", returncode=2) from error
        done = {"files": [str(p) for p in files], "decisions": made.decisions, "refused_pairs_left_out": made.left_out}
        lost = f"; {made.left_out} refused pairs have no place in this format" if made.left_out else ""
        text = f"{out}: {made.decisions} decisions{lost}"
        self.stdout.write(json.dumps(done) if options["json"] else text)
