"""The frame in Chromium: every menu page of every person, wide and narrow, without a console error or axe finding."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests import pictures
from tests import world as cast
from tests.processes import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = ROOT / "screenshots" / "frame"  # test-results is emptied at each start of pytest
WIDE, NARROW = {"width": 1366, "height": 800}, {"width": 390, "height": 844}
PEOPLE = ["alice", "bob", "sam", "cora", "dana"]


@pytest.fixture
def people(transactional_db: None) -> cast.World:
    """The cast with three live programs, committed, so that the live server sees it."""
    return cast.car_world()


def sign_in(page: Page, base: str, name: str) -> None:
    """Through the sign-in page, as a person does."""
    page.goto(f"{base}/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector(".site-nav")


def assert_accessible(page: Page) -> None:
    """No serious or critical finding of axe-core."""
    found = Axe().run(page).response["violations"]
    serious = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found if v["impact"] in {"serious", "critical"}]
    assert not serious, f"{page.url}: {serious}"


def shoot(page: Page, name: str, size: Any) -> None:
    """A screenshot. The page itself never scrolls sideways; wide tables scroll in their own box."""
    page.set_viewport_size(size)
    wide, there = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    pictures.take(page, SHOTS / f"{name}-{size['width']}.png")
    assert wide <= there, f"{page.url} is {wide} px wide in a window of {there}"


def test_the_sign_in_page_says_what_was_wrong(quiet_page: Page, live_server: Any) -> None:
    quiet_page.goto(f"{live_server.url}/login/")
    quiet_page.get_by_label("Username").fill("nobody")
    quiet_page.get_by_label("Password").fill("wrong")
    quiet_page.get_by_role("button", name="Sign in").click()
    quiet_page.get_by_role("alert").filter(has_text="Name or password is wrong").wait_for()
    assert_accessible(quiet_page)
    shoot(quiet_page, "sign-in", WIDE)
    shoot(quiet_page, "sign-in", NARROW)


@pytest.mark.parametrize("name", PEOPLE)
def test_every_menu_page_fits_and_is_accessible(
    quiet_page: Page, live_server: Any, people: cast.World, name: str
) -> None:
    sign_in(quiet_page, live_server.url, people.people[name].username)
    links = quiet_page.locator(".site-nav a").evaluate_all("all => all.map(a => [a.textContent, a.href])")
    for label, href in links:
        quiet_page.goto(href)
        assert_accessible(quiet_page)
        for size in (WIDE, NARROW):
            shoot(quiet_page, f"{name}-{label.lower().replace(' ', '-')}", size)


def test_a_page_that_is_not_there_keeps_the_frame(quiet_page: Page, live_server: Any, people: cast.World) -> None:
    sign_in(quiet_page, live_server.url, people.alice.username)
    quiet_page.goto(f"{live_server.url}/nowhere/")
    assert quiet_page.get_by_role("heading", name="There is nothing here for you").is_visible()
    assert_accessible(quiet_page)
    shoot(quiet_page, "not-found", NARROW)
    quiet_page.problems.clear()  # type: ignore[attr-defined]  # the browser logs the 404 itself
