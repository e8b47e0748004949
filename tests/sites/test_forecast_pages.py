"""The forecast through HTTP: words, tables, CSV, assumptions with their sources, and a constant number of queries."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from time_machine import travel

from sites import assumptions
from sites.assumptions import AssumptionsError
from sites.burden import columns, load_ahead
from sites.burden.charts import Segment
from sites.burden.columns import Column, columns_chart
from sites.burden.forecast import Step
from sites.burden.load_ahead import Basis, Sums
from sites.burden.rates import Chosen, Records
from sites.models import Budget, ForecastAssumptions, LoadAhead, TrailEntry
from sites.trail import ReasonMissing
from tests.sites.test_burden_pages import page, words
from tests.world import World

URL = "/burden/sites/north/forecast/"
SET = f"{URL}assumptions/"
TODAY = date(2026, 6, 1)
HOUR = 360_000
BASIS = Basis(Records(12, 24, 100, 3, 1), (Step(30, HOUR, HOUR**2),), "24 in car_registry_eu", 20, 100, 80, 10)


def stored(*days: tuple[int, int], site: str = "north") -> None:
    """Open visits of so many centiseconds, so many days from today."""
    sums = Sums(TODAY)
    for later, centiseconds in days:
        sums.add(TODAY + timedelta(days=later), centiseconds)
    load_ahead.replace(site, sums, BASIS, weeks=53, months=180)


@pytest.fixture
def lived(world: World) -> Any:
    """North has 2 h in its third week, 40 h overdue, a budget of 3 h, and patients joining."""
    with travel("2026-06-01T12:00:00+00:00", tick=False):
        stored((14, 2 * HOUR), (-3, 40 * HOUR), (4000, 5 * HOUR))
        Budget.objects.create(site=world.north, minutes_week=180, valid_from=date(2026, 1, 1))
        yield world


def given(**changes: str) -> dict[str, str]:
    """What the page of assumptions posts."""
    empty = dict.fromkeys(("enrolment_month", "death_percent", "loss_percent", "catch_up_weeks", "absences"), "")
    return {**empty, "valid_from": "2026-06-01", "reason": "two trials start", **changes}


def posted(world: World, name: str = "bob", **changes: str) -> Any:
    client = Client()
    client.force_login(world.people[name])
    return client.post(SET, given(**changes))


def test_the_busiest_week_is_said_first_and_against_the_budget(lived: World) -> None:
    text = words(page(lived, "bob", URL))
    assert "The busiest week is the one from 1 Jun 2026: 1" in text
    assert "over the budget of 3.0 h." in text
    assert "weeks pass the budget, the first from 1 Jun 2026;" in text
    assert "1 overdue visits, nine of ten done in 4 weeks" in text


def test_every_assumption_stands_with_its_source(lived: World) -> None:
    text = words(page(lived, "bob", URL))
    assert "New patients 1.7 a month 24 joined here in 12 months; the default of 0.5 counts as 3 months" in text
    assert "Deaths 3.3% a year 3 in 100 patient-years here" in text
    assert "Asked, of what a blank patient is asked 90% 20 submitted visits here; the default counts as 20" in text
    assert "Newcomers are like 1 visits in all 24 in car_registry_eu" in text


def test_both_charts_have_their_numbers_in_tables(lived: World) -> None:
    html = page(lived, "bob", URL)
    assert html.count('role="img" aria-labelledby=') == 2
    assert "style=" not in html
    text = words(html)
    assert text.count("All 53 weeks as a table") == text.count("All 180 months as a table") == 1
    assert "May 2037" in text


def test_the_print_view_opens_every_table(lived: World) -> None:
    assert page(lived, "bob", URL).count('<details class="more" open>') == 0
    assert page(lived, "bob", f"{URL}?print=1").count('<details class="more" open>') == 2


@pytest.mark.parametrize(("grain", "rows"), [("week", 53), ("month", 180)])
def test_the_tables_come_as_csv_and_each_row_adds_up(lived: World, grain: str, rows: int) -> None:
    found = list(csv.DictReader(StringIO(page(lived, "bob", f"{URL}?format=csv&grain={grain}"))))
    assert len(found) == rows
    for row in found:
        parts = [float(row[f"{name}_hours"]) for name in ("planned", "overdue", "new_patients")]
        assert float(row["hours"]) == pytest.approx(sum(parts), abs=0.02)
        assert float(row["low_hours"]) <= float(row["hours"]) <= float(row["high_hours"])
        assert float(row["over_hours"]) == pytest.approx(float(row["hours"]) - float(row["budget_hours"]), abs=0.02)


def test_the_forecast_takes_as_many_queries_for_15_years_as_for_one_visit(
    lived: World, django_assert_max_num_queries: Any
) -> None:
    client = Client()
    client.force_login(lived.bob)
    for many in (1, 500):
        stored(*((10 * n, HOUR) for n in range(many)))
        with django_assert_max_num_queries(13):
            assert client.get(URL).status_code == 200


def test_a_site_that_was_never_summed_says_so(lived: World) -> None:
    assert "Open work is not summed yet" in page(lived, "charlie", "/burden/sites/south/forecast/")


def test_a_site_with_nothing_ahead_says_so(lived: World) -> None:
    load_ahead.replace("north", Sums(TODAY), Basis(), weeks=53, months=180)
    assert "nothing is ahead" in page(lived, "bob", URL)


def test_the_site_page_leads_to_the_forecast(lived: World) -> None:
    assert f'href="{URL}"' in page(lived, "alice", "/burden/sites/north/")
    assert SET not in page(lived, "alice", URL)
    assert SET in page(lived, "bob", URL)


def test_a_manager_sets_assumptions_and_the_forecast_follows(lived: World) -> None:
    before = page(lived, "bob", URL)
    answer = posted(lived, enrolment_month="4", death_percent="10", absences="2026-06-01 50 %")
    assert (answer.status_code, answer["Location"]) == (302, URL)
    text = words(page(lived, "bob", URL))
    assert "New patients 4 a month set by bob from 2026-06-01: two trials start" in text
    assert "Deaths 10.0% a year set by bob" in text
    assert "Lost to follow-up 1.3% a year 1 in 100 patient-years here" in text
    assert "over the budget of 1.5 h." in text
    assert "Staff away 2026-06-01 to 2026-06-07 50 % set by bob" in text
    assert text != words(before)


def test_setting_is_kept_with_who_why_and_what_was_before(lived: World) -> None:
    posted(lived, enrolment_month="4")
    posted(lived, enrolment_month="2", reason="one trial only")
    entries = TrailEntry.objects.filter(action="set_forecast_assumptions").order_by("pk")
    assert [(e.actor, e.role, e.reason) for e in entries] == [
        ("bob", "site_manager", "two trials start"),
        ("bob", "site_manager", "one trial only"),
    ]
    assert entries[1].details["before"]["enrolment_month"] == 4
    row = ForecastAssumptions.objects.get()
    assert sorted(h.enrolment_month for h in row.history.all()) == [2, 4]


def test_a_version_holds_from_its_day_on(lived: World) -> None:
    posted(lived, enrolment_month="4", valid_from="2026-07-01")
    assert "New patients 1.7 a month" in words(page(lived, "bob", URL))
    with travel("2026-07-01T12:00:00+00:00", tick=False):
        assert "New patients 4 a month" in words(page(lived, "bob", URL))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"absences": "next week half"}, "could not be read"),
        ({"absences": "2026-02-30 50"}, "not in the calendar"),
        ({"absences": "2026-06-15 to 2026-06-01 50"}, "must end after it starts"),
        ({"absences": "2026-06-15 to 2099-06-01 50"}, "more than 260 weeks"),
        ({"absences": "2026-06-15 150"}, "between 1 and 100 %"),
        ({"enrolment_month": "1001"}, "1001 patients a month is not possible"),
        ({"death_percent": "-1"}, "greater than or equal to 0"),
        ({"reason": " "}, "required"),
    ],
)
def test_what_cannot_be_is_refused_in_place(lived: World, changes: dict[str, str], said: str) -> None:
    answer = posted(lived, **changes)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ForecastAssumptions.objects.exists()


def test_the_gateway_itself_refuses_too(lived: World) -> None:
    def put(chosen: Chosen, absences: dict[date, float], reason: str = "because") -> None:
        actor = lived.actor("bob", "site_manager")
        assumptions.put(lived.north, valid_from=TODAY, chosen=chosen, absences=absences, actor=actor, reason=reason)

    with pytest.raises(ReasonMissing):
        put(Chosen(), {}, " ")
    with pytest.raises(AssumptionsError, match="Give 1 to 52"):
        put(Chosen(catch_up_weeks=0), {})
    with pytest.raises(AssumptionsError, match="needs a Monday"):
        put(Chosen(), {date(2026, 6, 2): 0.5})


def test_absences_read_as_they_are_written() -> None:
    text = "2026-12-21 to 2027-01-03 50 %\n2027-02-01 to 2027-02-07 100 %"
    found = assumptions.read_absences(text)
    assert found == {date(2026, 12, 21): 0.5, date(2026, 12, 28): 0.5, date(2027, 2, 1): 1.0}
    assert assumptions.absence_lines(found) == text


def test_only_so_many_weeks_and_months_are_kept(world: World) -> None:
    stored(*((30 * n, HOUR) for n in range(300)))
    grains = list(LoadAhead.objects.values_list("grain", flat=True))
    assert (grains.count("week"), grains.count("month"), grains.count("overdue")) == (53, 180, 0)


def test_columns_stand_inside_the_drawing_and_end_at_a_round_number() -> None:
    made = columns_chart(
        [Column("Jan", (Segment(3.3, "a", ""), Segment(1, "b", "")), 2, 7.1, 5, "") for _ in range(53)],
        id="x",
        title="",
        description="",
        legend=(),
    )
    assert made
    assert {w.text for w in made.words} == {"0 h", "5 h", "10 h", "Jan"}
    assert all(b.x >= 0 and b.x + b.width <= columns.WIDTH + 0.1 and b.y >= 0 for b in made.bars)
    assert all(b.y + b.height <= columns.BASE + 0.1 for b in made.bars)
    assert [columns.round_up(v) for v in (0.3, 1, 3, 4.1, 61)] == [0.4, 1, 4, 5, 100]
