"""The whole way on the real gateways: baseline, the joint visit of day 100, delivery, correction, next revision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from capture.deliver import sending, slices
from capture.enter import correcting
from capture.enter.correcting import Correction
from capture.models import Delivery, Patient, Response, Visit
from tests.answering import submit
from tests.world import TODAY, World, visit_on

pytestmark = pytest.mark.django_db
NA = "car_registry_na"


@pytest.fixture
def reported(car_world: World, settings: Any, tmp_path: Path) -> World:
    """Alice has submitted the three baselines and the joint visit of day 100."""
    settings.DELIVERY_DIR = tmp_path
    alice = car_world.actor("alice")
    for visit in Visit.objects.filter(kind="baseline"):
        submit(visit, alice, {"subject-id": "7001"})
    submit(visit_on(Patient.objects.get(), "D100"), alice)
    return car_world


def newest(program: str, entry: str) -> Delivery:
    rows = Delivery.objects.filter(timepoint__enrollment__program__code=program, timepoint__entry_code=entry)
    return rows.order_by("-revision")[0]


def test_each_report_leaves_as_a_file_with_the_programs_own_number(reported: World) -> None:
    due = sending.pending()
    assert sum(sending.send_one(pk) for pk in due) == len(due)
    states = {d.timepoint.entry_code: d.state for d in Delivery.objects.filter(timepoint__kind="followup")}
    assert states == {"D100": "exported", "M3": "exported"}
    text = sending.file_of(newest(NA, "D100"))[0].decode()
    assert text.splitlines()[1].startswith("7001,100_days_arm_1,1,")


def test_a_correction_at_the_visit_makes_the_next_revision_of_those_who_asked(reported: World) -> None:
    for pk in sending.pending():
        sending.send_one(pk)
    answer = Response.objects.get(element="last-known-alive-date", is_current=True)
    earlier = str(TODAY.replace(day=1).replace(month=5))
    actor = reported.actor("alice")
    correcting.correct(answer, Correction(value=earlier), actor=actor, reason="typing error", today=TODAY)
    changed = {d.timepoint.enrollment.program.code for d in Delivery.objects.filter(revision=2)}
    assert changed == {"car_pass_sponsor", "car_registry_eu"}
    before = newest("car_registry_eu", "D100")
    assert [c.value for c in slices.load(before.payload).cells if c.name == "dt_lastseen"] == ["01-05-2026"]
