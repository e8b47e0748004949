"""manage.py inspect_dictionary FILE [--json]: what a dictionary file holds and what is odd about it. No database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_catalog.formats import UnreadableFile, read, summary
from forms_catalog.formats.containers import MAX_BYTES


class Command(BaseCommand):
    """Read one file and print its import report. Exit 0; exit 2 with one line where the file is no dictionary."""

    help = "Count the fields, questions and problems of a dictionary file of any format. Reads only, stores nothing."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE and --json."""
        parser.add_argument("file", metavar="FILE", help="the dictionary; its format is found from its content")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the report."""
        path = Path(options["file"])
        try:
            report = summary(read(_bytes(path), path.stem))
        except UnreadableFile as error:
            raise CommandError(f"{path}: {error.message}", returncode=2) from error
        self.stdout.write(json.dumps(report, ensure_ascii=False) if options["json"] else _as_text(path, report))


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be opened: {error}.", returncode=2) from error


def _as_text(path: Path, report: dict[str, Any]) -> str:
    branching, calculations = report["branching"], report["calculations"]
    lines = [
        f"{path.name}: {report['format']}, version {report['version']}",
        f"{report['fields']} fields, {report['questions']} questions, {report['display_only']} display only",
        f"{report['choices']} choices",
        f"branching: {branching['parsed']} of {branching['total']} read",
        f"calculations: {calculations['parsed']} of {calculations['total']} read",
        f"{len(report['problems'])} problems",
    ]
    lines += [
        f"  line {p['line']}: {p['severity']} {p['code']} {p['path']}: {p['message']}" for p in report["problems"]
    ]
    return "\n".join(lines)
