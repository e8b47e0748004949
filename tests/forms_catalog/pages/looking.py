"""What every catalog page must stand in Chromium: it fits both widths and axe finds nothing serious."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests import pictures
from tests.processes import ROOT
from tests.world import PASSWORD

SHOTS = ROOT / "screenshots" / "catalog"  # test-results is emptied at each start of pytest
WIDTHS = (390, 1366)


def sign_in(page: Page, base: str, name: str) -> None:
    """Through the sign-in page, as a person does."""
    page.goto(f"{base}/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector(".site-nav")


def look(page: Page, name: str) -> None:
    """Check the page at both widths and keep a picture of each in screenshots/catalog."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 850})
        wide, there = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= there, f"{page.url} is {wide} px wide in a window of {there}"
        pictures.take(page, SHOTS / f"{name}-{width}.png")
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    serious = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found if v["impact"] in {"serious", "critical"}]
    assert not serious, f"{page.url}: {serious}"
