"""manage.py load_decisions PROGRAM: recorded curator decisions through mapping.confirm; safe to repeat."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from forms_catalog import loading
from sites import trail
from sites.models import Program


class Command(BaseCommand):
    """Exit 0; exit 2 with one line where the program, its dictionary or its decisions are missing or do not fit."""

    help = "Load the recorded curator decisions of a program whose dictionary is uploaded."

    def add_arguments(self, parser: CommandParser) -> None:
        """PROGRAM, --dry-run and --json."""
        parser.add_argument("program", help="the program's code, such as car_pass_sponsor")
        parser.add_argument("--dry-run", action="store_true", help="say what would change; write nothing")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and print what was done."""
        program = Program.objects.filter(code=options["program"]).first()
        if program is None:
            raise CommandError(f"There is no program {options['program']}.", returncode=2)
        try:
            with transaction.atomic():
                done = loading.load_decisions(program, actor=trail.system("load_decisions", channel="cli"))
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except loading.LoadingError as error:
            raise CommandError(str(error), returncode=2) from error
        text = (
            f"{done.confirmed} confirmed, {done.unchanged} stood already, {done.kept} left as a person decided, "
            f"{done.not_same} marked as not the same"
        )
        self.stdout.write(json.dumps(asdict(done)) if options["json"] else text)
