"""Steps 6, 8 and 9: deliveries, a correction, burden pages, the API."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from capture.enter.demo_answers import FIXED
from capture.models import Delivery
from sites.clock import local_day
from sites.trail import Actor
from tests.answering import submit
from tests.journeys.journey import Journey
from tests.journeys.stage import SPONSOR
from tests.world import PASSWORD, visit_on


def each_program_gets_its_part_in_its_own_terms(journey: Journey) -> None:
    alice = journey.alice
    alice.go("/deliveries/")
    alice.look("21-deliveries")
    file = _delivery("car_pass_sponsor", "M6")
    alice.go(f"/deliveries/{file.uuid}/")
    alice.reads("The program's own number of this person is not known here.")
    the_first_forms_are_reported(journey)
    call_command("deliver_pending", verbosity=0)  # what the worker's sweep does; its clock is still at day 100
    assert _delivery("car_pass_sponsor", "M6").state == "exported"
    alice.go(f"/deliveries/{_delivery('car_pass_sponsor', 'M6').uuid}/")
    alice.look("22-delivery")
    with alice.page.expect_download() as download:
        alice.page.get_by_role("link", name="Import file (REDCap CSV)").click()
    head, *rows = download.value.path().read_text(encoding="utf-8").splitlines()
    assert head.split(",")[:2] == ["subjid", "redcap_event_name"]
    assert {"survstat", "safety_complete"} <= set(head.split(","))
    assert len(rows) >= 1
    copied = _delivery("car_registry_na", "M6")
    alice.go(f"/deliveries/{copied.uuid}/copy/")
    alice.look("23-copy-helper", keep=True)
    alice.page.keyboard.press("Enter")
    alice.page.locator("#copied", has_text="Copied").wait_for(state="attached")
    alice.page.keyboard.press("Space")
    alice.press("All copied")
    alice.reads("Marked as copied")
    alice.page.get_by_label("What you saw in the program's system").fill("all values stand in the portal")
    alice.press("Confirm in my name")
    alice.page.wait_for_selector(".messages .notice-success")
    assert _delivery("car_registry_na", "M6").state == "confirmed"


def the_first_forms_are_reported(journey: Journey) -> None:
    """Late, and in one go: they hold each program's own number of the person, without which nothing may leave."""
    world, today = journey.stage.world, local_day(timezone.now(), journey.stage.world.north.time_zone)
    actor = Actor("alice", "coordinator", user_id=world.alice.pk)
    for code in ("ENR", "BASE", "DAY0"):
        submit(visit_on(journey.stage.patient, code), actor, FIXED, today=today)


def _delivery(program: str, entry: str) -> Delivery:
    rows = Delivery.objects.filter(timepoint__enrollment__program__code=program, timepoint__entry_code=entry)
    return rows.latest("revision")


def a_correction_asks_for_a_reason(journey: Journey) -> None:
    alice, visit = journey.alice, visit_on(journey.stage.patient, "M6")
    before = _delivery("car_registry_na", "M6").revision
    alice.go(f"/visits/{visit.uuid}/")
    row = alice.page.get_by_role("row").filter(has_text="CD19+ B cells").first
    row.get_by_role("link", name="Correct").click()
    alice.page.get_by_label("New value").fill("3")
    alice.page.get_by_label("Reason for the change").fill("digits were swapped in the letter")
    alice.look("24-correction")
    alice.press("Correct")
    alice.page.wait_for_selector(".messages .notice-success")
    assert _delivery("car_registry_na", "M6").revision == before + 1
    alice.go(f"/deliveries/{_delivery('car_registry_na', 'M6').uuid}/copy/")
    assert alice.page.locator(".is-changed").all_inner_texts() != []
    alice.reads("was 2")
    alice.look("25-changed-since-copied")


def the_burden_page_shows_what_it_cost(journey: Journey) -> None:
    bob, dana, sam = journey.bob, journey.dana, journey.sam
    bob.go("/burden/sites/north/")
    bob.look("26-burden-of-the-site", keep=True)
    dana.go("/burden/")
    dana.look("27-burden-of-the-network")
    sam.go(f"/burden/programs/{SPONSOR}/")
    sam.look("28-burden-of-the-program")


def the_api_lists_the_deliveries(journey: Journey) -> None:
    body = json.dumps({"username": "sam", "password": PASSWORD}).encode()
    token = _call(f"{journey.base}/api/v1/tokens/", body)["token"]
    found = _call(f"{journey.base}/api/v1/deliveries/", token=token)
    assert {row["program"] for row in found["results"]} == {SPONSOR}
    journey.sam.page.goto(f"{journey.base}/api/v1/docs/")
    journey.sam.page.wait_for_selector(".swagger-ui .opblock")


def _call(url: str, body: bytes | None = None, token: str = "") -> Any:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Token {token}"} if token else {})}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=20) as answer:
        return json.load(answer)
