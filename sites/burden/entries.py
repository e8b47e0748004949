"""The shape of one ledger row. Pure: charges makes entries, ledger writes them, check_burden_ledger compares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

COUNTS = ("shown", "shared", "confirmed", "known", "derived", "ruled_out", "held")
Key = tuple[str, str, str, str, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """Centiseconds of one source for one program and kind; `counts` are asks by state (predicted entries only)."""

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
    def key(self) -> Key:
        """What makes two entries the same row."""
        return self.source, str(self.source_uuid), self.program, self.kind, self.revision

    @property
    def figures(self) -> dict[str, int | str]:
        """Everything a replay must give again, by column name."""
        times = {"share": self.share, "marginal": self.marginal, "alone": self.alone}
        asks = {name: self.counts.get(name, 0) for name in COUNTS}
        place = {"site": self.site, "local_date": self.local_date.isoformat(), "visit_kind": self.visit_kind}
        return {**place, "simulated": int(self.simulated), **times, **asks}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between what a row says and what it should say; '' stands for no row."""

    key: Key
    column: str
    stored: str
    replayed: str

    def __str__(self) -> str:
        source, uuid, program, kind, revision = self.key
        where = f"{source} {uuid} {program} {kind} r{revision}"
        if self.column:
            return f"{where}: {self.column} is {self.stored} in the ledger, {self.replayed} by the record"
        return f"{where}: " + ("not in the ledger" if not self.stored else "in the ledger, not by the record")


def differences(stored: Mapping[Key, Entry], replayed: Mapping[Key, Entry]) -> list[Difference]:
    """Where the two sets of entries disagree, in key order: a row too few or too many, or another figure."""
    found = []
    for key in sorted({*stored, *replayed}):
        ours, theirs = stored.get(key), replayed.get(key)
        if ours is None or theirs is None:
            found.append(Difference(key, "", "row" if ours else "", "row" if theirs else ""))
            continue
        pairs = ours.figures.items()
        found += [Difference(key, n, str(v), str(theirs.figures[n])) for n, v in pairs if v != theirs.figures[n]]
    return found
