"""A retired element goes on: what was answered still renders, what is mapped is still asked and delivered."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from capture.accept import accepting
from capture.models import Delivery, Patient, Response
from forms_catalog import governing, publishing, seeding
from forms_catalog.models import Element
from tests.answering import submit
from tests.world import AT, TODAY, World, visit_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def answered(car_world: World) -> Client:
    """A submitted visit; afterwards every element that was answered is retired, and a new release is frozen."""
    submit(visit_on(Patient.objects.get(), "D100"), car_world.actor("alice"))
    for key in set(Response.objects.values_list("element", flat=True)):
        if Element.objects.filter(key=key, state="released").exists():
            governing.retire(key, actor=AT, reason="outdated")
    version = car_world.versions["car_pass_sponsor"]
    made = accepting.estimate(version, [car_world.north], actor=AT, today=TODAY)
    accepting.accept(made, actor=AT, reason="again")
    client = Client()
    client.force_login(car_world.alice)
    return client


def test_the_history_of_an_answer_shows_its_question_and_choice(answered: Client) -> None:
    response = Response.objects.filter(element="ecog", is_current=True).latest("pk")
    page = answered.get(reverse("correct", args=[response.uuid])).content.decode()
    ecog = seeding.elements(["ecog"])["ecog"]
    assert ecog.label in page
    assert next(o.label for o in ecog.options if o.code == response.value) in page


def test_the_visit_and_its_deliveries_still_open(answered: Client) -> None:
    visit = visit_on(Patient.objects.get(), "D100")
    assert (
        seeding.elements(["ecog"])["ecog"].label in answered.get(reverse("visit", args=[visit.uuid])).content.decode()
    )
    for delivery in Delivery.objects.all():
        assert answered.get(reverse("delivery", args=[delivery.uuid])).status_code == 200


def test_an_answer_can_still_be_corrected(answered: Client) -> None:
    response = Response.objects.filter(element="ecog", is_current=True).latest("pk")
    other = "2" if response.value != "2" else "1"
    answered.post(reverse("correct", args=[response.uuid]), {"value": other, "reason": "read wrongly"})
    assert Response.objects.get(replaces=response).value == other


def test_the_new_release_still_holds_and_maps_it(answered: Client) -> None:
    spec = publishing.current_spec()
    assert "ecog" in spec.elements
    asks = [a for p in spec.programs.values() for a in p.asks if a.mapping and a.mapping.sources[0].element == "ecog"]
    assert asks
