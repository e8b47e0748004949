"""The only writer of the burden ledger. Append-only: the same entry twice is one row; totals are sums of rows.

Called by capture.enter.recording inside its transaction, whose own trail entry names the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sites.burden.entries import COUNTS, Entry, Key, differences
from sites.models import BurdenEntry
from sites.trail import Actor

__all__ = ["COUNTS", "Entry", "LedgerConflict", "of_row", "stored", "write"]


class LedgerConflict(Exception):
    """An entry that is already written came again with other figures. Write it as a new revision."""

    code = "ledger_conflict"


def write(entries: Iterable[Entry], *, actor: Actor) -> int:
    """Append the entries that are not there yet; gives how many were new. Raises LedgerConflict before any write."""
    given = {e.key: e for e in entries}
    there = {key: e for key, e in stored([e.source_uuid for e in given.values()]).items() if key in given}
    if found := differences(there, {key: given[key] for key in there}):
        raise LedgerConflict(f"Already written otherwise: {found[0]}.")
    new = [_row(e, actor) for key, e in given.items() if key not in there]
    BurdenEntry.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def stored(uuids: Sequence[UUID]) -> dict[Key, Entry]:
    """What the ledger holds of these sources, by key. 1 query."""
    rows = BurdenEntry.objects.filter(source_uuid__in=set(uuids))
    return {e.key: e for e in map(of_row, rows)}


def of_row(row: BurdenEntry) -> Entry:
    """A stored row as an entry, for comparing with a replay."""
    return Entry(
        source=row.source,
        source_uuid=row.source_uuid,
        program=row.program,
        kind=row.kind,
        site=row.site,
        local_date=row.local_date,
        visit_kind=row.visit_kind,
        revision=row.revision,
        share=row.share,
        marginal=row.marginal,
        alone=row.alone,
        counts={name: getattr(row, name) for name in COUNTS},
        simulated=row.simulated,
    )


def _row(entry: Entry, actor: Actor) -> BurdenEntry:
    return BurdenEntry(
        source=entry.source,
        source_uuid=entry.source_uuid,
        program=entry.program,
        kind=entry.kind,
        revision=entry.revision,
        site=entry.site,
        visit_kind=entry.visit_kind,
        local_date=entry.local_date,
        share=entry.share,
        marginal=entry.marginal,
        alone=entry.alone,
        simulated=entry.simulated,
        written_at=actor.now,
        **{name: entry.counts.get(name, 0) for name in COUNTS},
    )
