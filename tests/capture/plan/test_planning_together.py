"""Two writers plan one patient at once: they take turns, and the second finds nothing left to do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from capture.models import Timepoint, Visit
from sites.models import Program, TrailEntry
from tests.capture.plan import rows
from tests.capture.plan.rows import CART


@pytest.mark.django_db(transaction=True)
def test_planning_one_patient_at_the_same_time_makes_one_plan() -> None:
    rows.live(*CART)
    Program.objects.update(state="known")
    patient = rows.patient(*CART)
    Program.objects.update(state="live")

    def plan(_: int) -> int:
        try:
            return rows.plan(patient)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        written = sorted(pool.map(plan, range(4)))
    assert written[:3] == [0, 0, 0]
    assert Timepoint.objects.count() == 56
    assert Visit.objects.count() == 22
    assert TrailEntry.objects.filter(action="plan").count() == 1
