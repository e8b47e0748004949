"""Pins: a person fixes the day of a visit with a reason, re-planning keeps it, a released one is planned again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from capture.enter import pinning
from capture.enter.pinning import PinError
from capture.models import Move, Patient, PlanPin, Visit
from sites.models import TrailEntry
from sites.trail import ReasonMissing
from tests.capture.pages.confirming import confirm, look, text
from tests.capture.plan import rows
from tests.capture.plan.rows import AT, CART, TODAY
from tests.world import World

pytestmark = pytest.mark.django_db
LATER = timedelta(days=9)


@pytest.fixture
def patient() -> Patient:
    """A patient in the two registries; the study may come later."""
    rows.live(*CART)
    return rows.patient(*CART[:2])


def pin(visit: Visit, by: timedelta = LATER) -> PlanPin:
    return pinning.pin(visit, visit.planned_on + by, actor=AT, reason="holiday", today=TODAY)


def test_a_pinned_day_stays_when_a_program_joins_and_all_is_planned_again(patient: Patient) -> None:
    visit = rows.visit_of(patient, "Y2", CART[0])
    on = visit.planned_on + LATER
    pin(visit)
    rows.join(patient.treatments.get(), CART[2])
    rows.plan(patient)
    again = rows.visit_of(patient, "Y2", CART[0])
    assert (again.pk, again.planned_on) == (visit.pk, on)


def test_a_released_pin_gives_the_day_back_to_the_planner(patient: Patient) -> None:
    visit = rows.visit_of(patient, "Y2", CART[0])
    was = visit.planned_on
    pin(visit)
    pinning.unpin(visit, actor=AT, reason="holiday cancelled", today=TODAY)
    assert rows.visit_of(patient, "Y2", CART[0]).planned_on == was
    assert pinning.pinned_of(patient) == set()


def test_a_pin_says_who_and_why_and_makes_open_pages_stale(patient: Patient) -> None:
    visit = rows.visit_of(patient, "Y2", CART[0])
    made = pin(visit)
    move = Move.objects.get(subject="visit", subject_uuid=visit.uuid)
    assert (made.actor, made.reason, move.actor, move.reason) == (AT.name, "holiday", AT.name, "holiday")
    assert (move.before, move.after) == (visit.planned_on.isoformat(), made.on.isoformat())
    assert TrailEntry.objects.get(action="pin_visit").reason == "holiday"
    assert Visit.objects.get(pk=visit.pk).version > visit.version
    assert pinning.pinned_of(patient) == {visit.pk}


def test_a_day_outside_a_window_is_refused_with_the_days_that_suit(patient: Patient) -> None:
    visit = rows.visit_of(patient, "Y2", CART[0])
    points = list(visit.timepoints.all())
    first, last = max(t.window_start for t in points), min(t.window_end for t in points)
    with pytest.raises(PinError, match=f"Choose a day from {first} to {last}"):
        pin(visit, timedelta(days=900))
    assert not PlanPin.objects.exists()


def test_submitted_baseline_and_unpinned_visits_are_refused(patient: Patient) -> None:
    with pytest.raises(PinError, match="submitted"):
        pin(rows.submitted(rows.visit_of(patient, "D100", CART[0])))
    with pytest.raises(PinError, match="Only follow-up"):
        pin(Visit.objects.filter(kind="baseline")[0])
    with pytest.raises(PinError, match="not pinned"):
        pinning.unpin(rows.visit_of(patient, "Y2", CART[0]), actor=AT, reason="x", today=TODAY)
    with pytest.raises(ReasonMissing):
        pinning.pin(rows.visit_of(patient, "Y2", CART[0]), TODAY, actor=AT, reason=" ", today=TODAY)


def test_the_patient_page_pins_and_releases(car_world: World) -> None:
    client = Client()
    client.force_login(car_world.alice, "django.contrib.auth.backends.ModelBackend")
    visit = Visit.objects.filter(kind="followup").order_by("-planned_on")[0]
    on = visit.planned_on + timedelta(days=3)
    patient, named = visit.patient, {"visit": str(visit.uuid)}
    preview = look(client, patient, "pin", on=on.isoformat(), **named)
    assert Visit.objects.get(pk=visit.pk).planned_on == visit.planned_on
    answer = confirm(client, patient, preview)
    assert f"The visit stays on {on}." in text(answer)
    assert "Fixed on a day" in text(answer)
    assert Visit.objects.get(pk=visit.pk).planned_on == on
    answer = confirm(client, patient, look(client, patient, "unpin", **named))
    assert "Fixed on a day" not in text(answer)
    assert Visit.objects.get(pk=visit.pk).planned_on == visit.planned_on
    assert "Give the day" in text(look(client, patient, "pin", on="soon", **named))
    assert "not one of this patient" in text(look(client, patient, "pin", on="soon", visit=str(patient.uuid)))
