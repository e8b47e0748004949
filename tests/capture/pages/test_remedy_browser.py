"""From the landing page to the site most over budget, the program that causes it and the cheapest remedy."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser

from capture.models import Estimate
from sites.burden import load
from sites.burden.figures import monday
from sites.models import Budget, Program
from tests import world as cast
from tests.journeys.people import Person
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CODE = "car_registry_na"


@pytest.fixture
def busy(transactional_db: None) -> World:
    """North's coming weeks are over its budget, mostly for one registry, whose cost was estimated."""
    world, first = cast.car_world(), monday(timezone.now().date())
    weeks = [first + timedelta(weeks=n) for n in range(4)]
    load.replace(
        "north", {(code, w): (1, n * 6000) for w in weeks for code, n in ((CODE, 90), ("car_registry_eu", 40))}
    )
    load.replace("south", {(CODE, weeks[0]): (1, 30 * 6000)})
    for site in (world.north, world.south):
        Budget.objects.create(site=site, minutes_week=60, valid_from=date(2020, 1, 1))
    return world


def test_a_newcomer_finds_site_program_and_the_cheapest_remedy_in_two_clicks(
    django_db_setup: None, busy: World, live_server: Any, browser: Browser
) -> None:
    dana = Person(browser, live_server.url, "dana")
    dana.go("/")
    dana.page.get_by_role("link", name="Burden", exact=True).first.click()
    first = dana.page.locator("#heat ol li").first
    assert first.inner_text().startswith("North Hospital: 4.7 h over in 4 weeks")
    dana.look("over-budget")
    cause = Program.objects.get(code=CODE).title
    first.get_by_role("link", name=cause).click()
    dana.page.wait_for_url("**/cost/#cheaper")
    best = Estimate.objects.get(version=busy.versions[CODE]).result["suggestions"][0]
    remedy = dana.page.locator("#cheaper tbody tr").first.inner_text()
    assert best["change"] in remedy
    assert f"{best['hours_saved_per_year']:.2f} h" in remedy
    dana.look("cheapest-remedy")
    dana.is_content()
