"""Replays the burden ledger from the records and names every difference. Called by check_burden_ledger.

Records are frozen sheets (submissions), receipts of refused and copied deliveries, and signatures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from capture.ask import charges
from capture.deliver import charging
from capture.enter import signing
from capture.enter.recording import submission_facts
from capture.models import Receipt, Signature, Submission
from sites.burden import ledger, rollups
from sites.burden.entries import Difference, Entry, Key, differences
from sites.models import BurdenEntry

BATCH = 200


@dataclass(frozen=True, slots=True)
class Records:
    """One kind of record, and the ledger entries that one of them stands for."""

    name: str
    rows: Callable[[], QuerySet[Any]]
    entries: Callable[[Any], list[Entry]]

    def read(self, row: Any) -> list[Entry] | str:
        """The entries of one record, or what is wrong with it."""
        try:
            return self.entries(row)
        except Exception as error:  # whatever a damaged JSON raises: name the record and go on with the others
            which = f"{self.name} {getattr(row, 'uuid', row.pk)}"
            part = "frozen sheet" if self.name == "submission" else "content"
            return f"{which}: its {part} cannot be read ({type(error).__name__})"


def _submissions() -> QuerySet[Any]:
    return Submission.objects.select_related("visit__site").order_by("pk")


def _receipts() -> QuerySet[Any]:
    return Receipt.objects.filter(kind__in=["transcribed", "rejected"]).order_by("pk")


def _signatures() -> QuerySet[Any]:
    return Signature.objects.select_related("submission__visit__site", "timepoint__enrollment__program").order_by("pk")


SOURCES = (
    Records("submission", _submissions, lambda row: charges.entries(submission_facts(row))),
    Records("receipt", _receipts, charging.entries),
    Records("signature", _signatures, signing.entries),
)


@dataclass(frozen=True, slots=True)
class Replay:
    """What was compared, and every difference found; `damaged` names records that give no entries any more, and
    rollups that are not the sum of their rows."""

    submissions: int = 0
    entries: int = 0
    drift: tuple[Difference, ...] = ()
    damaged: tuple[str, ...] = field(default_factory=tuple)

    @property
    def equal(self) -> bool:
        return not self.drift and not self.damaged

    def __add__(self, other: Replay) -> Replay:
        return Replay(
            self.submissions + other.submissions,
            self.entries + other.entries,
            self.drift + other.drift,
            self.damaged + other.damaged,
        )


@dataclass(slots=True)
class Seen:
    """The ids of the ledger rows that a record stands for: one bit a row."""

    bits: bytearray = field(default_factory=bytearray)

    def add(self, pk: int) -> None:
        """Mark a row as accounted for."""
        if pk >> 3 >= len(self.bits):
            self.bits.extend(bytes((pk >> 3) - len(self.bits) + 4096))
        self.bits[pk >> 3] |= 1 << (pk & 7)

    def __contains__(self, pk: int) -> bool:
        return pk >> 3 < len(self.bits) and bool(self.bits[pk >> 3] & 1 << (pk & 7))


def replay() -> Replay:
    """Compute the entries of every record again and compare them with the whole ledger. 2 queries a batch of 200."""
    total, seen = Replay(), Seen()
    for source in SOURCES:
        rows = iter(source.rows().iterator(BATCH))
        while batch := list(islice(rows, BATCH)):
            total += _compare(source, batch, seen)
    return total + Replay(drift=tuple(_orphans(seen)), damaged=tuple(rollups.differences()))


def _compare(source: Records, batch: list[Any], seen: Seen) -> Replay:
    replayed: dict[Key, Entry] = {}
    damaged = []
    broken = []
    for row in batch:
        match source.read(row):
            case str(problem):
                damaged.append(problem)
                broken.append(getattr(row, "uuid", None))
            case found:
                replayed |= {e.key: e for e in found}
    stored = _stored(replayed.values(), broken, seen)
    submissions = len(batch) if source.name == "submission" else 0
    return Replay(submissions, len(stored), tuple(differences(stored, replayed)), tuple(damaged))


def _stored(replayed: Iterable[Entry], broken: list[Any], seen: Seen) -> dict[Key, Entry]:
    """The ledger's rows of the same sources, now accounted for; those of a damaged record are, but not compared."""
    sources = {(e.source, e.source_uuid) for e in replayed}
    uuids = {uuid for _, uuid in sources} | {uuid for uuid in broken if uuid}
    found = {}
    for row in BurdenEntry.objects.filter(source_uuid__in=uuids):
        if (row.source, row.source_uuid) in sources:
            entry = ledger.of_row(row)
            found[entry.key] = entry
            seen.add(row.pk)
        elif row.source_uuid in broken:
            seen.add(row.pk)
    return found


def _orphans(seen: Seen) -> Iterator[Difference]:
    """Entries of records that do not exist."""
    for row in BurdenEntry.objects.order_by("pk").iterator(2000):
        if row.pk not in seen:
            entry = ledger.of_row(row)
            yield from differences({entry.key: entry}, {})
