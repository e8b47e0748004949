"""The main job in Chromium, step by step, with a real worker and beat: from a sponsor's file to deliveries and burden.

Leaves a picture of every page in screenshots/journey at 1366 and 390 px; `make shots` renews those of the README.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.infra import AppEnv
from tests.journeys import accepting, delivering, reporting, stage
from tests.journeys.journey import Journey
from tests.processes import ServiceProcess

pytestmark = [pytest.mark.browser, pytest.mark.worker, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def journey(
    app_env: AppEnv,
    celery_worker_process: Callable[..., ServiceProcess],
    celery_beat_process: Callable[[], ServiceProcess],
    live_server: Any,
    browser: Browser,
) -> Iterator[Journey]:
    """Two registries live, one patient at day 100, a worker and a beat at work."""
    begun = Journey(stage.build(), browser, live_server.url, app_env.mail)
    celery_worker_process()
    celery_beat_process()
    yield begun
    begun.everybody_leaves()


def test_the_nine_steps(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    accepting.a_sponsor_uploads_a_dictionary_with_its_schedule(journey)
    accepting.a_curator_decides_with_reasons(journey)
    accepting.the_cost_is_seen_before_the_admin_accepts(journey)
    accepting.the_run_plans_53_timepoints_in_19_visits(journey)
    accepting.each_coordinator_gets_one_digest(journey)
    reporting.a_coordinator_reports_day_100_for_three_programs(journey)
    reporting.two_people_never_overwrite_each_other(journey)
    reporting.month_6_asks_only_what_may_have_changed(journey, monkeypatch)
    delivering.each_program_gets_its_part_in_its_own_terms(journey)
    delivering.a_correction_asks_for_a_reason(journey)
    delivering.the_burden_page_shows_what_it_cost(journey)
    delivering.the_api_lists_the_deliveries(journey)
