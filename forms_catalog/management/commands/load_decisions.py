"""manage.py load_decisions PROGRAM [--from FILE]: curator decisions through mapping.confirm; safe to repeat."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from forms_catalog import decision_files, decision_intake, loading
from forms_catalog.decision_files import UnreadableTable
from forms_catalog.decision_intake import Given
from forms_catalog.loading import Loaded, LoadingError
from sites import trail
from sites.models import Program

MOST_SHOWN = 20


class Command(BaseCommand):
    """Exit 0; exit 2 where the program, its dictionary, the file or its decisions are missing or do not fit.

    Where rows do not fit, each is named with its line and what to do; nothing is loaded.
    """

    help = "Load a program's curator decisions, those recorded here or those of a file."

    def add_arguments(self, parser: CommandParser) -> None:
        """PROGRAM, --from, --values, --format, --dry-run and --json."""
        parser.add_argument("program", help="the program's code, such as car_pass_sponsor")
        parser.add_argument("--from", dest="file", metavar="FILE", help="decisions as export_decisions writes them")
        parser.add_argument(
            "--values", metavar="FILE", help="own: the codes; FILE_values.csv beside FILE if it is there"
        )
        parser.add_argument("--format", choices=("own", "usagi"), help="of FILE; else its columns say it")
        parser.add_argument("--dry-run", action="store_true", help="say what would change; write nothing")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and print what was done."""
        program = Program.objects.filter(code=options["program"]).first()
        if program is None:
            raise CommandError(f"There is no program {options['program']}.", returncode=2)
        if not options["file"] and (options["values"] or options["format"]):
            raise CommandError("--values and --format go with --from FILE.", returncode=2)
        try:
            with transaction.atomic():
                done = _load(program, options)
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except (LoadingError, UnreadableTable) as error:
            raise CommandError(str(error), returncode=2) from error
        text = (
            f"{done.confirmed} confirmed, {done.unchanged} stood already, {done.kept} left as a person decided, "
            f"{done.not_same} marked as not the same, {done.undecided} undecided"
            + (f"; {done.to_confirm} chosen in Usagi, for a person to confirm on the page" if done.to_confirm else "")
        )
        self.stdout.write(json.dumps(asdict(done)) if options["json"] else text)


def _load(program: Program, options: dict[str, Any]) -> Loaded:
    actor = trail.system("load_decisions", channel="cli")
    if not options["file"]:
        return loading.load_decisions(program, actor=actor)
    given = _given(program, Path(options["file"]), options)
    if given.problems:
        lines = [f"line {p.line}: {p.message}" if p.line else p.message for p in given.problems]
        more = [f"and {len(lines) - MOST_SHOWN} more"] if len(lines) > MOST_SHOWN else []
        raise LoadingError("\n".join(["Nothing was loaded. Correct these rows:", *lines[:MOST_SHOWN], *more]))
    return replace(loading.load_decisions(program, given.found, actor=actor), to_confirm=len(given.to_confirm))


def _given(program: Program, path: Path, options: dict[str, Any]) -> Given:
    beside = path.with_name(f"{path.stem}_values.csv")
    codes = Path(options["values"]) if options["values"] else beside if beside.is_file() else None
    text = _text(path)
    return decision_intake.read(program, text, _text(codes) if codes else "", options["format"] or "")


def _text(path: Path) -> str:
    """The table in a file. Raises LoadingError, UnreadableTable with the file's name."""
    try:
        return decision_files.text_of(path.read_bytes())
    except OSError as error:
        raise LoadingError(f"{path} cannot be read: {error.strerror}.") from error
    except UnreadableTable as error:
        raise LoadingError(f"{path}: {error}") from error
