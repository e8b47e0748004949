"""The demo's past: what was reported elsewhere, most earlier visits submitted on their day, a few left overdue, one
death. Times are simulated.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from capture.ask import load
from capture.enter import happenings, opening_balance, recording
from capture.enter.demo_answers import fill
from capture.enter.opening_balance import Opening
from capture.models import Patient, Timepoint, Visit
from sites.trail import Actor

LEFT_OPEN = 0.12  # share of past visits nobody has reported yet
NEAR = timedelta(days=14)  # visits of the last two weeks are still in work


def bring(patient: Patient, number: int, *, actor: Actor, today: date) -> None:
    """The opening balance: the last report of each program before it was owed here, and its number of the person."""
    rows = Timepoint.objects.filter(enrollment__treatment__patient=patient, kind="followup", state="not_owed")
    last = {t.enrollment_id: t for t in rows.order_by("target_on", "pk")}
    openings = {pk: Opening(t.entry_code, t.target_on, own_id=str(1000 + number)) for pk, t in sorted(last.items())}
    opening_balance.load(patient, openings, actor=actor, today=today, file_name="list-of-the-registries.xlsx")


def report(patient: Patient, number: int, pick: random.Random, *, actor: Actor, today: date) -> int:
    """Submit the patient's earlier visits in order. Gives how many."""
    done = 0
    rows = Visit.objects.filter(patient=patient, planned_on__lte=today - NEAR).order_by("planned_on", "pk")
    for pk in list(rows.values_list("pk", flat=True)):
        visit = Visit.objects.filter(pk=pk, submitted_at__isnull=True).first()
        if visit is None or pick.random() < LEFT_OPEN:
            continue
        day = min(visit.planned_on + timedelta(days=pick.randint(0, 12)), today - timedelta(days=1))
        _submit(visit, day, number, pick, actor=_then(actor, visit, day))
        done += 1
    return done


def _submit(visit: Visit, day: date, number: int, pick: random.Random, *, actor: Actor) -> None:
    facts = load.for_visits([visit.pk], today=day)[visit.pk]
    entered = fill(facts, {"subject-id": str(1000 + number)})
    post = recording.Post(
        uuid.UUID(int=pick.getrandbits(128)), visit.version, entered, {}, pick.randint(300, 1500) * 100
    )
    recording.submit(visit, post, actor=actor, today=day)


def die(patient: Patient, on: date, *, actor: Actor, today: date) -> None:
    """One patient died: the closing report opens, later visits close."""
    happenings.record(patient, "death", on, actor=actor, reason="told by the family doctor", today=today)


def _then(actor: Actor, visit: Visit, day: date) -> Actor:
    """A coordinator of the site at the time of the report."""
    at = datetime.combine(day, time(10, 30), tzinfo=UTC)
    return replace(actor, name=f"coordinator-{visit.site.code}", role="coordinator", simulated_at=at)
