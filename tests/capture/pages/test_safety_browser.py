"""In Chromium: from an open form to a malignancy that is saved at once and back; then it is taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser

from capture.models import Draft, Patient, SafetyRecord, Visit
from tests import world as cast
from tests.journeys.people import Person
from tests.world import TODAY, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> World:
    return cast.car_world()


def test_a_malignancy_is_saved_beside_an_open_form_and_taken_back(
    django_db_setup: None, world: World, live_server: Any, browser: Browser
) -> None:
    patient = Patient.objects.get()
    visit = cast.visit_on(patient, "D100")
    alice = Person(browser, live_server.url, "alice")
    alice.go(f"/visits/{visit.uuid}/")
    alice.page.locator('input[name^="a.igg~"]').fill("5.1")
    alice.press("Report a safety event now")
    alice.reads("Your draft of the visit")
    alice.page.get_by_role("link", name="New malignancy").click()
    alice.page.get_by_label("Date of the new malignancy").or_(
        alice.page.locator('input[name="v.new-malignancy-date"]')
    ).first.fill(str(TODAY - timedelta(days=9)))
    alice.page.get_by_label("T-cell lymphoma or leukemia").check()
    alice.look("safety-form")
    alice.press("Save now")
    alice.reads("New malignancy saved.")
    alice.reads("Already entered, not to be typed again")
    assert alice.page.locator('input[name^="a.igg~"]').input_value() == "5.1"
    assert Draft.objects.get().visit == visit
    alice.look("safety-back-at-the-form")
    alice.go(f"/patients/{patient.uuid}/safety/")
    alice.look("safety-records")
    alice.page.get_by_text("Entered in error?").first.click()
    alice.page.get_by_placeholder("Not serious, wrong patient, duplicate").fill("duplicate")
    alice.press("Take it back")
    alice.reads("Marked as entered in error.")
    alice.look("safety-taken-back")
    alice.go(f"/visits/{Visit.objects.get(kind='triggered').uuid}/")
    alice.look("safety-closed-visit")
    alice.is_content()
    assert SafetyRecord.objects.count() == 1
