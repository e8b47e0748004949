"""Fills the facts of reminders for many people and visits at once, each with a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from capture.ask import reconsent
from capture.models import Digest, Notice, Timepoint, Visit
from capture.remind.due import SOON, PointFact, VisitFact, at_local
from sites.clock import local_day
from sites.models import Membership, Role, Site, User


@dataclass(frozen=True, slots=True)
class Reader:
    """An active coordinator who wants digests: their day and hour (the home site's) and the sites they may act at."""

    user: User
    home: Site
    day: date
    sites: tuple[Site, ...]
    told_at: datetime | None

    def is_awake(self, now: datetime) -> bool:
        """True from the digest hour of their day on."""
        return at_local(self.day, self.home.digest_hour, self.home.time_zone) <= now


def readers(now: datetime, *, sites: Iterable[int] | None = None, user: int | None = None) -> list[Reader]:
    """Who may be told of visits, with the sites where they are coordinators on their day. 2 queries.

    Whoever has no home site lives at the first site they work at, so that nobody is silently left out.
    """
    held = Membership.objects.filter(role=Role.COORDINATOR, user__is_active=True, user__wants_digest=True)
    if sites is not None:
        held = held.filter(user__memberships__site__in=list(sites)).distinct()
    if user is not None:
        held = held.filter(user=user)
    by_user: dict[int, list[Membership]] = defaultdict(list)
    for row in held.select_related("user__home_site", "site").order_by("user", "site", "id"):
        by_user[row.user_id].append(row)
    told = last_told(by_user)
    found = [_reader(rows, now, told.get(pk)) for pk, rows in by_user.items()]
    return [r for r in found if r.sites]


def last_told(users: Collection[int]) -> dict[int, datetime]:
    """User id → when their last digest left. 1 query."""
    sent = Digest.objects.filter(user__in=list(users), state=Digest.State.SENT)
    return dict(sent.order_by().values_list("user").annotate(last=Max("sent_at")))


def ringing(now: datetime) -> dict[int, datetime]:
    """Site id → the latest notice of an open visit there whose time has come. 1 query."""
    rows = Notice.objects.filter(due_at__lte=now, visit__submitted_at__isnull=True)
    return dict(rows.values_list("visit__site").annotate(last=Max("due_at")))


def has_news(reader: Reader, rings: Mapping[int, datetime]) -> bool:
    """True where a notice at one of the reader's sites rang after their last digest."""
    times = [rings[site.pk] for site in reader.sites if site.pk in rings]
    return any(reader.told_at is None or at > reader.told_at for at in times)


def open_visits(sites: Iterable[Site], now: datetime) -> list[VisitFact]:
    """Visits of the sites that are open or open soon, and whose patients have to consent themselves now.

    2 queries, 6 where a guardian has consented; they grow with what is due, not with 15 years of plan.
    """
    wanted = list(sites)
    latest = max((local_day(now, s.time_zone) for s in wanted), default=now.date()) + SOON
    begun = Timepoint.objects.filter(state=Timepoint.State.PLANNED, window_start__lte=latest)
    visits = Visit.objects.filter(site__in=wanted, submitted_at__isnull=True, pk__in=begun.values("visit"))
    found = _facts(Q(visit__in=visits))
    waiting = reconsent.needed({f.patient for f in found}, latest - SOON)
    return [replace(f, reconsent=True) if f.patient in waiting else f for f in found]


def visits_of(patients: Collection[int]) -> list[VisitFact]:
    """Every visit of the patients that is not submitted. 1 query.

    It asks for reports of every state, in no order: with either, SQLite without statistics reads every open report of
    the network for each patient. Closed ones count for nothing (open_points).
    """
    wanted = Q(visit__patient__in=list(patients), visit__submitted_at__isnull=True)
    return _of(Timepoint.objects.filter(wanted).order_by())


def visits(ids: Iterable[int]) -> list[VisitFact]:
    """The visits with these ids that are still open. 1 query."""
    return _facts(Q(visit__in=list(ids), visit__submitted_at__isnull=True))


def _facts(wanted: Q) -> list[VisitFact]:
    """Plain values: planning asks for the visits of many patients at once."""
    return _of(Timepoint.objects.filter(wanted, state=Timepoint.State.PLANNED).order_by("visit", "id"))


def _of(rows: QuerySet[Timepoint]) -> list[VisitFact]:
    """The visits of these reports."""
    points: dict[tuple[Any, ...], list[PointFact]] = defaultdict(list)
    for *visit, state, start, end, due in rows.values_list(*VISIT, "state", "window_start", "window_end", "due_on"):
        points[tuple(visit)].append(PointFact(state, start, end, due))
    return [
        VisitFact(pk, str(uuid), site, zone, hour, submitted is not None, tuple(found), patient)
        for (pk, uuid, submitted, site, zone, hour, patient), found in points.items()
    ]


VISIT = (
    *("visit", "visit__uuid", "visit__submitted_at"),
    *("visit__site__code", "visit__site__time_zone", "visit__site__digest_hour"),
    "visit__patient",
)


def _reader(rows: list[Membership], now: datetime, told_at: datetime | None) -> Reader:
    user = rows[0].user
    home = user.home_site or rows[0].site
    assert home is not None  # a constraint: coordinators have a site
    day = local_day(now, home.time_zone)
    held = [m.site for m in rows if m.site and m.valid_from <= day and (m.valid_to is None or m.valid_to >= day)]
    return Reader(user, home, day, tuple({s.pk: s for s in held}.values()), told_at)
