"""In Chromium: a record that goes on is kept with one key; a person decides on one that a rule would not tell again."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from capture.ask import marks
from capture.models import Occurrence, Response
from tests.capture.enter import test_response_identity as infections
from tests.capture.enter.test_response_identity import NA, infection, on, report, the_patient
from tests.journeys.people import Person
from tests.world import World, visit_on

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
two_programs = infections.two_programs


def test_a_record_goes_on_with_one_key_and_a_proposal_is_decided(
    two_programs: World, browser: Browser, live_server: Any
) -> None:
    report(two_programs, "D100", infection("new-1", date=on(60), organism="viral", max_grade="3"))
    mine, visit = Occurrence.objects.get(), visit_on(the_patient(), "M6")
    alice = Person(browser, live_server.url, "alice")
    alice.go(f"/visits/{visit.uuid}/")
    alice.reads(f"Infection of {on(60)} (Viral)")
    alice.page.locator(f'[name="r.infection.{mine.pk}.ongoing"]').focus()
    alice.page.keyboard.press("k")
    gate = alice.page.locator(f'input[name="a.any-new~infection~v{visit.pk}"][value="yes"]')
    gate.check()
    alice.page.locator('[name="r.infection.new-1.infection-date"]').fill(on(130))
    alice.page.locator('[name="r.infection.new-1.infection-clinically-significant"][value="yes"]').check()
    alice.press("Update questions")
    alice.page.locator('[name="r.infection.new-1.infection-organism"][value="viral"]').check()
    alice.press("Update questions")
    alice.reads("It persists: the viral infection")
    assert alice.page.locator(f'[name="r.infection.{mine.pk}.ongoing"]').is_checked()
    alice.look("records-decided")
    alice.page.locator(f'[name="r.infection.new-1.{marks.mark_of(NA)}"][value="no"]').check()
    alice.press("Update questions")
    assert alice.page.locator(f'[name="r.infection.new-1.{marks.mark_of(NA)}"][value="no"]').is_checked()
    assert alice.problems == []
    assert not Response.objects.filter(element=marks.ONGOING).exists(), "a draft is no answer"
