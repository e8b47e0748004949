"""The pages of opening balances: template, preview, load all or none; one patient's page; a fixed number of queries."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from capture.enter import balance_table
from capture.models import Enrollment, OpeningBalance, Patient, Response
from tests.capture.enter.test_balance_file import filled
from tests.capture.enter.test_opening_balance import INFUSED, late
from tests.world import World

pytestmark = pytest.mark.django_db
__all__ = ["late"]
SITE = "/opening-balance/north/"


@pytest.fixture
def alice(car_world: World) -> Client:
    client = Client()
    client.force_login(car_world.alice, "django.contrib.auth.backends.ModelBackend")
    return client


def upload(client: Client, rows: list[dict[str, str]]) -> Any:
    file = SimpleUploadedFile("balance.csv", balance_table.write_csv(rows), "text/csv")
    return client.post(SITE, {"file": file})


def test_a_table_is_looked_at_and_then_loaded(car_world: World, late: Patient, alice: Client) -> None:
    page = upload(alice, filled(car_world)).content.decode()
    assert "M6 of 2024-12-04" in page
    assert OpeningBalance.objects.count() == 0
    read = re.search(r'name="read" value="([^"]+)"', page)
    assert read
    done = alice.post(SITE, {"read": read[1], "reason": "the registry's list"}, follow=True).content.decode()
    assert "Loaded: 1 of 1 patients have news." in done
    assert OpeningBalance.objects.get().reason == "the registry's list"
    again = upload(alice, filled(car_world)).content.decode()
    assert "1 of" not in again


def test_wrong_rows_are_listed_and_nothing_can_be_loaded(car_world: World, late: Patient, alice: Client) -> None:
    answer = upload(alice, filled(car_world, last_report="M99"))
    page = answer.content.decode()
    assert (answer.status_code, "no time point" in page, 'name="read"' in page) == (422, True, False)


def test_a_preview_of_another_site_or_a_forged_one_is_refused(car_world: World, alice: Client) -> None:
    page = alice.post(SITE, {"read": "forged", "reason": "x"})
    assert (page.status_code, "too old or not yours" in page.content.decode()) == (422, True)
    assert "Choose the file first." in alice.post(SITE, {}).content.decode()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_can_be_filled_and_handed_in(car_world: World, late: Patient, alice: Client, kind: str) -> None:
    answer = alice.get(f"{SITE}template.{kind}")
    rows, wrong = balance_table.read(answer.content)
    assert (rows, wrong, answer["Content-Disposition"].endswith(f'.{kind}"')) == ([], [], True)
    assert alice.get(f"{SITE}template.pdf").status_code == 404


def test_the_page_of_a_patient_says_what_is_missing_and_keeps_it(
    car_world: World, late: Patient, alice: Client
) -> None:
    url, patient_url = f"/patients/{late.uuid}/balance/", f"/patients/{late.uuid}/"
    assert "opening balance missing" in alice.get(patient_url).content.decode().casefold()
    assert "are held" in alice.get(url).content.decode()
    enrolment = Enrollment.objects.get(treatment__patient=late)
    data = {"enrolment": str(enrolment.uuid), "last_report": "M6", "as_of": str(INFUSED), "reason": "old system"}
    assert "Kept as reported elsewhere." in alice.post(url, data, follow=True).content.decode()
    assert "opening balance missing" not in alice.get(patient_url).content.decode().casefold()
    refused = alice.post(url, {**data, "last_report": "Y1", "as_of": ""})
    assert (refused.status_code, "or neither" in refused.content.decode()) == (422, True)


def test_an_answer_that_never_changes_is_kept_as_reported_elsewhere(late: Patient, alice: Client) -> None:
    url = f"/patients/{late.uuid}/balance/"
    data = {"act": "answer", "field": "sex-at-birth", "value": "female", "as_of": "2024-12-04"}
    alice.post(url, data)
    assert Response.objects.get(element="sex-at-birth").source == "reported elsewhere"
    assert "choose from the list" in alice.post(url, {**data, "value": "blue"}).content.decode()
    assert "given otherwise already" in alice.post(url, {**data, "value": "male"}).content.decode()


def test_the_pages_take_a_fixed_number_of_queries(car_world: World, late: Patient, alice: Client) -> None:
    counts = []
    for url in (SITE, f"/patients/{late.uuid}/balance/", f"/patients/{Patient.objects.first().uuid}/balance/"):  # type: ignore[union-attr]
        with CaptureQueriesContext(connection) as queries:
            alice.get(url)
        counts.append(len(queries))
    assert counts[0] <= 10
    assert counts[1] == counts[2] <= 20  # one program and three
