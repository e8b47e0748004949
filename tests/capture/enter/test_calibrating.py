"""Cost profiles: from frozen sheets and active times, appended, weekly; the ledger and its replay stay as they were."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from capture.ask import charges, expected, timing
from capture.enter import calibrating, ledger_check
from capture.models import Submission, Visit
from capture.plan import load_periods
from capture.tasks import calibrate_costs
from forms_catalog import serial
from sites.burden import prices, profiles
from sites.burden.cost import ASSUMED
from sites.models import CostProfile, LoadAhead, LoadPeriod, TrailEntry
from sites.trail import system
from tests.answering import submit
from tests.world import TODAY, World

CLI = system("test")


@pytest.fixture
def submitted(car_world: World) -> Submission:
    """The joint day-100 visit, submitted in 42 seconds."""
    first = Visit.objects.filter(timepoints__entry_code="D100").distinct().get()
    return submit(first, car_world.actor("alice"))


def test_a_frozen_sheet_is_counted_as_it_is_charged(submitted: Submission) -> None:
    sheet, modes = charges.thaw(submitted.sheet)
    work = serial.load(charges.Work, submitted.sheet["work"])
    charged = charges.of_sheet(sheet, modes, work, assumed=replace(ASSUMED, query=0))
    counted = timing.asks_by_kind(submitted.sheet)
    total = sum(n * prices.DEFAULTS[kind] for kind, n in counted.items())
    assert total == sum(c.share.share for c in charged if c.kind == "predicted")
    assert counted["visit"] == 1


def test_kept_offers_and_each_record_are_counted() -> None:
    question = {"visible": True, "askers": [1], "datatype": "choice", "centiseconds": 1500, "kind": "plain"}
    rows = [
        question | {"key": "kept"},
        question | {"key": "typed"},
        question | {"key": "thrice", "kind": "field", "centiseconds": 6000},
        question | {"key": "hidden", "visible": False},
        question | {"key": "unasked", "askers": []},
    ]
    found = timing.asks_by_kind({"sheet": {"questions": rows}, "work": {"kept": ["kept"], "repeats": {"thrice": 3}}})
    assert found == {"visit": 1, "confirmed": 1, "choice": 1, "effort": 180}


def test_every_site_gets_a_profile_and_the_timed_one_gets_cheaper(submitted: Submission) -> None:
    rows = {(r.site, r.kind): r for r in calibrating.calibrate(actor=CLI)}
    assert {site for site, _ in rows} == {"north", "south"}
    assert CostProfile.objects.count() == len(rows) == 2 * (len(prices.KINDS) + 2)
    visit = rows["north", calibrating.ONE_VISIT]
    assert (visit.n, visit.measured) == (1, None)
    assert visit.low < visit.mean < visit.high
    assert rows["north", "effort"].mean < prices.DEFAULTS["effort"]
    assert TrailEntry.objects.get(action="calibrate_costs").details == {"sites": 2, "visits": 1}


def test_nothing_measured_leaves_the_defaults_in_force(world: World) -> None:
    rows = calibrating.calibrate(actor=CLI)
    assert {r.kind: r.mean for r in rows if r.site == "north" and r.kind in prices.KINDS} == dict(prices.DEFAULTS)


def test_the_ledger_still_replays_exactly(submitted: Submission) -> None:
    before = ledger_check.replay()
    calibrating.calibrate(actor=CLI)
    after = ledger_check.replay()
    assert before.equal
    assert after == before


def test_a_damaged_sheet_is_left_out(submitted: Submission) -> None:
    other = Submission.objects.get()
    other.pk, other.uuid, other.client_uuid, other.visit = None, uuid4(), uuid4(), other_visit(other)
    other.sheet = {"sheet": {}}
    other.save(force_insert=True)
    rows = calibrating.calibrate(actor=CLI, write=False)
    assert next(r.n for r in rows if (r.site, r.kind) == ("north", calibrating.ONE_VISIT)) == 1


def other_visit(submission: Submission) -> Visit:
    found = Visit.objects.exclude(pk=submission.visit_id).first()
    assert found
    return found


def test_the_worker_calibrates_once_a_week(submitted: Submission) -> None:
    assert calibrating.due(timezone.now())
    calibrate_costs()
    calibrate_costs()
    assert CostProfile.objects.count() == 2 * (len(prices.KINDS) + 2)
    assert not calibrating.due(timezone.now())
    assert calibrating.due(timezone.now() + timedelta(days=7))


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("calibrate_costs", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_can_look_without_writing(submitted: Submission) -> None:
    assert "Nothing was written." in run("--dry-run")
    assert not CostProfile.objects.exists()
    found = json.loads(run("--site", "north", "--json"))
    assert {r["site"] for r in found} == {"north"}
    assert CostProfile.objects.count() == len(found)


def test_the_command_names_a_site_that_does_not_exist(world: World) -> None:
    with pytest.raises(CommandError, match="There is no site nowhere"):
        run("--site", "nowhere")


def test_one_query_a_site_however_many_visits(car_world: World, django_assert_num_queries: Any) -> None:
    for visit in Visit.objects.filter(planned_on__lte=date(2030, 1, 1)).order_by("planned_on")[:2]:
        submit(visit, car_world.actor("alice"))
    with django_assert_num_queries(3):
        calibrating.calibrate(actor=CLI, write=False)


def test_the_load_of_a_site_follows_its_profile_and_the_forecast_keeps_the_defaults(submitted: Submission) -> None:
    north = submitted.visit.site

    def sums() -> tuple[int, int]:
        load_periods.rebuild(north, today=TODAY)
        return (
            sum(LoadPeriod.objects.filter(site="north").values_list("predicted", flat=True)),
            sum(LoadAhead.objects.filter(site="north").values_list("predicted", flat=True)),
        )

    load, ahead = sums()
    calibrating.calibrate(actor=CLI)
    calibrated = profiles.of_site(north).prices
    assert calibrated != prices.ASSUMED
    lower, same = sums()
    assert lower < load
    assert same == ahead
    assert ledger_check.replay().equal


def test_an_open_visit_costs_its_questions_at_the_prices_of_the_site() -> None:
    sure = expected.Asked("choice", 1500, True, False, ("a", "b"))
    hidden = expected.Asked("text", 4000, False, False, ("a",))
    offered = expected.Asked("date", 6000, True, True, ("b",))
    work = expected.OpenWork(("a", "b"), ((sure, 2), (hidden, 1), (offered, 1)))
    query = ASSUMED.query
    twice = prices.Prices(tuple(2 * n for n in prices.ASSUMED.centiseconds))
    chance = round((4000 + query) / 4) + 400 + round((6000 + query) / 4)
    assert sum(expected.priced(work).values()) == 18_000 + 2 * (1500 + query) + chance
    chance = round((8000 + query) / 4) + 800 + round((12_000 + query) / 4)
    assert sum(expected.priced(work, twice).values()) == 36_000 + 2 * (3000 + query) + chance
