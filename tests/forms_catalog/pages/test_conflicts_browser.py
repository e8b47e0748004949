"""The conflicts pages in Chromium: both widths, no finding of axe, and a conflict settled by keys alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from forms_catalog.models import ConflictRuling
from tests import world as cast
from tests.forms_catalog.pages.looking import look, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_curator_settles_a_conflict_by_keys_alone(quiet_page: Page, live_server: Any, transactional_db: None) -> None:
    cast.car_world()
    sign_in(quiet_page, live_server.url, "cora")
    quiet_page.goto(f"{live_server.url}/mapping/conflicts/")
    look(quiet_page, "conflicts")
    quiet_page.goto(f"{live_server.url}/mapping/conflicts/?kind=required_differs")
    look(quiet_page, "conflicts-kind")
    quiet_page.get_by_role("link", name="Best response so far").focus()
    quiet_page.keyboard.press("Enter")
    quiet_page.wait_for_selector("text=What each program says")
    quiet_page.get_by_role("radio", name="Required where one requires it").focus()
    quiet_page.keyboard.press("ArrowDown")
    quiet_page.keyboard.press("Tab")
    quiet_page.keyboard.type("the sponsor can do without it")
    look(quiet_page, "conflict")
    quiet_page.keyboard.press("Tab")
    quiet_page.keyboard.press("Enter")
    quiet_page.wait_for_selector("text=1 conflict settled.")
    look(quiet_page, "conflict-next")
    row = ConflictRuling.objects.get()
    assert (row.place, row.ruling, row.reason) == ("best-response", "optional", "the sponsor can do without it")
