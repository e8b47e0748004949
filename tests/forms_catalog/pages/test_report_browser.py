"""The import report in Chromium: it goes on by itself while the matcher works, and fits both widths."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from forms_catalog import handing_in, proposal_runs, seeding
from forms_catalog.models import ProposalRun
from tests import world as cast
from tests.forms_catalog.pages.looking import look, sign_in
from tests.forms_catalog.redcap_made import Row, csv_of
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CODE = "sma_registry"
MANY = [
    Row(f"f{n}", f"Weight at visit {n}, in kilograms", validation="number", branching="[age >> 3") for n in range(160)
]


@pytest.fixture
def run(transactional_db: None) -> ProposalRun:
    """A large dictionary was handed in; the matcher has not begun."""
    world = cast.build()
    seeding.load_catalog(actor=AT, reason="test")
    version, _ = handing_in.hand_in(world.programs[CODE], csv_of(*MANY), "many.csv", actor=AT)
    return ProposalRun.objects.get(version=version)


def test_the_report_goes_on_by_itself_and_takes_up_what_stopped(
    quiet_page: Page, live_server: Any, run: ProposalRun
) -> None:
    page = quiet_page
    sign_in(page, live_server.url, "cora")
    page.goto(f"{live_server.url}/requests/{CODE}/versions/1/")
    page.get_by_text("0 of 160 fields looked at").wait_for()
    proposal_runs.run_chunk(run.pk)
    page.get_by_text("150 of 160 fields looked at").wait_for(timeout=8000)
    page.locator(".evidence summary").first.click()
    look(page, "report-working")
    ProposalRun.objects.update(state="dead", dead_at=AT.now, next_try_at=None, last_error="KeyError: 'kg'")
    page.get_by_text("Proposals stopped at 150").wait_for(timeout=8000)
    look(page, "report-stopped")
    page.get_by_role("button", name="Try again").click()
    page.get_by_text("Taken up again where it stopped").wait_for()
    proposal_runs.run_all(run)
    page.get_by_text("The matcher looked at 160 fields").wait_for(timeout=8000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert not asked
