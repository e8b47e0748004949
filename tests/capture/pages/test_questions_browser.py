"""In Chromium: questions appear and go while a person types, before the server has answered, and it confirms them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route

from capture.models import Patient
from tests import world as cast
from tests.journeys.people import Person
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOWN = """() => Object.fromEntries([...document.querySelectorAll('#visit-form .question')].map(
    row => [row.dataset.key, !row.hidden]))"""


@pytest.fixture
def alice(django_db_setup: None, transactional_db: None, live_server: Any, browser: Browser) -> Person:
    """Alice on the joint form of day 100 of three programs."""
    world: World = cast.car_world()
    assert world.alice
    person = Person(browser, live_server.url, "alice")
    person.go(f"/visits/{cast.visit_on(Patient.objects.get(), 'D100').uuid}/")
    return person


def row(page: Page, element: str) -> Locator:
    return page.locator(f'.question[data-key^="{element}~~"]')


def choose(page: Page, element: str, code: str) -> None:
    row(page, element).locator(f'.choices input[value="{code}"]').check()


def place(box: Locator) -> float:
    """How far down the window it is."""
    found = box.bounding_box()
    assert found is not None
    return found["y"]


def test_a_question_is_there_at_once_where_any_program_needs_it_and_the_server_agrees(alice: Person) -> None:
    page, waiting, slow = alice.page, list[Route](), True
    # The server is slow: nothing it says arrives until the end.
    page.route("**/draft/", lambda route: waiting.append(route) if slow else route.continue_())
    onset, lee, scale = (row(page, e) for e in ("crs-onset-date", "crs-grade-lee", "crs-scale-used"))
    assert not onset.is_visible()
    choose(page, "crs-occurred", "unknown")
    assert onset.is_visible(), "the European registry has no condition of its own"
    assert not lee.is_visible(), "the sponsor asks its grade after a yes only, the Europeans by scale"
    choose(page, "crs-occurred", "yes")
    assert lee.is_visible()
    assert scale.is_visible()
    choose(page, "crs-occurred", "no")
    assert not onset.is_visible()
    choose(page, "crs-occurred", "yes")
    choose(page, "vital-status", "dead")
    assert row(page, "death-date").is_visible()

    before = page.evaluate(SHOWN)
    slow = False
    for route in waiting:
        route.continue_()
    with page.expect_response("**/draft/"):
        page.keyboard.press("Alt+s")
    page.locator("#saved", has_text="Draft kept").wait_for()
    page.wait_for_timeout(800)
    assert page.evaluate(SHOWN) == before
    alice.is_content()


def test_what_is_typed_and_ruled_out_is_kept_listed_and_comes_back(alice: Person) -> None:
    page = alice.page
    choose(page, "crs-occurred", "yes")
    row(page, "crs-onset-date").locator('input[type="text"]').fill("2026-03-02")
    unused = page.locator("#not-applicable")
    assert not unused.is_visible()
    no = row(page, "crs-occurred").locator('.choices input[value="no"]')
    no.scroll_into_view_if_needed()
    there = place(no)
    no.check()
    assert unused.get_by_text("2026-03-02").is_visible()
    assert no.evaluate("box => box === document.activeElement")
    assert place(no) == there, "what is looked at stays where it is"
    alice.look("questions-not-applicable")
    with page.expect_response("**/draft/"):
        page.keyboard.press("Alt+s")
    page.locator("#saved", has_text="Draft kept").wait_for()
    page.reload()
    assert unused.get_by_text("2026-03-02").is_visible()
    choose(page, "crs-occurred", "yes")
    assert row(page, "crs-onset-date").locator('input[type="text"]').input_value() == "2026-03-02"
    assert not unused.is_visible()
    alice.is_content()


def test_another_date_of_a_report_leaves_it_to_the_server(alice: Person) -> None:
    page = alice.page
    page.locator('input[name^="asof."]').first.fill("2026-05-20")
    page.route("**/draft/", lambda route: None)
    choose(page, "vital-status", "dead")
    assert not row(page, "death-date").is_visible()
