"""The burden pages through HTTP: figures, permissions, links, CSV, and a constant number of queries."""

from __future__ import annotations

import csv
import re
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from time_machine import travel

from sites.burden.heat import Cell
from sites.models import Budget, Program, Site, Sponsor
from tests.sites import rows
from tests.world import World

EU, NA, PASS = "car_registry_eu", "car_registry_na", "car_pass_sponsor"
MONDAY = date(2026, 6, 1)
NOW = "2026-06-03T12:00:00+00:00"
PERIOD = "?from=2026-05-01&to=2026-06-30"


@pytest.fixture
def lived(world: World) -> Any:
    """North submitted one joint visit in May and one this week, has open work and a budget of 2 hours."""
    with travel(NOW, tick=False):
        rows.visit(EU, NA)
        rows.visit(EU, on=date(2026, 6, 2))
        rows.visit(PASS, site="south")
        rows.open_visits("north", MONDAY, EU, NA)
        Budget.objects.create(site=world.north, minutes_week=120, valid_from=date(2026, 1, 1))
        yield world


def page(world: World, name: str, url: str, status: int = 200) -> str:
    """The answer of a page to a person, as text."""
    client = Client()
    client.force_login(world.people[name])
    response = client.get(url)
    assert response.status_code == status, response.content[:300]
    return response.content.decode()


