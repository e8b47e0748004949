"""What an element saved, beside the element: counted from frozen sheets, of own sites and own programs only."""

from __future__ import annotations

from collections import Counter

import pytest
from django.urls import reverse

from capture.ask import avoided
from capture.models import Patient, Submission
from tests.answering import submit
from tests.forms_catalog.pages.test_requests import signed_in
from tests.world import World, visit_on

pytestmark = pytest.mark.django_db


def line(program: str, state: str, *elements: str, cost: int = 1200) -> dict[str, object]:
    return {"program": program, "state": state, "elements": list(elements), "centiseconds": cost}


def test_asks_are_counted_by_how_they_ended() -> None:
    sheets = [
        [line("eu", "shown", "ecog"), line("na", "shared", "ecog"), line("na", "known", "sex-at-birth")],
        [line("na", "known", "ecog", "x"), line("secret", "known", "ecog"), line("eu", "confirmed", "ecog")],
    ]
    eu, na = avoided.count(sheets, "ecog", {"eu", "na"})
    assert (eu.program, eu.shown, eu.confirmed, eu.avoided, eu.centiseconds) == ("eu", 1, 1, 0, 0)
    assert (na.program, na.shared, na.known, na.avoided, na.minutes) == ("na", 1, 1, 2, 0.4)
    whole = avoided.total((eu, na))
    assert (whole.shown, whole.confirmed, whole.avoided, whole.centiseconds) == (1, 1, 2, 2400)


def test_the_page_counts_what_the_frozen_sheets_say(car_world: World) -> None:
    patient = Patient.objects.get()
    for code in ("ENR", "D100"):
        submit(visit_on(patient, code), car_world.actor("alice"))
    lines = [x for s in Submission.objects.all() for x in s.sheet["sheet"]["lines"]]
    saved = Counter(e for x in lines if x["state"] in ("shared", "known", "derived") for e in x["elements"])
    element, avoided_asks = saved.most_common(1)[0]
    assert avoided_asks > 1
    url = reverse("element_avoided", args=[element])
    assert f"{avoided_asks} ask" in signed_in(car_world, "cora").get(url).content.decode()
    part = signed_in(car_world, "alice").get(url, headers={"HX-Request": "true"}).content.decode()
    assert f"{avoided_asks} ask" in part
    assert "<html" not in part
    assert "No submitted visit" in signed_in(car_world, "charlie").get(url).content.decode()
    sam = signed_in(car_world, "sam").get(url).content.decode()
    assert car_world.programs["car_registry_eu"].title not in sam
