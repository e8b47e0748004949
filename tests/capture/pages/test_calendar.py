"""A calendar of due days: numbers, no patient, stable entries that say when they changed, a secret that is revoked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from capture.models import CalendarFeed, Patient
from sites.models import Membership, TrailEntry
from tests.capture.pages.at_north import coordinator, patients
from tests.capture.pages.parsing_ics import parse
from tests.capture.plan.rows import AT, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def al(db: None) -> Iterator[Client]:
    with coordinator() as client:
        yield client


def made(client: Client, query: str = "") -> str:
    """The path of a new address, as the page shows it."""
    page = client.post("/calendar/make/", {"site": "north", "query": query}).content.decode()
    found = re.search(r'value="http://testserver(/calendar/[\w-]+\.ics)"', page)
    assert found
    return found[1]


def events(path: str) -> list[dict[str, str]]:
    """What a calendar program reads, without signing in."""
    answer = Client().get(path)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return parse(answer.content.decode())[1]


def test_it_says_how_many_visits_are_due_where_and_when_and_nothing_of_a_patient(al: Client) -> None:
    path = made(al)
    found = {e["DTSTART"]: e["SUMMARY"] for e in events(path)}
    assert found["20260323"] == "9 visits due, North"  # three baselines of three patients, 30 days after the infusion
    source = Client().get(path).content.decode().replace("\r\n ", "")
    assert not any(str(x) in source for p in Patient.objects.all() for x in (p.pseudonym, p.uuid))
    link = next(e["URL"] for e in events(path) if e["DTSTART"] == "20260323")
    assert len(re.findall("<a data-row", al.get(link).content.decode())) == 9


def test_an_entry_keeps_its_uid_and_counts_its_changes(al: Client) -> None:
    path = made(al)
    first = {e["UID"]: e for e in events(path)}
    assert {e["SEQUENCE"] for e in first.values()} == {"0"}
    with CaptureQueriesContext(connection) as taken:
        assert {e["UID"]: e for e in events(path)} == first
    assert not [q for q in taken if q["sql"].startswith(("UPDATE", "INSERT"))]
    with time_machine.travel(AT.now + timedelta(hours=1), tick=False):
        patients(1, first=9)
        again = {e["UID"]: e for e in events(path)}
    assert set(again) == set(first)
    assert {e["SEQUENCE"] for e in again.values()} == {"1"}
    assert {e["DTSTAMP"] for e in again.values()} == {"20260601T130000Z"}


def test_a_view_has_its_own_calendar(al: Client) -> None:
    every, late = events(made(al)), events(made(al, "bucket=overdue"))
    assert 0 < len(late) < len(every)


def test_a_revoked_unknown_or_orphaned_address_is_not_there(al: Client) -> None:
    path = made(al)
    assert Client().get("/calendar/nothing.ics").status_code == 404
    Membership.objects.update(valid_to=TODAY - timedelta(days=2))
    assert Client().get(path).status_code == 404
    Membership.objects.update(valid_to=None)
    assert Client().get(path).status_code == 200
    al.post(f"/calendar/{CalendarFeed.objects.get().uuid}/revoke/")
    assert Client().get(path).status_code == 404
    told = TrailEntry.objects.filter(subject__startswith="calendar:").values_list("action", flat=True)
    assert set(told) == {"make_calendar", "revoke_calendar"}


def test_only_the_hash_of_the_secret_is_kept_and_it_is_shown_once(al: Client) -> None:
    secret = made(al).removeprefix("/calendar/").removesuffix(".ics")
    assert len(secret) >= 43
    assert secret not in str(CalendarFeed.objects.values().get()) + str(list(TrailEntry.objects.values()))
    assert secret not in al.get("/calendar/").content.decode()


def test_few_and_many_due_visits_take_the_same_queries(al: Client) -> None:
    path = made(al)

    def queries() -> int:
        events(path)  # what changed is written once
        with CaptureQueriesContext(connection) as taken:
            events(path)
        return len(taken)

    few = queries()
    patients(3, first=20)
    assert queries() == few <= 8
