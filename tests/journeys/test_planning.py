"""A coordinator plans in Chromium: time line, what a death would change, done and undone, a view saved, a checklist.

Leaves a picture of every page in screenshots/journey at 1366 and 390 px; `make shots` renews those of the README.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser

from capture.models import Patient, PatientEvent, SavedView, Timepoint
from sites.clock import local_day
from tests import pictures
from tests import world as cast
from tests.answering import submit
from tests.journeys.people import Person
from tests.world import LIVE, World, visit_on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAY = 420  # after the infusion: the first year is behind, three programs go on for fourteen


@pytest.fixture
def world(transactional_db: None) -> World:
    """Three programs; NRT-0002 is at day 420, day 100 and month 6 were reported late, year 1 is open."""
    world = cast.car_world()
    today = local_day(timezone.now(), world.north.time_zone)
    patient = cast.patient(world, "NRT-0002", *LIVE, infused=today - timedelta(days=DAY), actor=cast.SETUP, today=today)
    for code in ("D100", "ENR", "BASE", "DAY0") if pictures.WANTED else ("D100",):
        submit(visit_on(patient, code), cast.SETUP, today=today)
    return world


@pytest.fixture
def alice(world: World, live_server: Any, browser: Browser) -> Iterator[Person]:
    person = Person(browser, live_server.url, "alice")
    yield person
    person.is_content()
    person.page.context.close()


def test_a_coordinator_plans(alice: Person) -> None:
    patient = Patient.objects.get(pseudonym="NRT-0002")
    owed_before = owed(patient)
    the_time_line_leads_to_each_visit(alice, patient)
    a_death_is_looked_at_and_left(alice, patient)
    assert not PatientEvent.objects.exists()
    then_it_is_recorded_and_undone(alice, patient)
    assert owed(patient) == owed_before
    a_view_of_the_worklist_is_saved(alice)
    a_checklist_is_printed(alice, patient)


def owed(patient: Patient) -> list[tuple[str, date, date]]:
    """What the patient owes: each open report with its visit's day and its due day."""
    points = Timepoint.objects.filter(enrollment__treatment__patient=patient, state="planned")
    return sorted((str(p), p.visit.planned_on, p.due_on) for p in points.select_related("visit") if p.visit)


def the_time_line_leads_to_each_visit(alice: Person, patient: Patient) -> None:
    alice.go(f"/patients/{patient.uuid}/")
    alice.look("31-time-line", keep=True)
    mark = alice.page.locator(".timeline-wide a.mark-overdue").first
    mark.focus()  # by keyboard
    alice.page.keyboard.press("Enter")
    alice.reads("Checklist to print")
    alice.go(f"/patients/{patient.uuid}/?months=12")
    alice.reads("The next 12 months")
    if pictures.WANTED:
        alice.look("32-next-12-months")


def a_death_is_looked_at_and_left(alice: Person, patient: Patient) -> None:
    alice.go(f"/patients/{patient.uuid}/")
    _tell(alice)
    alice.look("33-what-would-change", keep=True)
    alice.page.get_by_role("link", name="Leave it as it is").click()
    alice.reads("Nothing recorded.")


def then_it_is_recorded_and_undone(alice: Person, patient: Patient) -> None:
    _tell(alice)
    alice.press("Record and re-plan")
    alice.reads("is recorded.")
    alice.reads("Reports without a visit")
    alice.page.get_by_label("Why undo").fill("another patient's letter")
    alice.press("Undo")
    alice.reads("reports open")
    alice.press("Undo and re-plan")
    alice.reads("is undone.")
    assert PatientEvent.objects.count() == 2


def _tell(alice: Person) -> None:
    """Fill in the form of an event and ask what would change."""
    alice.page.get_by_text("Record an event").click()
    alice.page.get_by_label("What happened").select_option("death")
    alice.page.get_by_label("Effective on").fill((timezone.now().date() - timedelta(days=5)).isoformat())
    alice.page.get_by_label("Reason or source").fill("letter of the family")
    alice.press("See what would change")
    alice.reads("Nothing is saved yet")


def a_view_of_the_worklist_is_saved(alice: Person) -> None:
    alice.go("/worklist/north/?bucket=overdue&group=patient")
    alice.page.get_by_text("Save this view").click()
    alice.page.get_by_label("Save what is shown as").fill("Late, by patient")
    alice.press("Save")
    alice.reads("Its address stays the same.")
    assert SavedView.objects.get().query == "bucket=overdue&group=patient"
    alice.page.locator("a[data-row]").first.focus()
    alice.page.keyboard.press("ArrowDown")
    assert alice.page.evaluate("[...document.querySelectorAll('a[data-row]')].indexOf(document.activeElement)") == 1
    alice.look("34-worklist-view", keep=True)


def a_checklist_is_printed(alice: Person, patient: Patient) -> None:
    visit = visit_on(patient, "M6")
    alice.go(f"/visits/{visit.uuid}/")
    alice.page.get_by_role("link", name="Checklist to print").click()
    alice.reads("Known already, not asked")
    alice.look("35-checklist")
