"""The worklist of a site: what is overdue, due or coming, by site-local date. Cost grows with what is due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from capture.ask import reconsent
from capture.models import Draft, PlanPin, Timepoint, Visit
from capture.plan.choosing import Bucket, Open
from forms_catalog import publishing
from forms_catalog.models import Release
from sites.clock import local_day
from sites.models import Site

COMING_DAYS = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One open visit on the worklist. `days` is to the earliest due day (negative when overdue) or to the opening."""

    visit: Visit
    bucket: Bucket
    due_on: date
    opens_on: date
    closes_on: date
    last_day: date
    days: int
    programs: tuple[str, ...]
    drafted: bool
    newer_form: bool = False
    reconsent: tuple[str, ...] = ()  # programs that wait for the consent of a patient who has come of age

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
        last_day=Min("timepoints__window_end", filter=planned),
        is_drafted=Exists(Draft.objects.filter(visit=OuterRef("pk"))),
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


def open_at(site: Site, today: date) -> list[Open]:
    """Every open visit of a site that is overdue, due or coming, as filters see it. 3 queries, whatever is open."""
    rows = open_visits(site, today)
    fields = ("pk", "patient__pseudonym", "kind", "due_on", "opens_on", "last_day", "planned_on", "is_drafted")
    found = list(rows.values_list(*fields))
    programs: dict[int, set[str]] = defaultdict(set)
    points = Timepoint.objects.filter(state="planned", visit__in=rows.order_by().values("pk"))
    for visit, code in points.values_list("visit", "enrollment__program__code"):
        programs[visit or 0].add(code)
    return [
        Open(pk, name, _bucket(due, opens, today), kind, due, opens, last, on, drafted, frozenset(programs[pk]))
        for pk, name, kind, due, opens, last, on, drafted in found
    ]


def _bucket(due_on: date, opens_on: date, today: date) -> Bucket:
    return bucket_of(due_on, opens_on, today) or "coming"


def shown(chosen: Sequence[Open], today: date) -> list[Row]:
    """The visits of one page as rows, in their order. 4 queries, 8 where a guardian has consented."""
    ids = [row.id for row in chosen]
    points = Timepoint.objects.filter(visit__in=ids, state="planned").select_related("enrollment__program")
    served: dict[int, list[Timepoint]] = defaultdict(list)
    for point in points.order_by("enrollment__program__code", "window_start"):
        served[point.visit_id or 0].append(point)
    newest = Release.objects.order_by("-number").values_list("pk", flat=True).first()
    visits = Visit.objects.select_related("patient").in_bulk(ids)
    waiting = reconsent.needed({v.patient_id for v in visits.values()}, today)
    made = [_row(visits[row.id], row, served[row.id], today, newest) for row in chosen if row.id in visits]
    return [replace(r, reconsent=waiting.get(r.visit.patient_id, ())) for r in made]


def _row(visit: Visit, row: Open, served: Sequence[Timepoint], today: date, newest: int | None) -> Row:
    days = (row.opens_on - today).days if row.bucket == "coming" else (row.due_on - today).days
    programs = tuple(f"{p.enrollment.program.title}, {p.label}" for p in served)
    closes = max((p.window_end for p in served), default=row.last_day)
    newer = visit.release_id is not None and visit.release_id != newest
    return Row(visit, row.bucket, row.due_on, row.opens_on, closes, row.last_day, days, programs, row.drafted, newer)
