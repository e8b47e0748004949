"""The main job in Chromium, step by step, with a real worker and beat: from a sponsor's file to deliveries and burden.

Leaves a picture of every page in screenshots/journey at 1366 and 390 px; `make shots` renews those of the README.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser

from capture.enter.demo_answers import FIXED
from capture.models import Delivery, Digest, Run, Submission, Timepoint, Visit
from forms_catalog.models import Mapping, Proposal
from forms_catalog.starter import CONTENT
from sites.clock import local_day
from sites.trail import Actor
from tests.answering import submit
from tests.infra import AppEnv
from tests.journeys import answering, golden, stage
from tests.journeys.people import SHOTS, Person
from tests.journeys.stage import SPONSOR, Stage
from tests.journeys.story import DAY100, MONTH6
from tests.processes import ServiceProcess, wait_until
from tests.world import PASSWORD, visit_on

pytestmark = [pytest.mark.browser, pytest.mark.worker, pytest.mark.django_db(transaction=True)]


@dataclass
class Journey:
    """The stage, and people who come in when they are first needed."""

    stage: Stage
    browser: Browser
    base: str
    mail: Any
    people: dict[str, Person] = field(default_factory=dict)

    def everybody_leaves(self) -> None:
        """Close all browsers; who comes back signs in again. Fails on any console error or breach of the policy."""
        people, self.people = list(self.people.values()), {}
        for person in people:
            person.page.screenshot(path=SHOTS / f"last-{person.name}.png")  # where it stood when a step failed
        for person in people:
            person.is_content()
            person.page.context.close()

    def __getattr__(self, name: str) -> Person:
        if name not in self.people:
            self.people[name] = Person(self.browser, self.base, name)
        return self.people[name]


@pytest.fixture
def journey(
    app_env: AppEnv,
    celery_worker_process: Callable[..., ServiceProcess],
    celery_beat_process: Callable[[], ServiceProcess],
    live_server: Any,
    browser: Browser,
) -> Iterator[Journey]:
    """Two registries live, one patient at day 100, a worker and a beat at work."""
    begun = Journey(stage.build(), browser, live_server.url, app_env.mail)
    celery_worker_process()
    celery_beat_process()
    yield begun
    begun.everybody_leaves()


def test_the_nine_steps(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    a_sponsor_uploads_a_dictionary_with_its_schedule(journey)
    a_curator_decides_with_reasons(journey)
    the_cost_is_seen_before_the_admin_accepts(journey)
    the_run_plans_53_timepoints_in_19_visits(journey)
    each_coordinator_gets_one_digest(journey)
    a_coordinator_reports_day_100_for_three_programs(journey)
    two_people_never_overwrite_each_other(journey)
    month_6_asks_only_what_may_have_changed(journey, monkeypatch)
    each_program_gets_its_part_in_its_own_terms(journey)
    a_correction_asks_for_a_reason(journey)
    the_burden_page_shows_what_it_cost(journey)
    the_api_lists_the_deliveries(journey)


def a_sponsor_uploads_a_dictionary_with_its_schedule(journey: Journey) -> None:
    sam = journey.sam
    sam.go("/requests/")
    sam.look("01-requests")
    sam.go(f"/requests/{SPONSOR}/upload/")
    sam.page.get_by_label("Data dictionary").set_input_files(CONTENT / "programs" / f"{SPONSOR}.csv")
    sam.page.get_by_label("Follow-up schedule").set_input_files(CONTENT / "schedules" / f"{SPONSOR}.json")
    sam.look("02-upload")
    sam.press("Upload")
    sam.reads("Import report")
    sam.reads("55")
    sam.look("03-import-report", keep=True)


def a_curator_decides_with_reasons(journey: Journey) -> None:
    cora = journey.cora
    cora.go("/mapping/")
    cora.look("04-mapping-list")
    cora.go(f"/mapping/{SPONSOR}/?show=all&field=survstat")
    cora.page.get_by_label("Reason", exact=True).fill("same question, own letters")
    cora.look("05-review", keep=True)
    cora.press("Confirm a")
    cora.page.wait_for_selector(".messages .notice-success")
    cora.go(f"/mapping/{SPONSOR}/?show=all&field=visdt&element=contact-date")
    cora.page.locator("#refusal").fill("a contact closes the registry's period, a visit is a visit")
    cora.press("Not the same n")
    cora.page.wait_for_selector(".messages .notice-success")
    assert Proposal.objects.get(path="visdt", element__key="contact-date").state == "not_same"
    cora.go(f"/mapping/{SPONSOR}/?show=machine")
    boxes = cora.page.locator(".review-table input[type=checkbox]")
    many = min(3, boxes.count())
    for n in range(many):
        boxes.nth(n).check()
    cora.press("Confirm ticked")
    cora.page.get_by_label("One reason for all of them").fill("same words, same answers")
    cora.look("06-many-at-once")
    cora.press("Confirm the ticked fields")
    cora.reads(f"{many} fields confirmed.")
    call_command("load_decisions", SPONSOR, verbosity=0)  # the rest as recorded by a curator, each with its reason
    decided = Mapping.objects.filter(program__code=SPONSOR, state="confirmed")
    assert decided.count() == 55
    assert decided.filter(decided_by="cora").count() == many + 1
    assert not decided.filter(reason="").exists()


def the_cost_is_seen_before_the_admin_accepts(journey: Journey) -> None:
    dana, sam = journey.dana, journey.sam
    dana.go(f"/requests/{SPONSOR}/cost/")
    dana.press("Estimate the cost")
    dana.reads("min a visit")
    dana.look("07-cost", keep=True)
    sam.go(f"/requests/{SPONSOR}/cost/")
    sam.reads("min a visit")
    sam.look("08-cost-for-the-sponsor")
    dana.page.get_by_label("Reason", exact=True).fill("the board agreed on these numbers")
    dana.press("Accept and plan")
    dana.page.wait_for_selector(".messages .notice-success")


def the_run_plans_53_timepoints_in_19_visits(journey: Journey) -> None:
    wait_until(lambda: not Run.objects.exclude(state="done").exists(), 60, "the worker has planned")
    assert Timepoint.objects.filter(kind="followup").count() == 53
    assert Visit.objects.filter(kind="followup").count() == 19
    alice = journey.alice
    alice.go(f"/patients/{journey.stage.patient.uuid}/")
    alice.look("09-patient")


def each_coordinator_gets_one_digest(journey: Journey) -> None:
    wait_until(lambda: Digest.objects.filter(user__username="alice", state="sent").exists(), 60, "the digest is sent")
    wait_until(lambda: Digest.objects.filter(user__username="bea", state="sent").exists(), 60, "the digest is sent")
    assert Digest.objects.filter(user__username="alice").count() == 1
    mine = Digest.objects.get(user__username="alice")
    assert len(list(journey.mail.glob(f"digest-{mine.uuid}*.eml"))) == 1
    journey.alice.go("/reminders/")
    journey.alice.page.locator("main details summary").last.click()
    journey.alice.reads("NRT-0001")
    journey.alice.look("10-reminders")


def a_coordinator_reports_day_100_for_three_programs(journey: Journey) -> None:
    alice, visit = journey.alice, visit_on(journey.stage.patient, "D100")
    alice.go("/worklist/")
    alice.look("11-worklist", keep=True)
    alice.page.get_by_role("link", name="NRT-0001").nth(_row_of(alice, visit)).click()
    alice.reads("116 asks")
    alice.look("12-day-100", keep=True)
    with alice.page.expect_response(lambda r: r.url.endswith("/draft/")):
        alice.page.get_by_role("radio", name="Alive", exact=True).check()
    alice.go("/worklist/")
    alice.reads("draft")
    alice.go(f"/visits/{visit.uuid}/")  # the draft was left and is resumed
    assert alice.page.get_by_role("radio", name="Alive", exact=True).is_checked()
    alice.press("Submit visit")
    alice.reads("need a look before this visit can be submitted")
    alice.expect_refusal(422)
    alice.look("13-what-is-missing")
    answering.answer(alice.page, DAY100, journey.stage.infused)
    alice.look("14-day-100-answered")
    bea = journey.bea  # she opens the same visit before Alice submits it
    bea.go(f"/visits/{visit.uuid}/")
    bea.reads("alice has a draft of this visit")
    answering.answer(bea.page, DAY100, journey.stage.infused)
    bea.page.locator('input[name="a.igg~~v%d"]' % visit.pk).fill("520")  # noqa: UP031 (braces are Playwright's)
    alice.page.get_by_role("button", name="Submit visit").dblclick()
    alice.reads("Submitted")
    assert Submission.objects.filter(visit=visit).count() == 1
    assert golden.differences("day100", Submission.objects.get(visit=visit)) == []
    alice.look("15-submitted")
    alice.page.get_by_role("link", name="All asks with reasons").click()
    alice.look("16-every-ask")


def _row_of(person: Person, visit: Visit) -> int:
    links = person.page.locator("td a[href^='/visits/']").evaluate_all("els => els.map(e => e.getAttribute('href'))")
    return [str(visit.uuid) in link for link in links].index(True)


def two_people_never_overwrite_each_other(journey: Journey) -> None:
    bea = journey.bea
    bea.press("Submit visit")
    bea.reads("Two versions of this visit")
    bea.expect_refusal(409)
    bea.reads("520")
    bea.reads("430")
    bea.look("17-two-versions")


def month_6_asks_only_what_may_have_changed(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    later = journey.stage.at_day(183)
    monkeypatch.setattr(timezone, "now", lambda: later)  # this process serves the pages: it is day 183 for them
    journey.everybody_leaves()  # sessions of day 100 have ended
    alice, visit = journey.alice, visit_on(journey.stage.patient, "M6")
    alice.go("/worklist/?bucket=due")
    alice.look("18-worklist-at-month-6")
    alice.go(f"/visits/{visit.uuid}/")
    since = journey.stage.today.isoformat()
    alice.reads(f"anything new since {since}?")
    alice.look("19-month-6", keep=True)
    answering.answer(alice.page, MONTH6, journey.stage.infused)
    alice.look("20-month-6-answered")
    alice.press("Submit visit")
    alice.reads("Submitted")
    assert golden.differences("month6", Submission.objects.get(visit=visit)) == []


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
    before = _delivery("car_registry_eu", "M6").revision
    alice.go(f"/visits/{visit.uuid}/")
    row = alice.page.get_by_role("row").filter(has_text="510")
    row.get_by_role("link", name="Correct").click()
    alice.page.get_by_label("New value").fill("501")
    alice.page.get_by_label("Reason for the change").fill("digits were swapped in the letter")
    alice.look("24-correction")
    alice.press("Correct")
    alice.page.wait_for_selector(".messages .notice-success")
    assert _delivery("car_registry_eu", "M6").revision == before + 1
    alice.go(f"/deliveries/{_delivery('car_registry_na', 'M6').uuid}/copy/")
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
