"""The visit form costs a fixed number of queries, however much the patient's past holds."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from capture.models import Occurrence, Patient, Visit
from tests.journeys.story import DAY100, Told
from tests.journeys.test_golden import report
from tests.world import TODAY, World, visit_on

pytestmark = pytest.mark.django_db
BUDGET = 25


def with_infections(number: int) -> Told:
    """Day 100 with so many infections before it."""
    one = {**DAY100.records["infection"][0], "infection-organism": "none"}  # of no kind that a rule would know again
    return Told(DAY100.values, {"infection": [{**one, "infection-date": 10 + n} for n in range(number)]}, DAY100.empty)


def queries(world: World, visit: Visit) -> int:
    """How many queries the form takes for a coordinator."""
    client = Client()
    client.force_login(world.alice)
    with CaptureQueriesContext(connection) as taken:
        answer = client.get(f"/visits/{visit.uuid}/")
    assert answer.status_code == 200
    return len(taken)


@pytest.mark.parametrize("rows", [2, 20])
def test_2_and_20_earlier_records_take_the_same_few_queries(car_world: World, rows: int) -> None:
    before = queries(car_world, visit_on(Patient.objects.get(), "M6"))
    report(car_world, "D100", with_infections(rows), TODAY)
    assert Occurrence.objects.count() == rows
    assert queries(car_world, visit_on(Patient.objects.get(), "M6")) <= before <= BUDGET
