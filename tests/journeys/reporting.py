"""Step 5: day 100 and month 6 in the browser, two people on one visit."""

from __future__ import annotations

import pytest
from django.utils import timezone

from capture.models import Submission, Visit
from tests.journeys import answering, golden
from tests.journeys.journey import Journey
from tests.journeys.people import Person
from tests.journeys.story import DAY100, MONTH6
from tests.world import visit_on


def a_coordinator_reports_day_100_for_three_programs(journey: Journey) -> None:
    alice, visit = journey.alice, visit_on(journey.stage.patient, "D100")
    alice.go("/worklist/")
    alice.look("11-worklist")
    alice.page.get_by_role("link", name="NRT-0001").nth(_row_of(alice, visit)).click()
    alice.reads("116 asks")
    alice.look("12-day-100", keep=True)
    with alice.page.expect_response(lambda r: r.url.endswith("/draft/")):
        alice.page.get_by_role("radio", name="Alive", exact=True).check()
    alice.go("/worklist/")
    alice.page.locator("tbody").get_by_text("draft").first.wait_for()
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
    alice.page.wait_for_url(lambda url: not url.endswith(f"/visits/{visit.uuid}/"))
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
    found = golden.differences("month6", Submission.objects.get(visit=visit))
    assert found == [], found
