"""In Chromium: nothing typed is lost, keys respect boxes, what is asked twice is asked twice, u takes back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from forms_catalog.models import Mapping
from tests import world as cast
from tests.forms_catalog.pages.looking import sign_in
from tests.forms_catalog.pages.reviewing import URL

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(quiet_page: Page, live_server: Any, transactional_db: None) -> Page:
    """Cora's browser on the review."""
    cast.reviewed_world()
    sign_in(quiet_page, live_server.url, "cora")
    quiet_page.goto(live_server.url + URL)
    return quiet_page


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def opened(page: Page, path: str) -> None:
    page.locator(f'article[data-path="{path}"]').wait_for()


def test_what_was_typed_is_there_again_after_another_field(desk: Page) -> None:
    first, second = desk.locator(".field-link + .sub").all_inner_texts()[:2]
    press(desk, "n")
    assert focused(desk) == "refusal"
    desk.keyboard.type("another jan kas")  # letters are keys only outside a box
    press(desk, "Escape", "j")
    opened(desk, second)
    assert focused(desk) == "panel-title"
    press(desk, "k")
    opened(desk, first)
    assert desk.locator("#refusal").input_value() == "another jan kas"
    desk.reload()
    assert desk.locator("#refusal").input_value() == "another jan kas"
    with desk.expect_navigation():
        press(desk, "n")
    desk.get_by_text(f"{first}: marked as not the same.").wait_for()
    assert "another jan kas" not in str(desk.evaluate("Object.values(sessionStorage)"))


def test_a_new_element_is_asked_twice_and_u_takes_it_back(desk: Page) -> None:
    path = desk.locator("#panel article").get_attribute("data-path") or ""
    press(desk, "w")
    assert focused(desk) == "new-reason"
    desk.keyboard.type("nothing in the catalog")
    press(desk, "Escape", "w")
    assert not Mapping.objects.filter(path=path).exists()
    with desk.expect_navigation():
        press(desk, "w")
    assert Mapping.objects.get(path=path).relation == "new"
    with desk.expect_navigation():
        press(desk, "u")
    opened(desk, path)
    assert Mapping.objects.get(path=path).state == "open"


def test_candidates_are_walked_with_brackets_and_digits(desk: Page) -> None:
    offered = desk.locator(".review-candidates a").count()
    article = desk.locator("#panel article")
    first = article.get_attribute("data-element")
    press(desk, "]")
    desk.locator(".review-candidates li:nth-child(2) a[aria-current]").wait_for()
    assert article.get_attribute("data-element") != first
    press(desk, "[")
    desk.locator(".review-candidates li:nth-child(1) a[aria-current]").wait_for()
    press(desk, str(offered))
    desk.locator(f".review-candidates li:nth-child({offered}) a[aria-current]").wait_for()
    assert "shown=" not in desk.url
