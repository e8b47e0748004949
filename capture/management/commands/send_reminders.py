"""manage.py send_reminders: the digests of now by hand, through the same functions as the sweep."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from capture.remind import sending


class Command(BaseCommand):
    help = "Send the digests that are due now. With --dry-run say who would get one, and write nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say who would get a digest; write nothing")
        parser.add_argument("--now", help="act as if it were this time, such as 2026-06-01T08:00:00+00:00")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        now = self._now(options["now"])
        if options["dry_run"]:
            found = sending.planned(now)
            rows = [
                {"user": p.user.username, "site": p.site.code, "day": str(p.local_day), "visits": p.visits}
                for p in found
            ]
            self._say({"would_send": rows}, options["json"], f"{len(rows)} digests would be sent", rows)
            return
        sending.enqueue(now)
        results = [sending.send_one(pk) for pk in sending.pending(now)]
        counts = {name: results.count(name) for name in ("sent", "empty", "failed")}
        self._say(counts, options["json"], ", ".join(f"{n} {name}" for name, n in counts.items()), [])

    def _now(self, text: str | None) -> datetime | None:
        if not text:
            return None
        try:
            now = datetime.fromisoformat(text)
        except ValueError as error:
            raise CommandError(
                f"--now {text!r} is not a time such as 2026-06-01T08:00:00+00:00", returncode=2
            ) from error
        if now.tzinfo is None:
            raise CommandError("--now needs its offset, such as +00:00", returncode=2)
        return now

    def _say(self, data: Any, as_json: bool, line: str, rows: list[dict[str, Any]]) -> None:
        if as_json:
            self.stdout.write(json.dumps(data))
            return
        self.stdout.write(line)
        for row in rows:
            self.stdout.write(f"  {row['user']} at {row['site']} ({row['day']}): {row['visits']} visits")
