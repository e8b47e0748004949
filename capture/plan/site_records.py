"""What a site's records say on a day for its forecast: who joined, died and was lost, and what forms really asked.

Called by ahead each day and by the back-test for a past one. A fixed number of queries.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Sum

from capture.models import Enrollment, PatientEvent, Submission, Timepoint, Visit
from capture.plan.newcomers import Joined
from sites.burden.rates import Records
from sites.models import BurdenEntry, Program, Site

MONTH = 365.25 / 12
LATEST = timedelta(days=365)  # who joined in these days gives the pace
LIKE = timedelta(days=730)  # and in these days the programs that a newcomer joins
AT_RISK = timedelta(days=3 * 365)  # deaths and losses are counted over these
KINDS = 12  # so many sets of programs, the most frequent ones
SAMPLE = 200  # submitted visits, the latest
Price = Callable[[str, tuple[str, ...]], int]


def of_site(site: Site, on: date, *, known_by: datetime, asked: Collection[str]) -> tuple[Records, dict[Joined, int]]:
    """Rates as counted up to a day, and how many newcomers joined which programs of those `asked`. 2 queries.

    Patients count where they are now. `known_by` leaves out events recorded later.
    """
    found = Enrollment.objects.filter(treatment__patient__site=site, enrolled_on__lte=on).order_by("treatment", "pk")
    columns = ("treatment", "treatment__patient", "program__code", "program__state", "track", "enrolled_on")
    rows = list(found.values_list(*columns))
    starts: dict[int, date] = {}
    joins: list[tuple[date, Joined]] = []
    for _, group in groupby(rows, key=lambda r: r[0]):
        mine = list(group)
        day = min(r[5] for r in mine)
        starts[mine[0][1]] = min(day, starts.get(mine[0][1], day))
        live = tuple(sorted((r[2], r[4]) for r in mine if r[3] == Program.State.LIVE and r[2] in asked))
        joins.append((day, live))
    months = min(12.0, (on - min(starts.values())).days / MONTH) if starts else 0.0
    joined = sum(day > on - LATEST for day, _ in joins)
    return Records(round(months, 1), joined, *_ended(site, on, known_by, starts)), _mix(joins, on)


def _ended(site: Site, on: date, known_by: datetime, starts: dict[int, date]) -> tuple[float, int, int]:
    """Patient-years at risk in the last three years, deaths and losses in them; whoever was found again is not lost."""
    kinds = (PatientEvent.Kind.DEATH, PatientEvent.Kind.LOST, PatientEvent.Kind.FOUND)
    rows = PatientEvent.objects.filter(
        patient__site=site, kind__in=kinds, effective_on__lte=on, recorded_at__lte=known_by, undone_by=None
    ).order_by("effective_on", "pk")
    ends: dict[int, tuple[str, date]] = {}
    for patient, kind, day in rows.values_list("patient", "kind", "effective_on"):
        if kind == PatientEvent.Kind.FOUND:
            ends.pop(patient, None)
        else:
            ends.setdefault(patient, (kind, day))
    since = on - AT_RISK
    days = sum(max(0, (min(on, ends.get(p, ("", on))[1]) - max(start, since)).days) for p, start in starts.items())
    kinds_in = Counter(kind for kind, day in ends.values() if day > since)
    return round(days / 365.25, 1), kinds_in[PatientEvent.Kind.DEATH], kinds_in[PatientEvent.Kind.LOST]


def _mix(joins: Collection[tuple[date, Joined]], on: date) -> dict[Joined, int]:
    """The sets of programs that the latest patients joined, else all patients; none where nobody ever did."""
    late = Counter(joined for day, joined in joins if joined and day > on - LIKE)
    return dict((late or Counter(joined for _, joined in joins if joined)).most_common(KINDS))


def realised(site: Site, price: Price, *, known_by: datetime) -> tuple[int, int, int, int]:
    """The latest submitted visits: how many, what a blank patient would have been asked, what was, what was copied.

    Centiseconds. `price` takes the content of a release ('' = the newest) and the entries of a visit. 4 queries.
    """
    latest = Visit.objects.filter(site=site, submitted_at__lte=known_by).order_by("-submitted_at", "-pk")
    visits = dict(latest.values_list("pk", "release__sha256")[:SAMPLE])
    points = Timepoint.objects.filter(visit__in=list(visits), state=Timepoint.State.SUBMITTED)
    keys: dict[int, list[str]] = defaultdict(list)
    for visit, program, code in points.values_list("visit", "enrollment__program__code", "entry_code"):
        keys[visit].append(f"{program}:{code}")
    first = Submission.objects.filter(visit__in=list(keys), revision=1)
    submitted = dict(first.values_list("uuid", "visit"))
    entries = BurdenEntry.objects.filter(source_uuid__in=list(submitted), kind__in=["predicted", "transcription"])
    spent: Counter[str] = Counter()
    counted: set[int] = set()
    for uuid, kind, share in entries.values_list("source_uuid", "kind").annotate(total=Sum("share")):
        spent[kind] += share
        counted.add(submitted[uuid])
    blank = sum(price(visits[v] or "", tuple(sorted(keys[v]))) for v in counted)
    return len(counted), blank, spent["predicted"], spent["transcription"]
