"""Requests, review and catalog in Chromium: keys work, pages fit, axe and the content security policy are content."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from forms_catalog.models import Mapping, Proposal
from tests import world as cast
from tests.forms_catalog.pages.looking import look, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CODE = "car_pass_sponsor"
PAGES = {
    "requests": "/requests/",
    "upload": f"/requests/{CODE}/upload/",
    "version": f"/requests/{CODE}/versions/1/",
    "review-list": "/mapping/",
    "review": f"/mapping/{CODE}/?show=review",
    "review-map": f"/mapping/{CODE}/?show=all&field=sex",
    "review-trap": f"/mapping/{CODE}/?show=traps",
    "review-other": f"/mapping/{CODE}/?show=all&field=sex&element=ecog",
    "catalog": "/catalog/?q=date",
    "element": "/catalog/sex-at-birth/",
}


@pytest.fixture
def reviewed(transactional_db: None) -> cast.World:
    """One program uploaded and proposed, committed, so that the live server sees it."""
    return cast.reviewed_world()


def test_every_page_fits_and_is_accessible(quiet_page: Page, live_server: Any, reviewed: cast.World) -> None:
    sign_in(quiet_page, live_server.url, "cora")
    for name, path in PAGES.items():
        quiet_page.goto(live_server.url + path)
        look(quiet_page, name)


def test_a_curator_decides_with_keys(quiet_page: Page, live_server: Any, reviewed: cast.World) -> None:
    sign_in(quiet_page, live_server.url, "cora")
    quiet_page.goto(f"{live_server.url}/mapping/{CODE}/?show=review")
    title = quiet_page.locator("#panel-title code")
    paths = quiet_page.locator(".field-link + .sub").all_inner_texts()
    for key, path in (("j", paths[1]), ("j", paths[2]), ("k", paths[1])):
        quiet_page.keyboard.press(key)
        title.get_by_text(path, exact=True).wait_for()
    guarded = Proposal.objects.get(path=paths[1], rank=1)
    quiet_page.locator("#refusal").fill("another meaning")
    quiet_page.locator("#refusal").blur()
    quiet_page.keyboard.press("n")
    quiet_page.wait_for_selector(".messages .notice-success")
    assert Proposal.objects.get(pk=guarded.pk).state == "not_same"
    quiet_page.keyboard.press("/")
    assert quiet_page.evaluate("document.activeElement.id") == "choose"


def test_one_key_accepts_and_opens_the_next(quiet_page: Page, live_server: Any, reviewed: cast.World) -> None:
    sign_in(quiet_page, live_server.url, "cora")
    quiet_page.goto(f"{live_server.url}/mapping/{CODE}/?show=machine")
    first, second = quiet_page.locator(".field-link + .sub").all_inner_texts()[:2]
    quiet_page.keyboard.press("a")
    quiet_page.wait_for_selector(".messages .notice-success")
    assert Mapping.objects.get(path=first).decided_by == "cora"
    assert quiet_page.locator("#panel-title code").inner_text() == second


def test_many_are_ticked_previewed_and_confirmed(quiet_page: Page, live_server: Any, reviewed: cast.World) -> None:
    sign_in(quiet_page, live_server.url, "cora")
    quiet_page.goto(f"{live_server.url}/mapping/{CODE}/?show=machine")
    boxes = quiet_page.locator(".review-table input[type=checkbox]")
    for n in range(3):
        boxes.nth(n).check()
    quiet_page.get_by_role("button", name="Confirm ticked").click()
    look(quiet_page, "bulk")
    quiet_page.get_by_label("One reason for all of them").fill("same words, same answers")
    quiet_page.get_by_role("button", name="Confirm the ticked fields").click()
    quiet_page.get_by_text("3 fields confirmed.").wait_for()
    assert Mapping.objects.filter(reason="same words, same answers").count() == 3
