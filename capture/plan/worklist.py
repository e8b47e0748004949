"""The worklist of a site: what is overdue, due or coming, by site-local date. Cost grows with what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db.models import Max, Min, Q, QuerySet, Subquery
from django.utils import timezone

from capture.models import Draft, PlanPin, Timepoint, Visit
from forms_catalog import publishing
from forms_catalog.models import Release
from sites.clock import local_day
from sites.models import Site

COMING_DAYS = 60
Bucket = Literal["overdue", "due", "coming"]
BUCKETS: tuple[Bucket, ...] = ("overdue", "due", "coming")


@dataclass(frozen=True, slots=True)
class Row:
    """One open visit on the worklist. `days` is to the earliest due day (negative when overdue) or to the opening."""

    visit: Visit
    bucket: Bucket
    due_on: date
    opens_on: date
    closes_on: date
    days: int
    programs: tuple[str, ...]
    drafted: bool
    newer_form: bool = False

    @property
    def late(self) -> int:
        """Days past the earliest due day."""
        return max(0, -self.days)


def local_today(site: Site, now: datetime | None = None) -> date:
    """The site's own date."""
    return local_day(now or timezone.now(), site.time_zone)


def bucket_of(due_on: date, opens_on: date, today: date) -> Bucket | None:
    """overdue past the earliest due day; due from the day a window is open; coming within 60 days; else not yet."""
    if today > due_on:
        return "overdue"
    if today >= opens_on:
        return "due"
    return "coming" if opens_on <= today + timedelta(days=COMING_DAYS) else None


def open_visits(site: Site, today: date) -> QuerySet[Any]:
    """Open visits whose first window opens within 60 days, with their earliest due day; overdue ones first.

    Of 15 years of visits only those planned near enough are looked at, by the index on site and planned day.
    """
    planned = Q(timepoints__state=Timepoint.State.PLANNED)
    horizon = today + timedelta(days=COMING_DAYS)
    near = _planned_by(site, horizon + timedelta(days=widest_window()))
    rows: QuerySet[Any] = Visit.objects.filter(near, site=site, submitted_at__isnull=True).annotate(
        due_on=Min("timepoints__due_on", filter=planned),
        opens_on=Min("timepoints__window_start", filter=planned),
        closes_on=Max("timepoints__window_end", filter=planned),
        newest=Subquery(Release.objects.order_by("-number").values("pk")[:1]),
    )
    return rows.filter(opens_on__lte=horizon).order_by("due_on", "planned_on", "id")


def _planned_by(site: Site, latest: date) -> Q:
    """Planned by then. A drafted or pinned visit may lie outside its windows, so all of those are looked at."""
    mine = {"visit__site": site, "visit__submitted_at__isnull": True}
    drafted = Draft.objects.filter(**mine).values("visit")
    pinned = PlanPin.objects.filter(**mine).values("visit")
    return Q(planned_on__lte=latest) | Q(pk__in=drafted) | Q(pk__in=pinned)


def widest_window() -> int:
    """Days of the widest window of the release in force: no untouched visit lies further from its first opening."""
    entries = (e for p in publishing.current_spec().programs.values() for e in p.entries)
    return max(
        (e.window_end_day - (e.window_start_day or 0) for e in entries if e.window_end_day is not None), default=0
    )


def filtered(
    rows: QuerySet[Any], today: date, *, bucket: str = "", program: str = "", search: str = ""
) -> QuerySet[Any]:
    """The rows of one bucket, one program, or a pseudonym that contains `search`."""
    if bucket == "overdue":
        rows = rows.filter(due_on__lt=today)
    elif bucket == "due":
        rows = rows.filter(due_on__gte=today, opens_on__lte=today)
    elif bucket == "coming":
        rows = rows.filter(due_on__gte=today, opens_on__gt=today)
    if program:
        mine = Timepoint.objects.filter(state="planned", enrollment__program__code=program)
        rows = rows.filter(pk__in=mine.values("visit"))
    return rows.filter(patient__pseudonym__icontains=search) if search else rows


def counts(rows: QuerySet[Any], today: date) -> dict[str, int]:
    """How many visits are in each bucket. One query."""
    days = list(rows.values_list("due_on", "opens_on"))
    found = [bucket_of(due, opens, today) for due, opens in days]
    return {bucket: found.count(bucket) for bucket in BUCKETS}


def shown(visits: list[Visit], today: date) -> list[Row]:
    """The visits of one page as rows of `open_visits`. 2 queries."""
    ids = [v.pk for v in visits]
    points = Timepoint.objects.filter(visit__in=ids, state="planned").select_related("enrollment__program")
    programs: dict[int, list[str]] = {}
    for point in points.order_by("enrollment__program__code"):
        programs.setdefault(point.visit_id or 0, []).append(f"{point.enrollment.program.title}, {point.label}")
    drafted = set(Visit.objects.filter(pk__in=ids, drafts__isnull=False).values_list("pk", flat=True))
    behind = {v.pk for v in visits if v.release_id and v.release_id != v.newest}  # type: ignore[attr-defined]
    return [_row(v, today, tuple(programs.get(v.pk, ())), v.pk in drafted, v.pk in behind) for v in visits]


def _row(visit: Visit, today: date, programs: tuple[str, ...], drafted: bool, newer_form: bool) -> Row:
    due: date = visit.due_on  # type: ignore[attr-defined]
    opens: date = visit.opens_on  # type: ignore[attr-defined]
    closes: date = visit.closes_on  # type: ignore[attr-defined]
    bucket = bucket_of(due, opens, today) or "coming"
    days = (opens - today).days if bucket == "coming" else (due - today).days
    return Row(visit, bucket, due, opens, closes, days, programs, drafted, newer_form)
