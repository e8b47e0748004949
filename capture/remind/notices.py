"""Keeps one notice a visit: its next step and when. Planning rebuilds them, the sweep moves them on once told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from capture.models import Notice
from capture.remind import due, load
from capture.remind.due import Ring

PATIENCE = timedelta(days=1)  # how long a notice nobody was told of rings before a later step replaces it


@transaction.atomic
def refresh(patients: Collection[int], *, today: date, now: datetime | None = None) -> int:
    """Bring the notices of the patients' open visits up to date; gives how many rows were written. 2 queries, writes.

    What nobody was told of yet keeps ringing, so re-planning neither repeats what was said nor swallows it.
    """
    now = now or _clock(today)
    rows = {n.visit_id: n for n in Notice.objects.filter(visit__patient__in=list(patients))}
    wanted = {v.id: due.next_notice(v, now, _waiting(rows.get(v.id))) for v in load.visits_of(patients)}
    return _write(rows, wanted, locked=True)


def roll(now: datetime) -> int:
    """Move the notices on that everybody concerned was told of; fold what rang in vain into a later step.

    Gives the number of rows written. Who works at a site is told at the hour of their own home, so a notice waits for
    the last of them; where nobody wants digests it moves on by itself.
    """
    rows = {n.visit_id: n for n in Notice.objects.filter(due_at__lte=now).select_related("visit")}
    if not rows:
        return 0
    told = told_at({n.visit.site_id for n in rows.values()}, now)
    said = {pk for pk, n in rows.items() if n.due_at <= told[n.visit.site_id]}
    stale = {pk for pk, n in rows.items() if pk not in said and n.due_at < now - PATIENCE}
    wanted: dict[int, Ring | None] = dict.fromkeys(said | stale)
    for fact in load.visits(wanted):
        row = rows[fact.id]
        if fact.id in said:
            wanted[fact.id] = due.after_saying(fact, told[row.visit.site_id])
        else:
            wanted[fact.id] = due.next_notice(fact, now, _waiting(row))
    return _write({pk: rows[pk] for pk in wanted}, wanted)


def told_at(sites: Iterable[int], now: datetime) -> dict[int, datetime]:
    """Site id → up to when every reader there was told; `now` where there is no reader. 2 queries."""
    never = datetime.min.replace(tzinfo=UTC)
    earliest = dict.fromkeys(sites, now)
    for reader in load.readers(now, sites=earliest):
        for site in (s.pk for s in reader.sites if s.pk in earliest):
            earliest[site] = min(earliest[site], reader.told_at or never)
    return earliest


def _clock(today: date) -> datetime:
    """The server's time; where a past is simulated or a test holds the day still, noon of that day."""
    now = timezone.now()
    return now if abs(now.date() - today) <= timedelta(days=1) else datetime.combine(today, time(12), tzinfo=UTC)


def _waiting(row: Notice | None) -> Ring | None:
    return Ring(row.step, row.due_at) if row else None  # type: ignore[arg-type]


def _write(rows: Mapping[int, Notice], wanted: Mapping[int, Ring | None], *, locked: bool = False) -> int:
    """Make the rows (by visit id) what is wanted; a visit without a next step loses its notice.

    With the patients `locked` no visit can go meanwhile, so that changed rows may be upserted: much faster for many.
    """
    made, changed = [], []
    for pk, ring in wanted.items():
        row = rows.get(pk)
        if ring is None:
            continue
        if row is None:
            made.append(Notice(visit_id=pk, step=ring.name, due_at=ring.at))
        elif (row.step, row.due_at) != (ring.name, ring.at):
            row.step, row.due_at = ring.name, ring.at
            changed.append(row)
    Notice.objects.bulk_create(made, ignore_conflicts=True)
    if locked and changed:
        fields = ["step", "due_at"]
        Notice.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=fields)
    else:
        Notice.objects.bulk_update(changed, ["step", "due_at"])
    gone = [row.pk for pk, row in rows.items() if wanted.get(pk) is None]
    removed = Notice.objects.filter(pk__in=gone).delete()[0] if gone else 0
    return len(made) + len(changed) + removed
