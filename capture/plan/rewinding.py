"""The forecast of a site as it would have been made on a past day, held against its ledger. For backtest_forecast.

What is known of a patient is taken back to that day and planned anew, by the release then in force. What cannot be
taken back is named in `LIMITS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from capture.models import Enrollment, PatientEvent
from capture.plan import ahead, load_periods
from capture.plan import load as planning
from capture.plan.delta import PatientPlan, decide
from capture.plan.load import Loaded
from forms_catalog import publishing
from forms_catalog.models import Release
from sites.burden import backtesting, load_ahead, outlooks, totals, weekly
from sites.burden.backtesting import Score
from sites.burden.figures import monday
from sites.burden.load_ahead import Sums
from sites.models import Site

AT_ONCE = 250  # patients a batch: their rows are let go before the next
LIMITS = (
    "Patients count at the site where they are now; a transfer is not taken back.",
    "An enrolment counts from its day of enrolment, although it may have been entered later.",
    "Drafts, pins, opening balances, days off and budgets are those of today; visits then arranged by hand are planned "
    "by the rules.",
    "Forms that come due by answers are left out: nobody knew of them.",
    "Programs that are neither live nor closed today are left out.",
)


@dataclass(frozen=True, slots=True)
class BackTest:
    """One back-test: the day the forecast was made on (a Sunday), its score, and what it rests on."""

    site: str
    made_on: date
    score: Score
    open_visits: int
    submitted: int
    timed: int
    release: int


class NothingKnown(ValueError):
    """Nothing was known at the site by that day, or those weeks are not over. The message says which."""

    code = "backtest_refused"


def back_test(site: Site, as_of: date, *, weeks: int, today: date) -> BackTest:
    """Forecast on the last Sunday up to `as_of` and compare the weeks after it with the ledger. Raises NothingKnown."""
    made_on = monday(as_of + timedelta(days=1)) - timedelta(days=1)
    first, known_by = made_on + timedelta(days=1), ahead.end_of(site, made_on)
    last = first + timedelta(weeks=weeks, days=-1)
    if last >= today:
        raise NothingKnown(f"The {weeks} weeks after {made_on} end on {last}, which is not over. Go further back.")
    release = _release(known_by)
    if release is None:
        raise NothingKnown(f"No program was accepted by {made_on}. Give a later day.")
    sums = _sums(site, first, known_by, release)
    spec = publishing.spec_of(release)
    basis = ahead.basis_of(site, made_on, spec, lambda sha, keys: load_periods.price(sha or release.sha256, keys))
    facts = outlooks.facts_of(
        site,
        first,
        basis,
        outlooks.held_on(site, made_on),
        totals.pace(site.code, made_on - timedelta(days=364), made_on),
        {grain: sums.loads(grain) for grain in (load_ahead.WEEK, load_ahead.OVERDUE)},
    )
    spent, submitted, timed = weekly.spent(site.code, first, last)
    before, _, _ = weekly.spent(site.code, first - timedelta(weeks=1), made_on)
    found = backtesting.score(facts, spent, before.get(first - timedelta(weeks=1), 0.0), weeks)
    return BackTest(site.code, made_on, found, sums.visits, submitted, timed, release.number)


def rewound(loaded: Loaded, made_on: date, known_by: datetime, later: frozenset[str]) -> PatientPlan:
    """The patient as planning would have seen them: nothing enrolled, submitted or recorded later. `later`: events."""
    sent = {str(pk) for pk, v in loaded.visits.items() if v.submitted_at and v.submitted_at <= known_by}
    plan = loaded.plan
    held = {k: h for k, h in plan.held.items() if h.state == "submitted" and h.visit in sent}
    enrolments = tuple(
        replace(e, slots=tuple(s for s in e.slots if s.key in held or not s.opened_by))
        for e in plan.enrolments
        if loaded.enrolments[e.id].enrolled_on <= made_on
    )
    keys = {s.key for e in enrolments for s in e.slots}
    return replace(
        plan,
        enrolments=enrolments,
        held={k: h for k, h in held.items() if k in keys},
        visits=tuple(v for v in plan.visits if v.id in sent),
        events=tuple(e for e in plan.events if e.uuid not in later),
    )


def _release(known_by: datetime) -> Release | None:
    return Release.objects.filter(created_at__lte=known_by).defer("content").order_by("-number").first()


def _sums(site: Site, first: date, known_by: datetime, release: Release) -> Sums:
    """Every visit that was open then, planned anew. A fixed number of queries a batch of patients."""
    sums, made_on = Sums(first), first - timedelta(days=1)
    spec = publishing.spec_of(release)
    for loaded, later in _patients(site, made_on, known_by, release):
        delta = decide(rewound(loaded, made_on, known_by, later))
        for visit in delta.visits:
            slots = [delta.slots[key] for key in visit.keys]
            keys = tuple(sorted(f"{s.program}:{s.code}" for s in slots if s.program in spec.programs))
            sums.add(date.fromordinal(visit.date), load_periods.price(release.sha256, keys))
    return sums


def _patients(
    site: Site, made_on: date, known_by: datetime, release: Release
) -> Iterator[tuple[Loaded, frozenset[str]]]:
    spec = publishing.spec_of(release)
    known = Enrollment.objects.filter(treatment__patient__site=site, enrolled_on__lte=made_on)
    ids = list(known.order_by("treatment__patient").values_list("treatment__patient", flat=True).distinct())
    for some in (ids[i : i + AT_ONCE] for i in range(0, len(ids), AT_ONCE)):
        events = PatientEvent.objects.filter(patient__in=some, recorded_at__gt=known_by)
        later = frozenset(map(str, events.values_list("uuid", flat=True)))
        for loaded in planning.of_patients(some, spec).values():
            yield loaded, later
