"""The main job through the gateways: accept, plan, ask, submit, deliver, correct."""

from __future__ import annotations

from uuid import uuid4

import pytest

from capture.enter import recording
from capture.enter.drafts import Typed
from capture.models import Delivery, Patient, Submission, Timepoint, Visit
from sites.models import BurdenEntry
from tests.answering import answers_for, submit
from tests.world import TODAY, World, visit_on

pytestmark = pytest.mark.django_db


def test_three_programs_share_19_visits_of_53_timepoints(car_world: World) -> None:
    found = Timepoint.objects.filter(kind="followup")
    assert found.count() == 53
    assert Visit.objects.filter(kind="followup").count() == 19


def test_a_submitted_visit_gives_each_program_its_delivery(car_world: World) -> None:
    visit = visit_on(Patient.objects.get(), "D100")
    submit(visit, car_world.actor("alice"))
    made = Delivery.objects.filter(timepoint__visit=visit)
    assert sorted(d.timepoint.enrollment.program.code for d in made) == [
        "car_pass_sponsor",
        "car_registry_eu",
        "car_registry_na",
    ]
    assert BurdenEntry.objects.filter(kind="predicted").count() == 3


def test_a_repeat_makes_no_second_submission(car_world: World) -> None:
    visit = visit_on(Patient.objects.get(), "D100")
    post = answers_for(visit)
    first = recording.submit(visit, post, actor=car_world.actor("alice"), today=TODAY)
    again = recording.submit(visit, post, actor=car_world.actor("alice"), today=TODAY)
    assert first == again
    assert Submission.objects.count() == 1


def test_required_questions_need_an_answer_or_a_reason(car_world: World) -> None:
    visit = visit_on(Patient.objects.get(), "D100")
    empty = recording.Post(uuid4(), visit.version, Typed.load(None).entered, {})
    with pytest.raises(recording.SubmitError) as refused:
        recording.submit(visit, empty, actor=car_world.actor("alice"), today=TODAY)
    assert any("Vital status" in f.message for f in refused.value.findings)
