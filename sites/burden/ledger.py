"""The only writer of the burden ledger. Append-only: the same entry twice is one row; totals are sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sites.models import BurdenEntry
from sites.trail import Actor

COUNTS = ("shown", "shared", "confirmed", "known", "derived", "ruled_out", "held")


@dataclass(frozen=True, slots=True)
class Entry:
    """One ledger row before it is written. Times in centiseconds; `counts` are asks by state."""

    source: str
    source_uuid: UUID
    program: str
    kind: str
    site: str
    local_date: date
    visit_kind: str = ""
    revision: int = 1
    share: int = 0
    marginal: int = 0
    alone: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    simulated: bool = False

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What makes two entries the same row."""
        return self.source, str(self.source_uuid), self.program, self.kind, self.revision


def write(entries: Iterable[Entry], *, actor: Actor) -> int:
    """Append the entries that are not there yet. Gives how many were given; call inside the write's transaction."""
    rows = [
        BurdenEntry(
            source=e.source,
            source_uuid=e.source_uuid,
            program=e.program,
            kind=e.kind,
            revision=e.revision,
            site=e.site,
            visit_kind=e.visit_kind,
            local_date=e.local_date,
            share=e.share,
            marginal=e.marginal,
            alone=e.alone,
            simulated=e.simulated,
            written_at=actor.now,
            **{name: e.counts.get(name, 0) for name in COUNTS},
        )
        for e in entries
    ]
    return len(BurdenEntry.objects.bulk_create(rows, ignore_conflicts=True))


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
        counts={name: getattr(row, name) for name in COUNTS} if row.kind == "predicted" else {},
        simulated=row.simulated,
    )
