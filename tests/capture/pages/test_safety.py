"""The safety page through HTTP: saved at once from the patient or an open form; refusals keep what was typed."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from capture.models import Draft, Occurrence, Patient, SafetyRecord, Timepoint, Visit
from tests.world import World, visit_on

pytestmark = pytest.mark.django_db
SAID = {"v.new-malignancy-date": "2026-05-20", "v.new-malignancy-type": "t-cell"}
AWARE = {"aware_on": "2026-05-31", "aware_time": "00:30"}


@pytest.fixture
def patient(car_world: World) -> Patient:
    return Patient.objects.get()


@pytest.fixture
def alice(car_world: World) -> Client:
    client = Client()
    client.force_login(car_world.alice, "django.contrib.auth.backends.ModelBackend")
    return client


def save(client: Client, patient: Patient, **more: str) -> Any:
    data = {"client_uuid": str(uuid4()), "kind": "malignancy", **AWARE, **SAID, **more}
    return client.post(f"/patients/{patient.uuid}/safety/save/", data, follow=True)


def test_it_is_saved_at_once_and_says_to_whom_it_is_due(alice: Client, patient: Patient) -> None:
    page = save(alice, patient).content.decode()
    assert "New malignancy saved. Due: Sponsor safety study of a CAR-T product by 2026-06-01;" in page
    assert "T-cell lymphoma or leukemia" in page
    assert SafetyRecord.objects.get().aware_at.isoformat() == "2026-05-30T22:30:00+00:00"


def test_from_an_open_form_the_draft_is_kept_and_the_form_says_what_is_there(alice: Client, patient: Patient) -> None:
    visit = visit_on(patient, "D100")
    form = alice.get(f"/visits/{visit.uuid}/").context
    data = {"version": form["visit_version"], "sequence": 0, "release": form["release"], "then": "safety"}
    there = alice.post(f"/visits/{visit.uuid}/draft/", data)
    assert there["Location"] == f"/patients/{patient.uuid}/safety/?visit={visit.uuid}"
    assert Draft.objects.filter(visit=visit).exists()
    page = save(alice, patient, visit=str(visit.uuid))
    assert page.redirect_chain[-1][0] == f"/visits/{visit.uuid}/"
    assert "Already entered, not to be typed again: of 2026-05-20." in page.content.decode()
    assert SafetyRecord.objects.get().visit == visit


def test_what_is_refused_is_said_at_its_field_and_stays_typed(alice: Client, patient: Patient) -> None:
    answer = save(alice, patient, **{"v.new-malignancy-date": "2020-01-01"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "before the infusion" in page
    assert 'value="2020-01-01"' in page
    assert save(alice, patient, aware_time="").status_code == 422
    assert SafetyRecord.objects.count() == 0


def test_a_record_is_taken_back_and_stands_again_with_a_reason(alice: Client, patient: Patient) -> None:
    save(alice, patient)
    data = {"record": str(Occurrence.objects.get().uuid), "act": "cancel"}
    url = f"/patients/{patient.uuid}/safety/mark/"
    assert "needs a reason" in alice.post(url, data, follow=True).content.decode()
    page = alice.post(url, {**data, "reason": "duplicate"}, follow=True).content.decode()
    assert "entered in error" in page
    assert "duplicate" in page
    assert set(Timepoint.objects.filter(kind="triggered").values_list("state", flat=True)) == {"closed"}
    alice.post(url, {**data, "act": "reset", "reason": "it is not"}, follow=True)
    assert set(Timepoint.objects.filter(kind="triggered").values_list("state", flat=True)) == {"planned"}


def test_a_death_is_taken_back_by_undoing_it(alice: Client, patient: Patient) -> None:
    save(alice, patient, kind="death", **{"v.death-date": "2026-05-30"} | dict.fromkeys(SAID, ""))
    record = SafetyRecord.objects.get()
    assert record.event
    data = {"record": str(record.event.uuid), "act": "cancel", "reason": "another person"}
    page = alice.post(f"/patients/{patient.uuid}/safety/mark/", data, follow=True).content.decode()
    assert "another person" in page
    assert set(Timepoint.objects.filter(kind="triggered").values_list("state", flat=True)) == {"closed"}


def test_another_patients_record_is_refused_in_words(alice: Client, patient: Patient) -> None:
    data = {"record": str(uuid4()), "act": "cancel", "reason": "x"}
    page = alice.post(f"/patients/{patient.uuid}/safety/mark/", data, follow=True).content.decode()
    assert "not one of this patient" in page


def test_1_and_10_records_take_the_same_number_of_queries(alice: Client, patient: Patient) -> None:
    counts = []
    for many in (1, 9):
        for _ in range(many):
            save(alice, patient)
        with CaptureQueriesContext(connection) as queries:
            alice.get(f"/patients/{patient.uuid}/safety/?kind=malignancy")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20
    assert Visit.objects.filter(kind="triggered").count() == 10
