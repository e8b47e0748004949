"""An open visit keeps the form it was opened with, in the form, the plan, the submit and what leaves."""

from __future__ import annotations

import pytest

from capture.ask import load
from capture.ask.facts import Entry
from capture.deliver import slices
from capture.enter import correcting, drafts, recording
from capture.enter.correcting import Correction
from capture.models import Delivery, Patient, Response, Submission, Timepoint, Visit
from capture.plan import load_periods, scheduling
from forms_catalog import publishing
from sites.models import LoadPeriod
from tests.answering import answers_for, submit
from tests.capture.enter import newer
from tests.world import AT, TODAY, World, visit_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(car_world: World) -> Visit:
    return visit_on(Patient.objects.get(), "D100")


def label(visit: Visit, element: str) -> str:
    return load.for_visits([visit.pk], today=TODAY)[visit.pk].release.elements[element].label


def test_the_first_draft_opens_the_visit_and_its_form_stays(car_world: World, visit: Visit) -> None:
    before = label(visit, "igg")
    newer.type_in(visit, car_world.alice, {newer.keys(visit)["igg"]: Entry("430")})
    newer.publish(newer.element("igg", label="IgG, total"))
    assert label(visit, "igg") == before
    assert label(visit_on(Patient.objects.get(), "M6"), "igg") == "IgG, total"


def test_a_page_shown_before_the_newer_release_opens_the_visit_with_what_it_showed(
    car_world: World, visit: Visit
) -> None:
    old = publishing.current()
    assert old is not None
    page = newer.page_of(visit, shown=frozenset(), release=old)
    newer.publish(newer.element("igg", label="IgG, total"))
    typed = newer.typed_of(visit, car_world.alice)
    drafts.save(visit, car_world.alice, sequence=1, typed=typed, active_centiseconds=0, page=page)
    assert Visit.objects.get(pk=visit.pk).release_id == old.pk


def test_when_the_last_draft_is_thrown_away_the_next_form_is_the_newest(car_world: World, visit: Visit) -> None:
    for person in (car_world.alice, car_world.bob):
        newer.type_in(visit, person, {})
    newer.publish(newer.element("igg", label="IgG, total"))
    drafts.discard(visit, car_world.alice)
    assert label(visit, "igg") != "IgG, total"
    drafts.discard(visit, car_world.bob)
    assert label(visit, "igg") == "IgG, total"


def test_submit_and_slices_use_the_form_the_visit_was_opened_with(car_world: World, visit: Visit) -> None:
    newer.type_in(visit, car_world.alice, {})
    old = Visit.objects.get(pk=visit.pk).release
    newer.publish(newer.without_element("igg"))
    done = submit(visit, car_world.actor("alice"), {"igg": "430"})
    assert done.release == old
    sent = Delivery.objects.get(timepoint__visit=visit, timepoint__enrollment__program__code=newer.PASS)
    assert "430" in {c.value for c in slices.load(sent.payload).cells}


def test_a_correction_is_judged_by_the_form_of_its_submission(car_world: World, visit: Visit) -> None:
    submit(visit, car_world.actor("alice"), {"igg": "430"})
    newer.publish(newer.element("igg", maximum=100.0))
    answer = Response.objects.get(element="igg", is_current=True)
    made = correcting.correct(answer, Correction("440"), actor=car_world.actor("alice"), reason="misread", today=TODAY)
    assert made.value == "440"


def test_a_post_of_another_form_than_the_visits_is_refused(car_world: World, visit: Visit) -> None:
    newer.type_in(visit, car_world.alice, {})
    post = answers_for(visit)
    wrong = recording.Post(
        post.client_uuid, post.version, post.entered, {}, release=newer.publish(lambda s: s).number + 7
    )
    with pytest.raises(recording.StaleVisit):
        recording.submit(visit, wrong, actor=car_world.actor("alice"), today=TODAY)
    assert not Submission.objects.exists()


def test_a_report_of_a_program_that_joined_later_waits_and_gets_its_own_visit(car_world: World, visit: Visit) -> None:
    with_all = publishing.current_spec()
    newer.publish(newer.without_program(newer.PASS))
    newer.type_in(visit, car_world.alice, {})
    newer.publish(lambda _: with_all)
    facts = load.for_visits([visit.pk], today=TODAY)[visit.pk]
    assert [o.program for o in facts.waiting] == [newer.PASS]
    submit(visit, car_world.actor("alice"))
    mine = Timepoint.objects.get(uuid=facts.waiting[0].uuid)
    assert (mine.state, mine.visit_id == visit.pk) == ("planned", False)


def test_planning_leaves_an_open_visit_the_reports_of_its_form(car_world: World, visit: Visit) -> None:
    newer.type_in(visit, car_world.alice, {})
    mine = Timepoint.objects.get(visit=visit, enrollment__program__code=newer.PASS)
    newer.publish(newer.without_entry(newer.PASS, mine.entry_code))
    scheduling.plan_patient(visit.patient_id, actor=AT, reason="test", today=TODAY)
    mine.refresh_from_db()
    assert (mine.state, mine.visit_id) == ("planned", visit.pk)
    newer.migrate(car_world, visit)
    mine.refresh_from_db()
    assert mine.state == "closed"


def test_the_load_of_an_open_visit_is_that_of_its_own_form(car_world: World, visit: Visit) -> None:
    newer.type_in(visit, car_world.alice, {})
    week = load_periods.monday(max(visit.planned_on, TODAY))

    def loads() -> tuple[int, int]:
        load_periods.rebuild(car_world.north, today=TODAY)
        rows = {(r.period, r.program): r.predicted for r in LoadPeriod.objects.all()}
        here = sum(n for (period, _), n in rows.items() if period == week)
        return here, sum(rows.values()) - here

    here, elsewhere = loads()
    newer.publish(newer.element("igg", effort_seconds=9999))
    assert loads()[0] == here
    assert loads()[1] > elsewhere
