"""The patient page shows what an act would change, leaves nothing until it is confirmed, then does just that."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from capture.models import Patient, PatientEvent, Timepoint, Treatment, Visit
from tests.capture.pages.confirming import confirm, look, text
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
    """Fill the form, look, confirm; where it is refused, the page that says so."""
    preview = look(client, patient, "event", kind=kind, effective_on=on.isoformat(), **more)
    return confirm(client, patient, preview) if preview.status_code == 200 else preview


def test_the_form_offers_every_kind_with_its_fields(alice: Client, patient: Patient) -> None:
    page = text(alice.get(reverse("patient", args=[patient.uuid])))  # type: ignore[arg-type]
    offered = {kind for kind in PatientEvent.Kind.values if f'<option value="{kind}">' in page}
    assert offered == set(PatientEvent.Kind.values) - {"undo"}
    assert '<option value="south">South Clinic</option>' in page
    assert 'name="product"' in page


def test_a_preview_names_reports_and_visits_and_leaves_nothing(alice: Client, patient: Patient) -> None:
    before = sorted(Timepoint.objects.values_list())
    preview = text(look(alice, patient, "event", kind="death", effective_on=DAY.isoformat()))
    assert "Nothing is saved yet" in preview
    assert re.search(r"<strong>\d\d</strong> reports close", preview)
    assert re.search(r"<strong>\d\d</strong> reminders stop", preview)
    assert not PatientEvent.objects.exists()
    assert sorted(Timepoint.objects.values_list()) == before


def test_a_transfer_moves_the_open_visits_and_the_patient_leaves_the_page(alice: Client, patient: Patient) -> None:
    answer = record(alice, patient, "transfer", site="south")
    assert answer.status_code == 200
    assert "is at another site now" in text(answer)
    assert PatientEvent.objects.get().details == {"site": "south", "from": "north"}
    later = Visit.objects.filter(kind="followup", planned_on__gt=TODAY)
    assert {v.site.code for v in later} == {"south"}


def test_what_is_refused_is_said_and_what_was_typed_stays(alice: Client, patient: Patient) -> None:
    answer = record(alice, patient, "transfer")
    assert answer.status_code == 422
    assert "Name the site the patient goes to." in text(answer)
    assert '<option value="transfer" selected>' in text(answer)
    assert f'value="{DAY}"' in text(answer)
    assert "Say why" in text(record(alice, patient, "new_infusion", product="tisa-cel", reason=" "))
    assert not PatientEvent.objects.exists()


def test_a_closed_program_owes_nothing_more(alice: Client, patient: Patient) -> None:
    assert "Name the program that closed." in text(record(alice, patient, "program_closed"))
    record(alice, patient, "program_closed", program="car_registry_eu")
    mine = Timepoint.objects.filter(enrollment__program__code="car_registry_eu", window_start__gt=TODAY)
    assert {t.state for t in mine} == {"closed"}
    others = Timepoint.objects.filter(enrollment__program__code="car_registry_na", window_start__gt=TODAY)
    assert "planned" in {t.state for t in others}


def test_a_new_infusion_is_a_treatment_with_its_event_and_the_plan_changes(alice: Client, patient: Patient) -> None:
    before = sorted(Timepoint.objects.values_list("uuid", "state"))
    assert "Name the product that was given." in text(record(alice, patient, "new_infusion"))
    record(alice, patient, "new_infusion", product="tisa-cel")
    assert list(Treatment.objects.values_list("infusion_date", "product"))[1] == (DAY, "tisa-cel")
    event = PatientEvent.objects.get()
    assert (event.kind, event.effective_on) == ("new_infusion", DAY)
    assert sorted(Timepoint.objects.values_list("uuid", "state")) != before


def test_an_undo_is_looked_at_and_confirmed_too(alice: Client, patient: Patient) -> None:
    scheduled = Timepoint.objects.filter(opened_by="")
    before = sorted(scheduled.values_list("uuid", "state", "window_start", "due_on"))
    record(alice, patient, "death")
    event = PatientEvent.objects.get()
    preview = look(alice, patient, "undo", event=str(event.uuid))
    assert re.search(r"<strong>\d\d</strong> reports open", text(preview))
    confirm(alice, patient, preview)
    assert sorted(scheduled.all().values_list("uuid", "state", "window_start", "due_on")) == before
    opened = Timepoint.objects.exclude(opened_by="").values_list("state", "state_reason")
    assert list(opened) == [("closed", "undone")]  # the sponsor's own death form


def test_what_changed_meanwhile_is_shown_again_before_it_is_recorded(alice: Client, patient: Patient) -> None:
    preview = look(alice, patient, "event", kind="death", effective_on=DAY.isoformat())
    record(alice, patient, "program_closed", program="car_registry_eu")
    again = confirm(alice, patient, preview)
    assert again.status_code == 409
    assert "The plan changed since you looked" in text(again)
    assert not PatientEvent.objects.filter(kind="death").exists()
    assert confirm(alice, patient, again).status_code == 200
    assert PatientEvent.objects.filter(kind="death").exists()
