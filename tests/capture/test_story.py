"""The main job through the gateways: accept, plan, ask, submit, deliver, correct."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from capture.ask.facts import EnteredRecord, Entry
from capture.enter import recording
from capture.enter.drafts import Typed
from capture.models import Delivery, Occurrence, Patient, Submission, Timepoint, Visit
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


def test_a_record_of_somebody_else_is_refused_with_its_place(car_world: World) -> None:
    visit = visit_on(Patient.objects.get(), "D100")
    stranger = EnteredRecord("999", "infection", {"infection-date": Entry("2026-05-01")})
    post = answers_for(visit)
    mine = replace(post, entered=replace(post.entered, records=(stranger,)))
    with pytest.raises(recording.SubmitError) as refused:
        recording.submit(visit, mine, actor=car_world.actor("alice"), today=TODAY)
    assert refused.value.findings[0].code == "unknown_record"


def test_a_record_nobody_asks_for_is_set_aside_and_never_an_answer(car_world: World) -> None:
    visit = visit_on(Patient.objects.get(), "D100")
    stray = EnteredRecord("new-1", "transfusion", {"transfusion-date": Entry("2026-05-01")})
    post = answers_for(visit)
    mine = replace(post, entered=replace(post.entered, records=(stray,)))
    done = recording.submit(visit, mine, actor=car_world.actor("alice"), today=TODAY)
    assert "transfusion.new-1" in done.sheet["set_aside"]
    assert not Occurrence.objects.exists()


def test_what_was_typed_into_a_question_that_is_gone_is_set_aside_unless_it_identifies(car_world: World) -> None:
    visit = visit_on(Patient.objects.get(), "D100")
    post = answers_for(visit)
    gone = {f"alt~~v{visit.pk}": Entry("35"), f"date-of-birth~~p{visit.patient_id}": Entry("1970-01-01")}
    mine = replace(post, entered=replace(post.entered, answers={**post.entered.answers, **gone}))
    done = recording.submit(visit, mine, actor=car_world.actor("alice"), today=TODAY)
    assert done.sheet["set_aside"][f"alt~~v{visit.pk}"]["value"] == "35"
    assert not any("date-of-birth" in key for key in done.sheet["set_aside"])
