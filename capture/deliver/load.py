"""Fills what outbox needs to cut every submitted slice of one patient, with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from capture.ask import load
from capture.ask.facts import Occasion, PatientFacts
from capture.deliver import withdrawals
from capture.models import Delivery, Submission, Timepoint
from forms_catalog import publishing
from forms_catalog.specs import ReleaseSpec
from sites.clock import local_day
from sites.models import Participation


@dataclass(frozen=True, slots=True)
class Submitted:
    """A timepoint whose slice leaves, its submission, what the rules need to cut it, how it leaves, its last delivery.

    Submitted ones, and those that a record or a death opened: they go out at once. `withdrawn` says why such a report
    is taken back.
    """

    timepoint: Timepoint
    occasion: Occasion
    release: ReleaseSpec
    mode: str
    last: Delivery | None
    submission: Submission | None
    withdrawn: str = ""

    @property
    def at_once(self) -> bool:
        """Whether it goes out before anybody submits its form."""
        return bool(self.timepoint.opened_by)


def submitted(patient_id: int, *, today: date) -> tuple[PatientFacts, list[Submitted]]:
    """The patient's facts and every timepoint that leaves, oldest first. 8 to 10 queries, releases from a cache."""
    rows = _timepoints(patient_id)
    if not rows:
        return PatientFacts(patient_id), []
    newest = _submissions(rows)
    modes = _modes(rows)
    last = {d.timepoint_id: d for d in Delivery.objects.filter(timepoint__in=rows).order_by("revision")}
    expecting = load.without_balance([patient_id])
    opened = withdrawals.of_timepoints(rows)
    found = []
    for row in rows:
        if row.state == Timepoint.State.ELSEWHERE:
            continue  # it only says where the next period starts
        submission = newest.get(row.visit_id or 0)
        release = publishing.spec_of(submission.release) if submission else publishing.current_spec()
        occasion = load.occasion_of(row, rows, release, today=_reported(row, today), expecting=expecting)
        mode = modes.get(_place(row), "transcribe")
        if row.state == Timepoint.State.CLOSED and row.pk not in last:
            continue  # nothing of it ever left
        found.append(Submitted(row, occasion, release, mode, last.get(row.pk), submission, opened.get(row.pk, "")))
    return load.for_patients([patient_id])[patient_id], found


def _timepoints(patient_id: int) -> list[Timepoint]:
    """What leaves or says where a period starts, by as-of date.

    The state is looked at here: SQLite without statistics would read every report of that state of the network.
    """
    rows = Timepoint.objects.filter(enrollment__treatment__patient=patient_id).order_by("pk")
    found = rows.select_related("visit__site", "enrollment__treatment__patient", "enrollment__program")
    return sorted(filter(_leaves, found), key=lambda t: t.as_of or date.max)


def _leaves(row: Timepoint) -> bool:
    if row.state in (Timepoint.State.SUBMITTED, Timepoint.State.ELSEWHERE):
        return True
    return bool(row.opened_by) and row.state in (Timepoint.State.PLANNED, Timepoint.State.CLOSED)


def _submissions(rows: list[Timepoint]) -> Mapping[int, Submission]:
    """Visit id → its newest submission, whose release its slices are cut by."""
    found = Submission.objects.filter(visit__in={r.visit_id for r in rows}).select_related("release")
    return {s.visit_id: s for s in found.defer("sheet", "release__content").order_by("revision")}


def _reported(row: Timepoint, today: date) -> date:
    """The site's own date of the first submit, so that cutting again on another day changes nothing.

    Of what went out at once, the day of awareness.
    """
    visit = row.visit
    if row.opened_by and row.state != Timepoint.State.SUBMITTED:
        return row.window_start
    if visit is None or visit.submitted_at is None:
        return today
    return local_day(visit.submitted_at, visit.site.time_zone)


def _place(row: Timepoint) -> tuple[int, int]:
    site = row.visit.site_id if row.visit else row.enrollment.treatment.patient.site_id
    return site, row.enrollment.program_id


def _modes(rows: list[Timepoint]) -> Mapping[tuple[int, int], str]:
    """(site, program) → how the site's deliveries to the program leave now."""
    places = {_place(r) for r in rows}
    found = Participation.objects.filter(site__in={p[0] for p in places}, program__in={p[1] for p in places})
    return {(p.site_id, p.program_id): p.mode for p in found.order_by("valid_from")}
