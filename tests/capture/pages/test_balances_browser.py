"""In Chromium: a table with a wrong row, the corrected one loaded, and the page of one patient."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from capture.enter import balance_table, enrolling
from capture.enter.enrolling import ConsentGiven
from capture.models import OpeningBalance, Patient
from tests import world as cast
from tests.capture.enter.test_balance_file import filled
from tests.capture.enter.test_opening_balance import INFUSED
from tests.journeys.people import Person
from tests.world import TODAY, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> World:
    made = cast.car_world()
    patient = enrolling.add_patient(made.north, "NRT-0002", since=INFUSED, actor=cast.AT)
    treatment = enrolling.add_treatment(patient, INFUSED, "axi-cel", actor=cast.AT)
    consents = [ConsentGiven("v1", TODAY)]
    program = made.programs["car_registry_na"]
    enrolling.enrol(treatment, program, enrolled_on=TODAY, consents=consents, actor=cast.AT, today=TODAY)
    return made


def test_a_balance_is_previewed_loaded_and_corrected(
    django_db_setup: None, world: World, live_server: Any, browser: Browser, tmp_path: Path
) -> None:
    alice, file = Person(browser, live_server.url, "alice"), tmp_path / "balance.csv"
    alice.go("/opening-balance/north/")
    alice.look("balance-site")
    file.write_bytes(balance_table.write_csv(filled(world, last_report="M99")))
    alice.page.get_by_label("Filled table").set_input_files(file)
    alice.press("Look at it")
    alice.reads("is no time point")
    alice.look("balance-wrong")
    alice.expect_refusal(422)
    alice.go("/opening-balance/north/")
    file.write_bytes(balance_table.write_csv(filled(world)))
    alice.page.get_by_label("Filled table").set_input_files(file)
    alice.press("Look at it")
    alice.page.get_by_label("Where it comes from").wait_for()
    alice.look("balance-preview")
    alice.page.get_by_label("Where it comes from").fill("the registry's list")
    alice.press("Load it")
    alice.reads("Loaded: 1 of 1")
    patient = Patient.objects.get(pseudonym="NRT-0002")
    alice.go(f"/patients/{patient.uuid}/balance/")
    alice.page.get_by_text("Correct it").first.click()
    alice.look("balance-patient")
    alice.go(f"/patients/{patient.uuid}/")
    alice.look("balance-time-line")
    alice.is_content()
    assert OpeningBalance.objects.count() == 1
