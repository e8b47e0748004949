"""Delivery pages in Chromium: keys copy and tick, half a screen is enough, axe and the security policy are content."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from capture.deliver import receipts
from capture.models import CopiedField
from tests import pictures
from tests import world as cast
from tests.capture.deliver.rows import Case, case, corrected, d100, day, of
from tests.processes import ROOT
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = ROOT / "screenshots" / "deliveries"
SIZES = ({"width": 390, "height": 844}, {"width": 683, "height": 768}, {"width": 1366, "height": 800})
NA = "car_registry_na"


@pytest.fixture
def to_copy(transactional_db: None) -> Case:
    """Three deliveries of day 100; the registry's was copied, and its contact date corrected since."""
    made = case(cast.build(), "transcribe")
    made.prepare(d100(made))
    receipts.mark_transcribed(of(NA), actor=AT)
    corrected("contact-date", str(day(99)))
    made.prepare(of(NA).submission)
    return made


@pytest.fixture
def alice(django_db_setup: None, live_server: Any, quiet_page: Page, to_copy: Case) -> Page:
    """Alice is signed in and may use the clipboard. The database comes first: a server started before it would share
    this thread's connection."""
    quiet_page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    quiet_page.goto(f"{live_server.url}/login/")
    quiet_page.get_by_label("Username").fill("alice")
    quiet_page.get_by_label("Password").fill(cast.PASSWORD)
    quiet_page.get_by_role("button", name="Sign in").click()
    quiet_page.wait_for_selector(".site-nav")
    return quiet_page


def look(page: Page, name: str) -> None:
    """The page at three widths: it fits, axe finds nothing serious, a picture stays in screenshots/deliveries."""
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        pictures.take(page, SHOTS / f"{name}-{size['width']}.png")
        wide, there = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= there, f"{name} is {wide} px wide in a window of {there}"
    found = Axe().run(page).response["violations"]
    assert not [v["id"] for v in found if v["impact"] in {"serious", "critical"}], found


def test_every_page_fits_and_is_accessible(alice: Page, live_server: Any) -> None:
    uuid = of(NA, 2).uuid
    paths = {"list": "", "delivery": f"{uuid}/", "copy": f"{uuid}/copy/", "print": f"{uuid}/print/"}
    for name, path in paths.items():
        alice.goto(f"{live_server.url}/deliveries/{path}")
        look(alice, name)


def test_one_key_copies_and_one_ticks(alice: Page, live_server: Any) -> None:
    alice.goto(f"{live_server.url}/deliveries/{of(NA, 2).uuid}/copy/")
    alice.keyboard.press("Enter")  # the one changed field is open first
    alice.locator("#copied", has_text="Copied").wait_for(state="attached")
    assert alice.evaluate("navigator.clipboard.readText()") == str(day(99))
    wanted = alice.locator("#copy-progress").get_attribute("max")
    alice.keyboard.press("Space")
    alice.locator("#copy-done", has_text=str(wanted)).wait_for()
    assert CopiedField.objects.filter(delivery=of(NA, 2)).get().value == str(day(99))


def test_all_copied_reports_the_active_time(alice: Page, live_server: Any) -> None:
    alice.goto(f"{live_server.url}/deliveries/{of(NA, 2).uuid}/copy/")
    alice.keyboard.press("ArrowDown")
    alice.wait_for_timeout(300)
    alice.get_by_role("button", name="All copied").click()
    alice.get_by_text("Marked as copied").wait_for()
    assert of(NA, 2).receipts.get().details["active_centiseconds"] >= 20
