"""Replays the burden ledger from the frozen sheets and names every difference. Called by check_burden_ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from capture.ask import charges
from capture.enter.recording import submission_facts
from capture.models import Submission
from sites.burden import ledger
from sites.burden.entries import Difference, Entry, Key, differences
from sites.models import BurdenEntry

BATCH = 200


@dataclass(frozen=True, slots=True)
class Replay:
    """What was compared, and every difference found; `damaged` names sheets that give no entries any more."""

    submissions: int = 0
    entries: int = 0
    drift: tuple[Difference, ...] = ()
    damaged: tuple[str, ...] = field(default_factory=tuple)

    @property
    def equal(self) -> bool:
        return not self.drift and not self.damaged


def replay() -> Replay:
    """Compute the entries of every submission again and compare them with the ledger. 2 queries a batch of 200."""
    total = Replay()
    rows = Submission.objects.select_related("visit__site").order_by("pk").iterator(BATCH)
    while batch := list(islice(rows, BATCH)):
        found = _compare(batch)
        total = Replay(
            total.submissions + found.submissions,
            total.entries + found.entries,
            total.drift + found.drift,
            total.damaged + found.damaged,
        )
    return Replay(total.submissions, total.entries, total.drift + tuple(_orphans()), total.damaged)


def _compare(batch: list[Submission]) -> Replay:
    stored = {k: e for k, e in ledger.stored([s.uuid for s in batch]).items() if e.source == charges.SOURCE}
    replayed: dict[Key, Entry] = {}
    damaged = []
    for submission in batch:
        try:
            replayed |= {e.key: e for e in charges.entries(submission_facts(submission))}
        except Exception as error:  # whatever a damaged JSON raises: name the sheet and go on with the others
            damaged.append(f"submission {submission.uuid}: its frozen sheet cannot be read ({type(error).__name__})")
            stored = {k: e for k, e in stored.items() if e.source_uuid != submission.uuid}
    return Replay(len(batch), len(stored), tuple(differences(stored, replayed)), tuple(damaged))


def _orphans() -> Iterator[Difference]:
    """Entries of submissions that do not exist."""
    rows = BurdenEntry.objects.filter(source=charges.SOURCE).exclude(source_uuid__in=Submission.objects.values("uuid"))
    for uuid in rows.values_list("source_uuid", flat=True).distinct().order_by("source_uuid"):
        yield from differences(ledger.stored([UUID(str(uuid))]), {})
