"""The burden pages in a browser at both sizes: no console error, nothing outside the screen, axe finds nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone

from sites.burden import load_ahead
from sites.burden.forecast import Step
from sites.burden.load_ahead import Basis, Sums
from sites.models import Budget
from tests import world as cast
from tests.sites import rows

EU, NA, PASS = "car_registry_eu", "car_registry_na", "car_pass_sponsor"
PAGES = [
    ("bob", "/burden/"),
    ("dana", "/burden/"),
    ("sam", f"/burden/programs/{PASS}/"),
    ("bob", "/burden/sites/north/budget/"),
    ("charlie", "/burden/sites/south/"),
    ("bob", "/burden/sites/north/forecast/?print=1"),
    ("bob", "/burden/sites/north/forecast/assumptions/"),
]


@pytest.fixture
def lived(transactional_db: None) -> cast.World:
    """North has reported for three programs and has open work over its budget; South has nothing."""
    world, today = cast.build(), timezone.now().date()
    rows.visit(EU, NA, PASS, on=today)
    rows.open_visits("north", today - timedelta(days=today.weekday()), EU, NA, PASS, minutes=90)
    sums = Sums(today)
    for n in range(40):
        sums.add(today + timedelta(days=30 * n - 30), 900_000)
    load_ahead.replace("north", sums, Basis(newcomer=(Step(30, 9e5, 8e11),)), weeks=53, months=180)
    Budget.objects.create(site=world.north, minutes_week=120, valid_from=date(2020, 1, 1))
    return world


@pytest.mark.browser
@pytest.mark.parametrize(("name", "path"), PAGES)
def test_the_page_fits_both_screens_and_is_accessible(
    lived: cast.World, live_server: Any, quiet_page: Any, name: str, path: str
) -> None:
    client = Client()
    client.force_login(lived.people[name])
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    quiet_page.context.add_cookies([cookie])
    for width in (1366, 390):
        quiet_page.set_viewport_size({"width": width, "height": 850})
        quiet_page.goto(live_server.url + path)
        assert quiet_page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert [v["id"] for v in Axe().run(quiet_page).response["violations"]] == []


@pytest.mark.browser
def test_a_newcomer_finds_the_site_most_over_budget_and_the_program_behind_it_in_two_clicks(
    lived: cast.World, live_server: Any, quiet_page: Any
) -> None:
    monday = timezone.now().date() - timedelta(days=timezone.now().weekday())
    rows.open_visits("south", monday, PASS, weeks=2, minutes=400)
    Budget.objects.create(site=lived.south, minutes_week=60, valid_from=date(2020, 1, 1))
    client = Client()
    client.force_login(lived.people["dana"])
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    quiet_page.context.add_cookies([cookie])
    quiet_page.set_viewport_size({"width": 1366, "height": 850})
    quiet_page.goto(live_server.url + "/")
    quiet_page.get_by_role("link", name="Burden", exact=True).first.click()
    first = quiet_page.locator("#heat ol li").first
    assert first.inner_text().startswith("South Clinic: 11.3 h over in 2 weeks")
    assert lived.programs[PASS].title in first.inner_text()
    first.get_by_role("link").first.click()
    assert quiet_page.locator("h1").inner_text() == "South Clinic"
