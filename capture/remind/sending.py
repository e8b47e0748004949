"""Step 7: one digest a person and local day, through a row-first outbox: claim, still due?, send, log.

Called by the sweep (capture.tasks) and by send_reminders. At least once; a repeat carries the same Message-ID.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Literal
from urllib.parse import urljoin

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from capture.models import Digest, Notice, PeakAlert
from capture.remind import digest, due, load, refusals
from capture.remind.digest import Links, Message
from capture.remind.due import Item
from capture.remind.load import Reader
from sites import claims, trail
from sites.clock import local_day

Outcome = Literal["sent", "empty", "failed", "not mine"]
BATCH = 500
STARTS = 12  # a row that kills its sender again and again never gets as far as failing; this ends it


@dataclass(frozen=True, slots=True)
class Planned:
    """A digest as it would leave now."""

    reader: Reader
    items: tuple[Item, ...]
    message: Message


def lease() -> timedelta:
    """How long a sender may take: longer than any task may live, so that a rescue never races a living sender."""
    return timedelta(seconds=settings.VISIBILITY_SECONDS)


def awaited(now: datetime) -> list[Reader]:
    """Readers whose hour has come, who have no digest of their day yet, and for whom a notice rang. 4 queries."""
    rings = load.ringing(now)
    if not rings:
        return []
    found = [r for r in load.readers(now, sites=rings) if r.is_awake(now) and load.has_news(r, rings)]
    rows = Digest.objects.filter(user__in=[r.user.pk for r in found], local_day__in={r.day for r in found})
    written = set(rows.values_list("user", "local_day"))
    return [r for r in found if (r.user.pk, r.day) not in written]


def enqueue(now: datetime | None = None) -> int:
    """Write the rows of the digests that are due and not written yet. Gives how many people were found waiting."""
    now = now or timezone.now()
    rows = [Digest(user=r.user, local_day=r.day, created_at=now, next_try_at=now) for r in awaited(now)]
    Digest.objects.bulk_create(rows, ignore_conflicts=True)  # a second sweep may have been quicker
    return len(rows)


def planned(now: datetime | None = None) -> list[Planned]:
    """Who would get which digest now: rows that wait and people without one. Writes nothing."""
    now = now or timezone.now()
    found = {r.user.pk: r for r in awaited(now)}
    waiting = Digest.objects.filter(pk__in=pending(now)).values_list("user", "local_day")
    for user, day in waiting:
        found |= {r.user.pk: r for r in load.readers(now, user=user) if r.day == day}
    composed = ((r, compose(r, now)) for r in found.values())
    return [Planned(r, *made) for r, made in composed if made]


def pending(now: datetime | None = None) -> list[int]:
    """Ids of digests to send now, oldest first, at most 500."""
    return claims.due_ids(Digest, now=now, limit=BATCH)


def send_one(pk: int, *, now: datetime | None = None) -> Outcome:
    """Send one digest if it is due, nobody else does, and its news is still due. Never raises for a bad row."""
    now = now or timezone.now()
    row = claims.claim(Digest, pk, lease=lease(), now=now)
    if row is None:
        return "not mine"
    if row.attempts > STARTS:
        return _failed(row, RuntimeError(f"begun {STARTS} times and never ended"), now)
    try:
        made = _still_wanted(row, now)
        if made is None:
            return _close(row)
        items, message = made
        if not _note(row, items, message):
            return "not mine"
        mail(row, message).send()
    except Exception as error:  # whatever is wrong with this row must not stop the others
        return _failed(row, error, now)
    _sent(row, items, now)
    return "sent"


def compose(reader: Reader, now: datetime) -> tuple[tuple[Item, ...], Message] | None:
    """What a reader is told now; None where nothing that rang since their last digest is still due. 2 queries."""
    facts = load.open_visits(reader.sites, now)
    items = [i for v in facts if (i := due.still_due(v, local_day(now, v.zone)))]
    items.sort(key=lambda i: (due.BUCKETS.index(i.bucket), -i.days_late, i.visit.id))
    if not items or not _rang(items, reader, now):
        return None
    root = settings.BASE_URL.rstrip("/") + "/"
    message = digest.message(
        items,
        name=reader.user.get_full_name() or reader.user.username,
        sites={site.code: site.name for site in reader.sites},
        day=reader.day,
        zone=reader.home.time_zone,
        links=Links(urljoin(root, reverse("worklist")), urljoin(root, reverse("reminders"))),
    )
    return tuple(items), message


def mail(row: Digest | PeakAlert, message: Message) -> EmailMessage:
    """The mail of a row; its Message-ID is the same at every try. Raises ValidationError on a bad address."""
    validate_email(row.user.email)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "askonce.example"
    headers = {"Message-ID": f"<{row._meta.model_name}-{row.uuid}@{domain}>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(message.subject, message.body, settings.DEFAULT_FROM_EMAIL, [row.user.email], headers=headers)


def _still_wanted(row: Digest, now: datetime) -> tuple[tuple[Item, ...], Message] | None:
    """What to say now, None where the person stopped it, it is done, or a later day's digest will say it."""
    reader = next(iter(load.readers(now, user=row.user_id)), None)
    if reader is None or reader.day > row.local_day:
        return None
    return compose(reader, now)


def _rang(items: list[Item], reader: Reader, now: datetime) -> bool:
    rows = Notice.objects.filter(visit__in=[i.visit.id for i in items], due_at__lte=now)
    return (rows.filter(due_at__gt=reader.told_at) if reader.told_at else rows).exists()


def _note(row: Digest, items: tuple[Item, ...], message: Message) -> bool:
    """Log the words before they leave: after a crash nobody has to guess. False where the lease is somebody else's."""
    row.subject, row.body, row.visits = message.subject, message.body, [item.visit.uuid for item in items]
    mine = Digest.objects.filter(pk=row.pk, claimed_by=row.claimed_by)
    return bool(mine.update(subject=row.subject, body=row.body, visits=row.visits))


def _close(row: Digest) -> Outcome:
    claims.finish(row, state=Digest.State.EMPTY)
    return "empty"


@transaction.atomic
def _sent(row: Digest, items: tuple[Item, ...], now: datetime) -> None:
    claims.finish(row, state=Digest.State.SENT, sent_at=now)
    trail.record(trail.system("reminder"), "digest_sent", f"digest:{row.uuid}", details=digest.counts(items))


@transaction.atomic
def _failed(row: Digest, error: Exception, now: datetime) -> Outcome:
    text = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    permanent = refusals.is_permanent(error)
    claims.fail(row, f"{type(error).__name__}: {text}", permanent=permanent, now=now, state=Digest.State.DEAD)
    if row.dead_at:
        trail.record(trail.system("reminder"), "digest_given_up", f"digest:{row.uuid}", reason=row.last_error[:300])
    return "failed"
