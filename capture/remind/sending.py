"""Step 7: one digest a person and local day, through a row-first outbox: claim, still due?, send, log.

Called by the sweep (capture.tasks) and by send_reminders. At least once; a repeat carries the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMessage
from django.urls import reverse
from django.utils import timezone

from capture.models import Digest
from capture.remind import load
from capture.remind.digest import Item, Message, message
from capture.remind.due import says_today
from sites import claims, trail
from sites.models import Membership, Role, Site, User


@dataclass(frozen=True, slots=True)
class Planned:
    """Who would get a digest now, and how many visits it would mention."""

    user: User
    site: Site
    local_day: date
    visits: int


def planned(now: datetime | None = None) -> list[Planned]:
    """The digests whose hour has come at their site and that have something to say. Writes nothing."""
    now = now or timezone.now()
    found = []
    for site in Site.objects.all():
        local = now.astimezone(ZoneInfo(site.time_zone))
        if local.hour < site.digest_hour:
            continue
        items = items_of(site, local.date())
        if items:
            found += [Planned(user, site, local.date(), len(items)) for user in coordinators(site, local.date())]
    return found


def enqueue(now: datetime | None = None) -> int:
    """Write the rows of the digests that are due and not written yet. Gives how many were new."""
    now = now or timezone.now()
    rows = [Digest(user=p.user, local_day=p.local_day, created_at=now, next_try_at=now) for p in planned(now)]
    written = {
        (d.user_id, d.local_day) for d in Digest.objects.filter(local_day__in={r.local_day for r in rows}) if rows
    }
    new = [r for r in rows if (r.user_id, r.local_day) not in written]
    Digest.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def items_of(site: Site, today: date) -> list[Item]:
    """What is worth saying today about a site's open visits."""
    found = [(v, says_today(v, today)) for v in load.of_site(site)]
    return [Item(visit, step) for visit, step in found if step]


def coordinators(site: Site, today: date) -> Iterable[User]:
    """The active coordinators of a site who want digests and whose home it is."""
    held = Membership.objects.filter(role=Role.COORDINATOR, site=site, valid_from__lte=today)
    ids = held.exclude(valid_to__lt=today).values("user")
    return User.objects.filter(pk__in=ids, is_active=True, wants_digest=True, home_site=site).order_by("pk")


def pending(now: datetime | None = None) -> list[int]:
    """Ids of digests to send now."""
    return claims.due_ids(Digest, now=now)


def send_one(pk: int) -> str:
    """Send one digest if it is due and nobody else does. Gives sent, empty, failed or ''."""
    row = claims.claim(Digest, pk)
    if row is None:
        return ""
    site = row.user.home_site
    items = items_of(site, row.local_day) if site and row.user.is_active and row.user.wants_digest else []
    if site is None or not items:
        claims.finish(row, state=Digest.State.EMPTY)
        return "empty"
    text = message(
        items,
        name=row.user.get_full_name() or row.user.username,
        site=site.name,
        today=row.local_day,
        link=settings.BASE_URL.rstrip("/") + reverse("worklist"),
        zone=site.time_zone,
    )
    try:
        mail(row, text).send()
    except (BadHeaderError, SMTPException, OSError) as error:
        claims.fail(row, f"{type(error).__name__}: {error}", permanent=is_permanent(error), state=Digest.State.DEAD)
        return "failed"
    _log(row, text, items)
    return "sent"


def mail(row: Digest, text: Message) -> EmailMessage:
    """The mail of a digest; its Message-ID is the same at every try."""
    headers = {"Message-ID": f"<digest-{row.uuid}@askonce>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(text.subject, text.body, settings.DEFAULT_FROM_EMAIL, [row.user.email], headers=headers)


def is_permanent(error: Exception) -> bool:
    """True where trying again cannot help: a bad header, a refused address, a 5xx answer."""
    if isinstance(error, BadHeaderError | SMTPRecipientsRefused):
        return True
    return isinstance(error, SMTPResponseException) and error.smtp_code >= 500


def _log(row: Digest, text: Message, items: list[Item]) -> None:
    claims.finish(
        row,
        state=Digest.State.SENT,
        subject=text.subject,
        body=text.body,
        visits=[i.visit.uuid for i in items],
        sent_at=timezone.now(),
    )
    trail.record(trail.system("reminder"), "digest_sent", f"digest:{row.uuid}", details={"visits": len(items)})