def words(html: str) -> str:
    """The page without tags, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_site_sees_its_asks_and_minutes_by_program(lived: World) -> None:
    text = words(page(lived, "bob", f"/burden/sites/north/{PERIOD}"))
    assert "Together 75 30 12 6 9 3 15 0" in text
    assert "Together 30.0 10.0 12.0 3.0 9.0" in text
    assert "75 asks at 2 submitted visits" in text


def test_this_week_counts_submitted_and_open_work_against_the_budget(lived: World) -> None:
    text = words(page(lived, "bob", "/burden/sites/north/"))
    assert "2.2 h this week, from 1 Jun: 0.2 h submitted, 2.0 h open" in text
    assert "0.2 h over the budget of 2.0 h." in text
    assert "this week likely takes 1.3 to 3.5 h." in text
    assert "1 Jun 2026 2.0 h 1.2 to 3.2 h 0.2 h over with 0.2 h submitted" in text


def test_open_work_of_earlier_weeks_waits_in_this_week(lived: World) -> None:
    rows.open_visits("north", date(2026, 5, 18), EU, weeks=1, minutes=90)
    text = words(page(lived, "bob", "/burden/sites/north/"))
    assert "1.7 h this week" in text
    assert "1 Jun 2026 1.5 h" in text


def test_charts_are_svg_with_title_and_description_and_no_inline_style(lived: World) -> None:
    html = page(lived, "bob", "/burden/sites/north/")
    assert html.count('role="img" aria-labelledby=') == 3
    assert '<title id="load-title">Expected hours of data entry, by week</title>' in html
    assert "style=" not in html
    assert "<style" not in html


def test_measured_time_moves_the_forecast_only_a_little(lived: World) -> None:
    text = words(page(lived, "bob", "/burden/sites/north/"))
    assert "At 2 timed visits the form took 33 % of the predicted time" in text
    assert "so expect 94 %: 5.6 h instead of 6.0 h in these 12 weeks" in text


def test_an_empty_site_says_what_to_do(lived: World) -> None:
    text = words(page(lived, "charlie", "/burden/sites/south/?from=2020-01-01&to=2020-02-01"))
    assert "No visit was submitted in these days" in text
    assert "No budget is set." in text


def test_the_network_shows_every_site_and_program(lived: World) -> None:
    text = words(page(lived, "dana", f"/burden/{PERIOD}"))
    assert "North Hospital 2.2 h 1.3 to 3.5 h 0.2 h over the budget of 2.0 h. 75" in text
    assert "South Clinic 0.0 h" in text
    assert "Together 100 40 16 8 12 4 20 0" in text


def test_one_site_or_one_program_is_shown_at_once(lived: World) -> None:
    html = page(lived, "bob", "/burden/")
    assert "<h1>North Hospital</h1>" in html
    assert "/burden/sites/north/?from=2025-07-01&amp;to=2026-06-30" in html


def test_a_sponsor_sees_its_programs_over_all_sites_and_no_other_name(lived: World) -> None:
    html = page(lived, "rita", f"/burden/programs/{EU}/{PERIOD}")
    assert "50 asks at 2 submitted visits" in words(html)
    hidden = [p.title for code, p in lived.programs.items() if code != EU and p.title] + [NA, "North Hospital", "north"]
    assert not [name for name in hidden if name in html]


def test_a_sponsor_starts_at_its_programs(lived: World) -> None:
    text = words(page(lived, "sam", "/burden/"))
    assert lived.programs[PASS].title in text
    assert lived.programs[EU].title not in text
    assert "South" not in text


@pytest.mark.parametrize(
    ("name", "url", "status"),
    [
        ("alice", "/burden/sites/north/", 200),
        ("bob", "/burden/sites/south/", 404),
        ("charlie", "/burden/sites/north/", 404),
        ("ivy", "/burden/sites/north/", 403),
        ("cora", "/burden/", 403),
        ("mona", "/burden/", 403),
        ("audrey", "/burden/sites/south/", 200),
        ("sam", "/burden/sites/north/", 403),
        ("sam", f"/burden/programs/{EU}/", 404),
        ("bob", f"/burden/programs/{EU}/", 403),
        ("audrey", f"/burden/programs/{EU}/", 200),
        ("dana", "/burden/programs/nothing/", 404),
        ("alice", "/burden/sites/north/budget/", 403),
        ("audrey", "/burden/sites/north/budget/", 403),
        ("bob", "/burden/sites/south/budget/", 404),
        ("dana", "/burden/sites/south/budget/", 200),
    ],
)
def test_each_role_sees_what_it_may(lived: World, name: str, url: str, status: int) -> None:
    page(lived, name, url, status)


def test_a_stranger_is_sent_to_the_login_page(lived: World) -> None:
    assert Client().get("/burden/sites/north/")["Location"] == "/login/?next=/burden/sites/north/"


def test_a_period_that_cannot_be_read_is_named_and_replaced(lived: World) -> None:
    assert "A date could not be read" in page(lived, "bob", "/burden/sites/north/?from=yesterday")
    assert "is after" in page(lived, "bob", "/burden/sites/north/?from=2026-06-01&to=2026-05-01")


def test_the_table_comes_as_csv_with_the_same_figures(lived: World) -> None:
    text = page(lived, "bob", f"/burden/sites/north/{PERIOD}&format=csv")
    found = {r["program"]: r for r in csv.DictReader(StringIO(text))}
    assert (found[EU]["received"], found[EU]["predicted_minutes"], found[EU]["avoided_net_minutes"]) == (
        "50",
        "20.0",
        "6.0",
    )
    assert found[NA]["from"] == "2026-05-01"


def test_network_and_program_come_as_csv_too(lived: World) -> None:
    network = list(csv.DictReader(StringIO(page(lived, "dana", f"/burden/{PERIOD}&format=csv"))))
    months = list(csv.DictReader(StringIO(page(lived, "rita", f"/burden/programs/{EU}/{PERIOD}&format=csv"))))
    assert [(r["site"], r["budget_minutes"]) for r in network] == [("north", "120"), ("south", "")]
    assert [(r["month"], r["received"]) for r in months] == [("2026-05", "25"), ("2026-06", "25")]


def test_a_title_cannot_become_a_formula(lived: World) -> None:
    Program.objects.filter(code=EU).update(title="=cmd()")
    assert "'=cmd()" in page(lived, "bob", f"/burden/sites/north/{PERIOD}&format=csv")


@pytest.mark.parametrize(
    ("url", "budget"), [("/burden/sites/north/", 24), ("/burden/", 23), (f"/burden/programs/{EU}/", 16)]
)
@pytest.mark.parametrize("many", [2, 20])
def test_the_number_of_queries_does_not_grow(
    lived: World, django_assert_max_num_queries: Any, url: str, budget: int, many: int
) -> None:
    owner = Sponsor.objects.get(code="registry")
    for n in range(many):
        Program.objects.create(code=f"p{n}", title=f"Program {n}", sponsor=owner, kind="registry")
        Site.objects.create(code=f"s{n}", name=f"Site {n}", time_zone="UTC")
        rows.visit(f"p{n}", EU, on=date(2026, 1 + n % 5, 3))
        rows.visit(f"p{n}", EU, site=f"s{n}")
    rows.open_visits("north", MONDAY, *(f"p{n}" for n in range(many)), weeks=12)
    client = Client()
    client.force_login(lived.people["dana"])
    with django_assert_max_num_queries(budget):
        assert client.get(url).status_code == 200


def test_each_program_is_shown_by_fair_share_given_back_and_alone_in_hours_and_posts(lived: World) -> None:
    html = page(lived, "bob", f"/burden/sites/north/{PERIOD}")
    title = lived.programs[EU].title
    # two visits of 11 min share each (predicted and copying): 0.4 h; half of it marginal, twice of it alone
    assert f"{title} 0.4 h 0.00 0.2 h 0.00 0.7 h 0.00" in words(html)
    assert "One FTE is 1,720 hours a year" in words(html)
    text = page(lived, "bob", f"/burden/sites/north/{PERIOD}&format=csv")
    row = {r["program"]: r for r in csv.DictReader(StringIO(text))}[EU]
    assert (row["fair_share_hours"], row["given_back_hours"], row["alone_hours"]) == ("0.37", "0.18", "0.73")
    assert float(row["alone_fte"]) == pytest.approx(22 / 30 / (1720 * 61 / 365), abs=1e-4)


def test_the_network_names_the_site_most_over_its_budget_and_the_program_that_causes_it(lived: World) -> None:
    rows.open_visits("south", MONDAY, PASS, weeks=2, minutes=300)
    rows.open_visits("north", MONDAY, EU, NA, weeks=3, minutes=70)
    Budget.objects.create(site=lived.south, minutes_week=120, valid_from=date(2026, 1, 1))
    html = page(lived, "dana", "/burden/")
    text = words(html)
    assert "passes the budget at 2 sites" in text
    program = lived.programs[PASS].title
    assert f"South Clinic : 6.0 h over in 2 weeks; 100 % of the work is for {program} , where you see what" in text
    assert f'href="/requests/{PASS}/cost/#cheaper"' in html
    assert text.index("South Clinic : 6.0 h") < text.index("North Hospital : 1.0 h over in 3 weeks")
    assert "South Clinic 250 % 250 % 0 %" in text
    assert 'class="num heat-4">250 %' in html
    assert "No site's open work passes" not in html


def test_a_cell_is_coloured_by_its_share_of_the_budget() -> None:
    shares = (0.5, 0.51, 0.8, 0.81, 1, 1.01, 1.5, 1.51)
    cells = [Cell(round(share * 600_000), 100) for share in shares]
    assert [c.css[-1] for c in cells] == ["0", "1", "1", "2", "2", "3", "3", "4"]
    assert (Cell(360_000, None).css, Cell(360_000, None).text) == ("heat-none", "1.0 h")
    assert (Cell(0, 0).css, Cell(1, 0).css) == ("heat-0", "heat-4")


def test_a_large_network_shows_the_fullest_sites_first_and_all_when_asked(lived: World) -> None:
    Site.objects.bulk_create([Site(code=f"s{n}", name=f"Site {n:02}", time_zone="UTC") for n in range(50)])
    rows.open_visits("s49", MONDAY, EU, minutes=600)
    some, every = page(lived, "dana", "/burden/"), page(lived, "dana", "/burden/?heat=all")
    assert "the 40 fullest of 52 sites" in words(some)
    assert "Site 49" in some
    assert every.count("<tr>") - some.count("<tr>") == 24  # twelve more in the heat map and in the table
