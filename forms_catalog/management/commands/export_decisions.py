"""manage.py export_decisions PROGRAM --out FILE [--format own|usagi] [--json]: the standing decisions as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_catalog import decision_files, intake, mapping, seeding
from forms_catalog.decisions import NotSame
from forms_catalog.models import DictionaryVersion, Mapping, Proposal
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
        rows, pairs = _decided(version), _refused(program)
        fields = intake.fields_of(version)
        if options["format"] == "own":
            tables = decision_files.own([mapping.spec_of(m) for m in rows], pairs, fields, seeding.elements())
            files, lost = dict(zip((out, out.with_name(f"{out.stem}_values.csv")), tables, strict=True)), 0
        else:
            told = [(mapping.spec_of(m), m.decided_by, m.decided_at.date().isoformat()) for m in rows]
            files, lost = {out: decision_files.usagi(told, fields, seeding.elements())}, len(pairs)
        try:
            for path, text in files.items():
                path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error}.", returncode=2) from error
        done = {"files": [str(p) for p in files], "decisions": len(rows), "refused_pairs_left_out": lost}
        text = f"{out}: {len(rows)} decisions" + (
            f"; {lost} refused pairs have no place in this format" if lost else ""
        )
        self.stdout.write(json.dumps(done) if options["json"] else text)


def _decided(version: DictionaryVersion) -> list[Mapping]:
    """The standing decisions on the version's fields, in its order."""
    keys = {key: n for n, key in enumerate(version.fields.order_by("order").values_list("path", "meaning_hash"))}
    rows = Mapping.objects.filter(program=version.program, state=Mapping.State.CONFIRMED)
    found = [m for m in rows.select_related("program").prefetch_related("sources__element")
             if (m.path, m.meaning_hash) in keys]  # fmt: skip
    return sorted(found, key=lambda m: keys[m.path, m.meaning_hash])


def _refused(program: Program) -> list[NotSame]:
    rows = Proposal.objects.filter(program=program, state=Proposal.State.NOT_SAME).order_by("path", "element__key")
    found = rows.values_list("path", "element__key", "reason")
    return list({(p, e): NotSame(program.code, p, e, reason) for p, e, reason in found}.values())
