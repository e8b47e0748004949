"""A person arranges a visit on its page: split, join, seen elsewhere, a contact, release; each is looked at first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.db.models import Count
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from capture.enter import pinning
from capture.models import Patient, PlanPin, Visit
from tests import kept
from tests.capture.pages.at_north import person
from tests.capture.pages.confirming import confirm, look, text
from tests.capture.plan import rows
from tests.capture.plan.rows import AT, CART, TODAY

pytestmark = pytest.mark.django_db


def day_175() -> None:
    """One patient of three programs: month 6 is open."""
    rows.live(*CART)
    rows.patient(*CART, infused=TODAY - timedelta(days=175))


@pytest.fixture
def al(db: None) -> Iterator[Client]:
    with time_machine.travel(AT.now, tick=False):
        kept.once(day_175)
        yield person("al")


def patient() -> Patient:
    return Patient.objects.get()


def month6(program: str = CART[0]) -> Visit:
    return rows.visit_of(patient(), "M6", program)


def arrange(client: Client, act: str, **form: object) -> HttpResponse:
    """Fill in the form, look, confirm."""
    preview = look(client, patient(), act, **form)  # type: ignore[arg-type]
    assert preview.status_code == 200, re.findall(r'role="alert">.*?</div>', text(preview), re.S)
    assert "Nothing is saved yet" in text(preview)
    return confirm(client, patient(), preview)


def page(client: Client, visit: Visit) -> tuple[int, str]:
    with CaptureQueriesContext(connection) as taken:
        source = client.get(f"/visits/{visit.uuid}/arrange/").content.decode()
    return len(taken), source


def test_the_page_offers_what_is_possible(al: Client) -> None:
    taken, source = page(al, month6())
    alone = Visit.objects.filter(kind="followup").annotate(n=Count("timepoints")).filter(n=1)[0]
    assert page(al, alone)[0] == taken
    assert source.count('name="reports"') == 3
    assert re.search(r"Choose a day from 20\d\d-\d\d-\d\d to", source)
    assert taken <= 16
    baseline = Visit.objects.filter(kind="baseline")[0]
    assert al.get(f"/visits/{baseline.uuid}/arrange/").status_code == 302


def test_a_visit_is_split_and_joined_again(al: Client) -> None:
    visit = month6()
    report = visit.timepoints.get(enrollment__program__code=CART[1])
    day = str(report.window_end)
    arrange(al, "split", visit=str(visit.uuid), reports=[str(report.uuid)], on=day)
    apart = month6(CART[1])
    assert (apart != visit, str(apart.planned_on)) == (True, day)
    source = page(al, visit)[1]
    assert f'name="other" value="{apart.uuid}"' in source
    arrange(al, "join", visit=str(visit.uuid), other=str(apart.uuid))
    assert month6(CART[1]) == visit


def test_seen_elsewhere_is_kept_with_its_place_and_released(al: Client) -> None:
    visit = month6()
    day = TODAY - timedelta(days=1)
    answer = arrange(al, "elsewhere", visit=str(visit.uuid), on=str(day), place="County hospital")
    assert "Seen elsewhere" in text(answer)
    assert "County hospital" in text(answer)
    assert month6().planned_on == day
    arrange(al, "unpin", visit=str(visit.uuid))
    assert pinning.standing(month6()) is None


def test_an_unscheduled_contact_counts_for_the_open_windows(al: Client) -> None:
    arrange(al, "contact", on=str(TODAY - timedelta(days=2)), place="raised liver values")
    pin = PlanPin.objects.latest("pk")
    assert (pin.kind, pin.place, pin.visit) == ("contact", "raised liver values", month6())


def test_what_does_not_fit_is_refused_in_words(al: Client) -> None:
    visit = str(month6().uuid)
    cases = [
        ("split", {"visit": visit, "on": str(TODAY)}, "Choose the reports"),
        ("join", {"visit": visit, "other": visit}, "Choose two different visits"),
        ("elsewhere", {"visit": visit, "on": str(TODAY), "place": " "}, "Say where"),
        ("pin", {"visit": visit, "on": "2040-01-01"}, "outside the window"),
        ("contact", {"on": "", "place": "x"}, "Give the day of the contact"),
        ("dance", {}, "Choose what to change"),
    ]
    for act, form, words in cases:
        answer = look(al, patient(), act, **form)
        assert answer.status_code == 422
        assert words in text(answer)
    assert not PlanPin.objects.exists()
