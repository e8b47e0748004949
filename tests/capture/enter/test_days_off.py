"""A site's days off: the command saves them with who and why, and the worker plans its visits on other days."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from capture.models import Run
from capture.plan import runs
from sites.models import Site, TrailEntry
from tests.capture.plan import rows
from tests.capture.plan.rows import CART, TODAY

pytestmark = pytest.mark.django_db


def change(*options: str, reason: str = "public holidays") -> str:
    out = StringIO()
    call_command("set_days_off", "north", *options, "--reason", reason, stdout=out)
    return out.getvalue()


def test_closed_days_move_the_visits_once_the_worker_has_run() -> None:
    rows.live(*CART[:1])
    patient = rows.patient(CART[0])
    visit = rows.visit_of(patient, "Y2")
    assert "1 programs" in change("--closed", visit.planned_on.isoformat())
    runs.run_all(Run.objects.get(), today=TODAY)
    moved = rows.visit_of(patient, "Y2")
    assert moved.pk == visit.pk
    assert moved.planned_on != visit.planned_on
    change("--open", visit.planned_on.isoformat())
    runs.run_all(Run.objects.latest("pk"), today=TODAY)
    assert rows.visit_of(patient, "Y2").planned_on == visit.planned_on


def test_it_is_kept_with_who_and_why_and_its_history() -> None:
    site = rows.site()
    change("--weekdays", "fri,sat", "--closed", "2026-12-25", "2026-01-01")
    site.refresh_from_db()
    assert (site.closed_weekdays, site.closed_on) == ("56", ["2026-01-01", "2026-12-25"])
    entry = TrailEntry.objects.get(action="days_off")
    assert (entry.actor, entry.reason) == ("system:set_days_off", "public holidays")
    assert entry.details["before"] == {"weekdays": "67", "days": []}
    assert site.history.count() == 2
    change("--weekdays", "")
    assert Site.objects.get().closed_weekdays == ""


@pytest.mark.parametrize(
    ("options", "reason", "words"),
    [
        (["--weekdays", "sat,someday"], "x", "'someday' is not a weekday"),
        (["--weekdays", "mon,tue,wed,thu,fri,sat,sun"], "x", "Leave one open"),
        (["--closed", "25.12.2026"], "x", "is not a date"),
        (["--open", "2026-12-25"], "x", "is not closed on 2026-12-25 alone"),
        (["--closed", "2026-12-25"], " ", "needs a reason"),
    ],
)
def test_what_cannot_be_ends_with_one_line(options: list[str], reason: str, words: str) -> None:
    rows.site()
    with pytest.raises(CommandError, match=words) as caught:
        change(*options, reason=reason)
    assert caught.value.returncode == 2
    assert not TrailEntry.objects.exists()


def test_an_unknown_site_is_named() -> None:
    with pytest.raises(CommandError, match="There is no site north"):
        change("--weekdays", "sun")
