"""Secret addresses under which calendars read how many visits are due: made, revoked, and what was published last.

The only writer of CalendarFeed; called by the calendar pages. The secret is shown once; its hash alone is kept.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from capture.models import CalendarFeed
from capture.plan.choosing import Choice
from sites import trail
from sites.models import Site, User
from sites.trail import Actor

MOST = 10


class FeedError(ValueError):
    """An address that cannot be made; the message says what to do."""

    code = "feed_refused"


@dataclass(frozen=True, slots=True)
class Published:
    """One day as calendars know it: how many visits, the number of its last change, and when that was."""

    visits: int
    sequence: int
    changed: datetime


@transaction.atomic
def make(user: User, site: Site, choice: Choice, *, actor: Actor) -> tuple[CalendarFeed, str]:
    """A new address for the due days of a choice of a site's worklist, and its secret. Raises FeedError."""
    owner = User.objects.select_for_update().get(pk=user.pk)
    if CalendarFeed.objects.filter(user=owner, revoked_at=None).count() >= MOST:
        raise FeedError(f"You have {MOST} calendar addresses. Revoke one that you no longer use.")
    secret = secrets.token_urlsafe(32)
    row = CalendarFeed.objects.create(
        user=owner, site=site, query=choice.query(), token_hash=hash_of(secret), created_at=actor.now
    )
    details = {"site": site.code, "query": row.query}
    trail.record(actor, "make_calendar", f"calendar:{row.uuid}", details=details)
    return row, secret


@transaction.atomic
def revoke(feed: CalendarFeed, *, actor: Actor) -> None:
    """The address answers no more, at once and for good."""
    row = CalendarFeed.objects.select_for_update().get(pk=feed.pk)
    if row.revoked_at is None:
        row.revoked_at = actor.now
        row.save(update_fields=["revoked_at"])
        trail.record(actor, "revoke_calendar", f"calendar:{row.uuid}")


def hash_of(secret: str) -> str:
    """What is kept of a secret: it is random and long, so a plain hash cannot be turned round."""
    return hashlib.sha256(secret.encode()).hexdigest()


def publish(feed: CalendarFeed, due: Mapping[str, int], *, now: datetime) -> dict[str, Published]:
    """Day → what to publish. A day whose number changed since it was last read gets the next SEQUENCE and this time.

    Days without visits are kept with 0, so that their number goes on where they come back. Writes only what changed.
    """
    if _next(feed.published, due, now) != feed.published:
        with transaction.atomic():
            row = CalendarFeed.objects.select_for_update().get(pk=feed.pk)
            row.published = _next(row.published, due, now)
            row.save(update_fields=["published"])
            feed = row
    return {day: Published(n, s, datetime.fromisoformat(at)) for day, (n, s, at) in feed.published.items() if n}


def _next(before: Mapping[str, list[object]], due: Mapping[str, int], now: datetime) -> dict[str, list[object]]:
    after: dict[str, list[object]] = dict(before)
    for day in {*before, *due}:
        visits, sequence, _ = before.get(day, [0, -1, ""])
        if visits != due.get(day, 0):
            after[day] = [due.get(day, 0), int(str(sequence)) + 1, now.isoformat(timespec="seconds")]
    return after
