"""The patient page records every kind of event with what it needs, and the plan follows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from capture.models import Patient, PatientEvent, Timepoint, Treatment, Visit
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db
DAY = TODAY - timedelta(days=10)


@pytest.fixture
def patient(car_world: World) -> Patient:
    return Patient.objects.get()


@pytest.fixture
def alice(car_world: World) -> Client:
    client = Client()
    client.force_login(car_world.alice, "django.contrib.auth.backends.ModelBackend")
    return client


def record(client: Client, patient: Patient, kind: str, on: date = DAY, **more: str) -> HttpResponse:
    """Post the form as the page does and come to where it leads."""
    form = {"kind": kind, "effective_on": on.isoformat(), "reason": "letter", **more}
    return client.post(reverse("patient_event", args=[patient.uuid]), form, follow=True)  # type: ignore[return-value]


def test_the_form_offers_every_kind_with_its_fields(alice: Client, patient: Patient) -> None:
    page = alice.get(reverse("patient", args=[patient.uuid])).content.decode()
    offered = {kind for kind in PatientEvent.Kind.values if f'<option value="{kind}">' in page}
    assert offered == set(PatientEvent.Kind.values) - {"undo"}
    assert '<option value="south">South Clinic</option>' in page
    assert 'name="product"' in page


def test_a_transfer_moves_the_open_visits_and_the_patient_leaves_the_page(alice: Client, patient: Patient) -> None:
    answer = record(alice, patient, "transfer", site="south")
    assert answer.status_code == 200
    assert "is at another site now" in answer.content.decode()
    assert PatientEvent.objects.get().details == {"site": "south", "from": "north"}
    later = Visit.objects.filter(kind="followup", planned_on__gt=TODAY)
    assert {v.site.code for v in later} == {"south"}


def test_a_transfer_without_a_site_says_what_to_do(alice: Client, patient: Patient) -> None:
    assert "Name the site the patient goes to." in record(alice, patient, "transfer").content.decode()
    assert not PatientEvent.objects.exists()


def test_a_closed_program_owes_nothing_more(alice: Client, patient: Patient) -> None:
    assert "Name the program that closed." in record(alice, patient, "program_closed").content.decode()
    record(alice, patient, "program_closed", program="car_registry_eu")
    mine = Timepoint.objects.filter(enrollment__program__code="car_registry_eu", window_start__gt=TODAY)
    assert {t.state for t in mine} == {"closed"}
    others = Timepoint.objects.filter(enrollment__program__code="car_registry_na", window_start__gt=TODAY)
    assert "planned" in {t.state for t in others}


def test_a_new_infusion_is_a_treatment_with_its_event_and_the_plan_changes(alice: Client, patient: Patient) -> None:
    before = sorted(Timepoint.objects.values_list("uuid", "state"))
    assert "Name the product that was given." in record(alice, patient, "new_infusion").content.decode()
    assert Treatment.objects.count() == 1
    record(alice, patient, "new_infusion", product="tisa-cel")
    assert list(Treatment.objects.values_list("infusion_date", "product"))[1] == (DAY, "tisa-cel")
    event = PatientEvent.objects.get()
    assert (event.kind, event.effective_on) == ("new_infusion", DAY)
    assert sorted(Timepoint.objects.values_list("uuid", "state")) != before


def test_an_event_without_a_reason_is_not_written(alice: Client, patient: Patient) -> None:
    assert "Say why" in record(alice, patient, "new_infusion", product="tisa-cel", reason=" ").content.decode()
    assert Treatment.objects.count() == 1
