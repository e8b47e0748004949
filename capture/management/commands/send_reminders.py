"""manage.py send_reminders: the digests of now by hand, through the same functions as the sweep."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from capture.remind import digest, notices, sending
from capture.remind.sending import Planned

EXAMPLE = "2026-06-01T08:00:00+00:00"


class Command(BaseCommand):
    help = (
        "Send the digests that are due now. With --dry-run say who would get what, and write nothing. "
        "Exit code 0, 1 where a message could not be sent (the sweep tries again), 2 where --now cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say who would get what; write nothing")
        parser.add_argument("--now", help=f"with --dry-run: as if it were this time, such as {EXAMPLE}")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        now = _time(options["now"], dry=options["dry_run"])
        if options["dry_run"]:
            self._show([_row(p) for p in sending.planned(now)], as_json=options["json"])
        else:
            self._send(now, as_json=options["json"])

    def _show(self, rows: list[dict[str, Any]], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"dry_run": True, "digests": rows}, indent=1))
            return
        for row in rows:
            self.stdout.write(f"{row['user']} ({row['local_day']}, {row['zone']}): {row['subject']}")
        self.stdout.write(f"{len(rows)} digests would be sent. Nothing was written.")

    def _send(self, now: datetime, *, as_json: bool) -> None:
        sending.enqueue(now)
        outcomes = [sending.send_one(pk) for pk in sending.pending(now)]
        notices.roll(timezone.now())
        counts = {name: outcomes.count(name) for name in ("sent", "empty", "failed")}
        self.stdout.write(json.dumps({"dry_run": False, **counts}) if as_json else _words(counts))
        if counts["failed"]:
            raise CommandError("Some messages could not be sent; the reminder log shows why.", returncode=1)


def _time(text: str | None, *, dry: bool) -> datetime:
    if not text:
        return timezone.now()
    if not dry:
        raise CommandError("--now only goes with --dry-run: real messages leave at real times.", returncode=2)
    try:
        now = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--now {text!r} is not a time. Write it like {EXAMPLE}.", returncode=2) from error
    if now.tzinfo is None:
        raise CommandError(f"--now {text!r} has no offset. Write it like {EXAMPLE}.", returncode=2)
    return now


def _row(planned: Planned) -> dict[str, Any]:
    reader = planned.reader
    return {
        "user": reader.user.username,
        "local_day": reader.day.isoformat(),
        "zone": reader.home.time_zone,
        "sites": [site.code for site in reader.sites],
        **digest.counts(planned.items),
        "subject": planned.message.subject,
        "visits": [item.visit.uuid for item in planned.items],
    }


def _words(counts: dict[str, int]) -> str:
    return f"{counts['sent']} sent, {counts['empty']} with nothing left to say, {counts['failed']} failed"
