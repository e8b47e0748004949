"""manage.py export_dictionary PROGRAM|--catalog|--merged --format F --out FILE [--json]."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_catalog import export_choice, formats, serial
from forms_catalog.export_choice import Export, ExportError
from forms_catalog.exporting import Exported
from sites.models import Program


class Command(BaseCommand):
    """Exit 0 and a report; exit 2 with one line where nothing can be exported."""

    help = "Write the catalog, a program's dictionary or a merged form as a file of another format."

    def add_arguments(self, parser: CommandParser) -> None:
        """What, as which format, where to."""
        parser.add_argument("program", nargs="*", metavar="PROGRAM", help="code; several with --merged")
        parser.add_argument("--catalog", action="store_true", help="the released elements of the catalog")
        parser.add_argument("--merged", action="store_true", help="one form that answers all named programs")
        parser.add_argument("--version-number", type=int, help="version of the program (default: the newest)")
        parser.add_argument("--format", required=True, choices=formats.writers())
        parser.add_argument("--out", required=True, metavar="FILE", help="where to write")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file and print what it holds."""
        out = Path(options["out"])
        try:
            made = export_choice.write(_chosen(options), options["format"])
            out.write_bytes(made.written.data)
        except ExportError as error:
            raise CommandError(str(error), returncode=2) from error
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error}.", returncode=2) from error
        self.stdout.write(json.dumps(_report(made, out), ensure_ascii=False) if options["json"] else _text(made, out))


def _chosen(options: dict[str, Any]) -> Exported:
    codes = list(dict.fromkeys(options["program"]))
    if options["catalog"] == bool(codes):
        raise ExportError("Name a program, or --catalog alone.")
    if options["catalog"]:
        return export_choice.catalog()
    found = {p.code: p for p in Program.objects.filter(code__in=codes)}
    if missing := [code for code in codes if code not in found]:
        raise ExportError(f"There is no program {', '.join(missing)}.")
    if options["merged"]:
        return export_choice.merged([found[code] for code in codes])
    if len(codes) > 1:
        raise ExportError("Name one program, or say --merged for one form of several.")
    return export_choice.program(found[codes[0]], options["version_number"])


def _report(made: Export, out: Path) -> dict[str, Any]:
    losses = serial.dump(list(made.losses))
    return {"file": str(out), "fields": made.fields, "losses": losses, "renamed": dict(made.written.renamed)}


def _text(made: Export, out: Path) -> str:
    lines = [f"{out}: {made.title}, {made.fields} fields, {len(made.losses)} losses"]
    return "\n".join([*lines, *(f"  {loss.path or 'file'}: {loss.what}: {loss.message}" for loss in made.losses)])
