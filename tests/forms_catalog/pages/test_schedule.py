"""A schedule is entered and mended on a page; each save is a new version of the same dictionary."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from forms_catalog import intake, starter
from forms_catalog.models import DictionaryVersion
from sites.models import TrailEntry
from tests.forms_catalog.pages.looking import look, sign_in
from tests.world import AT, World

pytestmark = pytest.mark.django_db
CODE = "car_pass_sponsor"
URL = f"/requests/{CODE}/schedule/"
ROW = {"code": "D100", "label": "Day 100", "kind": "followup", "target": "day 100", "start": "85", "end": "115"}


@pytest.fixture
def client(world: World) -> Client:
    client = Client()
    client.force_login(world.people["sam"])
    return client


def received(world: World, schedule: bytes | None = None) -> DictionaryVersion:
    return intake.receive(world.programs[CODE], starter.program_csv(CODE), "pass.csv", schedule, actor=AT)


def send(client: Client, *rows: dict[str, Any], **more: Any) -> HttpResponse:
    data = {"seen": "1", "rows": str(len(rows)), "reason": "protocol 3", "act": "save", **more}
    for at, row in enumerate(rows):
        data |= {f"{name}-{at}": value for name, value in ({**ROW, "due": "130", "forms": ["visit"]} | row).items()}
    return client.post(URL, data)  # type: ignore[return-value]


def test_without_a_dictionary_it_leads_to_the_upload(client: Client) -> None:
    assert client.get(URL)["Location"] == reverse("request_upload", args=[CODE])


def test_a_schedule_is_entered_for_a_dictionary_that_came_without_one(world: World, client: Client) -> None:
    first = received(world)
    report = client.get(reverse("request_version", args=[CODE, 1])).content.decode()
    assert URL in report
    assert send(client, {})["Location"] == reverse("request_version", args=[CODE, 2])
    second = DictionaryVersion.objects.get(number=2)
    assert bytes(second.original) == bytes(DictionaryVersion.objects.get(pk=first.pk).original)
    plan = intake.schedule_of(second)
    assert plan is not None
    (entry,) = plan.entries
    assert (entry.code, entry.target_day, entry.window_start_day, entry.forms) == ("D100", 100, 85, ("visit",))
    trail = TrailEntry.objects.get(action="upload", subject=f"dictionary:{second.uuid}")
    assert (trail.actor, trail.reason) == ("sam", "protocol 3")
    assert DictionaryVersion.objects.get(number=1).schedule == {}


def test_the_newest_schedule_is_filled_in_and_the_same_one_saved_is_no_new_version(
    world: World, client: Client
) -> None:
    received(world, starter.schedule_json(CODE))
    rows = client.get(URL).context["lines"]
    shown = [row for row, _ in rows if not row.blank]
    assert [row.code for row in shown] == [e.code for e in starter.schedule(CODE).entries]
    names = ("code", "label", "kind", "target", "start", "end", "due", "forms")
    answer = send(client, *({name: getattr(row, name) for name in names} for row in shown))
    assert answer["Location"] == reverse("request_version", args=[CODE, 1])
    assert DictionaryVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "more", "status", "said"),
    [
        ({"end": "soon"}, {}, 422, "Last day: &#x27;soon&#x27; is no day"),
        ({"start": "200"}, {}, 422, "before it starts"),
        ({"forms": []}, {}, 422, "at least one form"),
        ({}, {"reason": " "}, 422, "Say why"),
        ({}, {"rows": "0"}, 422, "at least one time point"),
        ({"remove": "1"}, {}, 422, "at least one time point"),
        ({}, {"seen": "7"}, 409, "came while you were typing"),
    ],
)
def test_what_cannot_be_saved_is_shown_again_with_what_to_do(
    world: World, client: Client, row: dict[str, Any], more: dict[str, Any], status: int, said: str
) -> None:
    received(world)
    answer = send(client, row, **more)
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert DictionaryVersion.objects.count() == 1


def test_more_rows_keep_what_was_typed_and_judge_nothing(world: World, client: Client) -> None:
    received(world)
    answer = send(client, {"end": "soon"}, act="more", reason="")
    assert answer.status_code == 200
    lines = answer.context["lines"]  # type: ignore[attr-defined]
    assert (lines[0][0].end, lines[0][0].problems, len(lines)) == ("soon", (), 10)


def test_a_form_that_the_dictionary_lacks_stays_ticked_and_is_marked(world: World, client: Client) -> None:
    received(world, starter.schedule_json("car_registry_na"))
    page = client.get(URL).content.decode()
    assert 'value="ct_followup" checked' in page
    assert "not in the dictionary" in page


def test_many_rows_take_no_more_queries(world: World, client: Client, django_assert_max_num_queries: Any) -> None:
    received(world, starter.schedule_json(CODE))
    client.get(URL)
    with django_assert_max_num_queries(9):
        client.get(URL)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_fits_both_widths_and_is_accessible(quiet_page: Page, live_server: Any, world: World) -> None:
    received(world, starter.schedule_json(CODE))
    sign_in(quiet_page, live_server.url, "sam")
    quiet_page.goto(live_server.url + URL)
    look(quiet_page, "schedule")
    quiet_page.get_by_label("From day, M6").fill("400")
    quiet_page.get_by_label("Why it changes").fill("protocol 3")
    quiet_page.get_by_role("button", name="Save the schedule").click()
    quiet_page.wait_for_selector(".notes .field-error")
    quiet_page.problems.clear()  # type: ignore[attr-defined]
    look(quiet_page, "schedule-wrong")
