"""check_burden_ledger: replay the ledger from the records; exit 1 where anything differs, naming each."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from capture.enter import ledger_check
from capture.enter.ledger_check import Replay

DRIFT = 1


class Command(BaseCommand):
    help = "Replay the burden ledger from the records. Exit 0 where they agree, 1 where anything differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        found = ledger_check.replay()
        self.stdout.write(json.dumps(_json(found), indent=1) if options["json"] else _words(found))
        if not found.equal:
            count = len(found.drift) + len(found.damaged)
            raise CommandError(f"The ledger differs from the records in {count} places.", returncode=DRIFT)


def _words(found: Replay) -> str:
    compared = f"{found.submissions} submissions, {found.entries} ledger entries compared"
    lines = [*map(str, found.drift), *found.damaged]
    return "\n".join([*lines, f"{compared}: {'no difference' if found.equal else f'{len(lines)} differences'}."])


def _json(found: Replay) -> dict[str, Any]:
    drift = [
        {
            "source": d.key[0],
            "source_uuid": d.key[1],
            "program": d.key[2],
            "kind": d.key[3],
            "revision": d.key[4],
            "column": d.column,
            "stored": d.stored,
            "replayed": d.replayed,
        }
        for d in found.drift
    ]
    return {
        "submissions": found.submissions,
        "entries": found.entries,
        "equal": found.equal,
        "drift": drift,
        "damaged": list(found.damaged),
    }
