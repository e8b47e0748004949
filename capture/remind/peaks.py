"""Alerts before a peak: once a week a site manager hears of coming weeks over budget, and of each week only once.

Called by the sweep. A row a manager and week comes first, so nobody is looked at twice; where there is nothing new the
row says so and no mail leaves. Who switched reminders off gets none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urljoin

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from capture.models import PeakAlert
from capture.remind import refusals, sending
from capture.remind.digest import Message
from capture.remind.due import at_local
from capture.remind.sending import Outcome
from sites import claims, trail
from sites.burden import totals
from sites.burden.figures import Week, monday
from sites.clock import local_day
from sites.models import Membership, Program, Role, Site, User

AHEAD = 8  # weeks after this one


@dataclass(frozen=True, slots=True)
class Manager:
    """A site manager who wants mail, the Monday of their week, and the sites they answer for."""

    user: User
    home: Site
    week: date
    sites: tuple[Site, ...]

    def is_awake(self, now: datetime) -> bool:
        """True from the digest hour of their Monday on."""
        return at_local(self.week, self.home.digest_hour, self.home.time_zone) <= now


@dataclass(frozen=True, slots=True)
class Peak:
    """One coming week over its budget at one site; minutes. `program` causes most of it."""

    site: Site
    week: date
    minutes: int
    budget: int
    program: str

    def told(self) -> dict[str, object]:
        """What is kept of it, so that it is not told again."""
        return {"site": self.site.code, "week": self.week.isoformat(), "minutes": self.minutes, "budget": self.budget}


def managers(now: datetime, *, user: int | None = None) -> list[Manager]:
    """Who answers for which sites today. 1 query."""
    held = Membership.objects.filter(role=Role.SITE_MANAGER, user__is_active=True, user__wants_digest=True)
    held = held if user is None else held.filter(user=user)
    by_user: dict[int, list[Membership]] = defaultdict(list)
    for row in held.select_related("user__home_site", "site").order_by("user", "site", "id"):
        day = local_day(now, row.site.time_zone) if row.site else row.valid_from
        if row.valid_from <= day and (row.valid_to is None or row.valid_to >= day):
            by_user[row.user_id].append(row)
    return [_manager(rows, now) for rows in by_user.values()]


def _manager(rows: list[Membership], now: datetime) -> Manager:
    sites = tuple(dict.fromkeys(r.site for r in rows if r.site))
    home = rows[0].user.home_site or sites[0]
    return Manager(rows[0].user, home, monday(local_day(now, home.time_zone)), sites)


def enqueue(now: datetime) -> int:
    """A row for each manager whose Monday morning has come and who has none of this week. 2 queries."""
    awake = [m for m in managers(now) if m.is_awake(now)]
    rows = PeakAlert.objects.filter(user__in=[m.user.pk for m in awake], week__in={m.week for m in awake})
    there = set(rows.values_list("user", "week"))
    new = [m for m in awake if (m.user.pk, m.week) not in there]
    PeakAlert.objects.bulk_create(
        [PeakAlert(user=m.user, week=m.week, created_at=now, next_try_at=now) for m in new], ignore_conflicts=True
    )
    return len(new)


def pending(now: datetime | None = None) -> list[int]:
    """Ids of alerts to send now, oldest first."""
    return claims.due_ids(PeakAlert, now=now)


def send_one(pk: int, *, now: datetime | None = None) -> Outcome:
    """Send one alert where there is news and nobody else does. Never raises for a bad row."""
    now = now or timezone.now()
    row = claims.claim(PeakAlert, pk, lease=sending.lease(), now=now)
    if row is None:
        return "not mine"
    if row.attempts > sending.STARTS:
        return _failed(row, RuntimeError(f"begun {sending.STARTS} times and never ended"), now)
    try:
        found = next(iter(managers(now, user=row.user_id)), None)
        news = peaks(found) if found else []
        if found is None or not news:
            claims.finish(row, state=PeakAlert.State.EMPTY)
            return "empty"
        made = message(news, found)
        row.subject, row.body, row.weeks = made.subject, made.body, [p.told() for p in news]
        row.save(update_fields=["subject", "body", "weeks"])
        sending.mail(row, made).send()
    except Exception as error:  # whatever is wrong with this row must not stop the others
        return _failed(row, error, now)
    with transaction.atomic():
        claims.finish(row, state=PeakAlert.State.SENT, sent_at=now)
        trail.record(trail.system("reminder"), "peak_alert", f"peak_alert:{row.uuid}", details={"weeks": len(news)})
    return "sent"


def peaks(manager: Manager) -> list[Peak]:
    """The coming weeks over budget of which the manager was not told, the earliest first. 3 queries and 1 a site."""
    sent = PeakAlert.objects.filter(user=manager.user, state=PeakAlert.State.SENT)
    told = {(w["site"], w["week"]) for weeks in sent.values_list("weeks", flat=True) for w in weeks}
    budgets = totals.budgets_of(manager.sites)
    titles = dict(Program.objects.values_list("code", "title"))
    found = []
    for site in manager.sites:
        weeks = totals.weeks(manager.week, site=site.code, count=AHEAD + 1, budgets=budgets.get(site.pk, []))
        found += [_peak(site, w, titles) for w in weeks[1:] if w.budget is not None and w.total > w.budget * 6000]
    return sorted((p for p in found if (p.site.code, p.week.isoformat()) not in told), key=lambda p: p.week)


def _peak(site: Site, week: Week, titles: dict[str, str]) -> Peak:
    most = max(week.programs, key=lambda code: week.programs[code])
    return Peak(site, week.monday, round(week.total / 6000), week.budget or 0, titles.get(most, most))


def message(found: Iterable[Peak], manager: Manager) -> Message:
    """The words of an alert: hours and programs, no patient."""
    news = list(found)
    weeks = len({p.week for p in news})
    lines = [
        f"{p.site.name}, week of {p.week:%d %B %Y}: {p.minutes / 60:.1f} h expected, "
        f"{(p.minutes - p.budget) / 60:.1f} h over the budget of {p.budget / 60:.1f} h. Most of it: {p.program}."
        for p in news
    ]
    root = settings.BASE_URL.rstrip("/") + "/"
    links = {s.code: urljoin(root, reverse("burden_site", args=[s.code])) for s in (p.site for p in news)}
    body = [
        f"Hello {manager.user.get_full_name() or manager.user.username},",
        "",
        *lines,
        "",
        *(f"What it is made of: {link}" for link in links.values()),
        "",
        "You are told once of each week, at most one message a week.",
        f"To stop these messages: {urljoin(root, reverse('reminders'))}",
    ]
    title = f"AskOnce: {weeks} coming {'week is' if weeks == 1 else 'weeks are'} over budget"
    return Message(title, "\n".join(body) + "\n")


@transaction.atomic
def _failed(row: PeakAlert, error: Exception, now: datetime) -> Outcome:
    text = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    permanent = refusals.is_permanent(error)
    words = f"{type(error).__name__}: {text}"
    claims.fail(row, words, permanent=permanent, now=now, state=PeakAlert.State.DEAD)
    if row.dead_at:
        trail.record(trail.system("reminder"), "peak_alert_given_up", f"peak_alert:{row.uuid}", reason=words[:300])
    return "failed"
