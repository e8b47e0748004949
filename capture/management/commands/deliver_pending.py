"""manage.py deliver_pending: the deliveries that are due now by hand, through the same functions as the sweep."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from capture.deliver import sending
from capture.models import Delivery


class Command(BaseCommand):
    help = (
        "Send the deliveries that are due now. With --dry-run list them, and write nothing. "
        "Exit code 0, or 1 where one could not be sent (the sweep tries again; after the last try its page says so)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="list what would be sent; write nothing")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        due = sending.pending()
        if options["dry_run"]:
            self._show(due, as_json=options["json"])
        else:
            self._send(due, as_json=options["json"])

    def _show(self, due: list[int], *, as_json: bool) -> None:
        rows = Delivery.objects.filter(pk__in=due).select_related("timepoint__enrollment__program").defer("payload")
        listed = [_row(d) for d in rows.order_by("next_try_at", "pk")]
        if as_json:
            self.stdout.write(json.dumps({"dry_run": True, "deliveries": listed}, indent=1))
            return
        for row in listed:
            self.stdout.write(f"{row['delivery']} {row['program']} {row['entry_code']} revision {row['revision']}")
        self.stdout.write(f"{len(listed)} deliveries would be sent. Nothing was written.")

    def _send(self, due: list[int], *, as_json: bool) -> None:
        outcomes = [_sent(pk) for pk in due]
        counts = {name: outcomes.count(name) for name in ("sent", "skipped", "failed")}
        words = f"{counts['sent']} sent, {counts['skipped']} with nothing to do, {counts['failed']} failed"
        self.stdout.write(json.dumps({"dry_run": False, **counts}) if as_json else words)
        if counts["failed"]:
            raise CommandError("Some deliveries could not be sent; their pages say why.", returncode=1)


def _sent(pk: int) -> str:
    """How sending one ended; a broken row is counted and does not stop the others."""
    try:
        left = sending.send_one(pk)
    except Exception:  # the row says what stopped it
        return "failed"
    if left:
        return "sent"
    return "failed" if Delivery.objects.values_list("last_error", flat=True).get(pk=pk) else "skipped"


def _row(delivery: Delivery) -> dict[str, Any]:
    timepoint = delivery.timepoint
    return {
        "delivery": str(delivery.uuid),
        "program": timepoint.enrollment.program.code,
        "entry_code": timepoint.entry_code,
        "revision": delivery.revision,
        "mode": delivery.mode,
        "attempts": delivery.attempts,
    }
