"""manage.py import_catalog FILE [--format auto] [--prefix P] [--with-twins] [--dry-run] [--json] --actor --reason."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_catalog import importing, serial, taking_in
from forms_catalog.formats import UnreadableFile
from forms_catalog.formats.containers import MAX_BYTES
from forms_catalog.governing import ElementConflict, GoverningError
from forms_catalog.importing import Incoming, Row
from sites.trail import Actor, ReasonMissing

STATUSES = ("new", "changed", "same", "twin", "refused")


class Command(BaseCommand):
    """Exit 0 and a report; exit 2 with one line where the file holds no elements."""

    help = "Take elements into the catalog: new ones as drafts, changed ones as new versions. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, how it is read, who and why."""
        parser.add_argument("file", metavar="FILE", help="a catalog (JSON, JSONL) or any dictionary")
        parser.add_argument("--format", default="auto", choices=importing.FORMATS)
        parser.add_argument("--prefix", default="", help="put before the ids that a dictionary's fields get")
        parser.add_argument("--with-twins", action="store_true", help="also take what is much like an element we have")
        parser.add_argument("--dry-run", action="store_true", help="say what would be taken; write nothing")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")
        parser.add_argument("--actor", default="", help="who takes them in")
        parser.add_argument("--reason", default="", help="why")

    def handle(self, *args: Any, **options: Any) -> None:
        """Preview, take in, report."""
        path = Path(options["file"])
        try:
            incoming = importing.read(_bytes(path), path.stem, wanted=options["format"], prefix=options["prefix"])
            rows = taking_in.preview(incoming)
            done = {"added": 0, "changed": 0} if options["dry_run"] else _take(incoming, rows, path, options)
        except UnreadableFile as error:
            raise CommandError(f"{path}: {error.message}", returncode=2) from error
        except (ElementConflict, GoverningError, ReasonMissing) as error:
            raise CommandError(str(error), returncode=1) from error
        report = {"format": incoming.format, **done, **_counts(rows), "problems": serial.dump(list(incoming.problems))}
        report["rows"] = [_row(row) for row in rows if row.status != "same"]
        self.stdout.write(json.dumps(report, ensure_ascii=False) if options["json"] else _text(report))


def _take(incoming: Incoming, rows: tuple[Row, ...], path: Path, options: dict[str, Any]) -> dict[str, int]:
    if not options["actor"].strip():
        raise GoverningError("Say who takes the elements in: --actor NAME.", "actor_missing")
    actor = Actor(options["actor"].strip(), "curator", "", "cli")
    chosen = taking_in.takeable(rows, twins=options["with_twins"])
    return taking_in.take(incoming, chosen, actor=actor, reason=options["reason"], file_name=path.name)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be opened: {error}.", returncode=2) from error


def _counts(rows: tuple[Row, ...]) -> dict[str, dict[str, int]]:
    counted = Counter(row.status for row in rows)
    return {"counts": {status: counted[status] for status in STATUSES}}


def _row(row: Row) -> dict[str, Any]:
    return {
        "id": row.spec.id,
        "status": row.status,
        "changed": list(row.changed),
        "twin": row.twin,
        "problem": row.problem,
    }


def _text(report: dict[str, Any]) -> str:
    counts = ", ".join(f"{n} {status}" for status, n in report["counts"].items())
    lines = [f"{report['format']}: {counts}", f"{report['added']} drafts added, {report['changed']} changed"]
    for row in report["rows"]:
        about = row["problem"] or (f"like {row['twin']}" if row["twin"] else ", ".join(row["changed"]))
        lines.append(f"  {row['status']} {row['id']}: {about}" if about else f"  {row['status']} {row['id']}")
    lines += [f"  line {p['line']}: {p['severity']} {p['code']}: {p['message']}" for p in report["problems"]]
    return "\n".join(lines)
