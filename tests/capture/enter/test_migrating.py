"""Moving an open visit to a newer form: what fits stays typed, the rest is set aside until a person says otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from capture.ask.facts import EnteredRecord, Entry
from capture.enter import drafts, migrating, recording
from capture.enter.drafts import Typed
from capture.enter.migrating import MigratingError
from capture.models import Move, Patient, SetAsideValue, Visit
from capture.models.sealed import PREFIX
from forms_catalog import publishing
from forms_catalog.specs import Option
from sites.models import TrailEntry
from tests.answering import answers_for
from tests.capture.enter import newer
from tests.capture.test_identifiers import holding
from tests.world import TODAY, World, visit_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(car_world: World) -> Visit:
    return visit_on(Patient.objects.get(), "D100")


def places(world: World, visit: Visit, person: str = "alice") -> tuple[set[str], set[str]]:
    """Element names of what is typed, and of what is set aside."""
    typed = newer.typed_of(visit, world.people[person])
    return {k.split("~")[0] for k in typed.entered.answers}, {a.place.split("~")[0] for a in typed.aside}


def begin(world: World, visit: Visit, person: str = "alice", **answers: str) -> dict[str, str]:
    """Type answers by element, _ for -. Gives the keys."""
    found = newer.keys(visit)
    values = {found[name.replace("_", "-")]: Entry(value) for name, value in answers.items()}
    newer.type_in(visit, world.people[person], values)
    return found


def test_what_is_gone_is_set_aside_and_the_rest_stays_typed(car_world: World, visit: Visit) -> None:
    begin(car_world, visit, igg="430", hemoglobin="11.2")
    newer.publish(newer.without_element("igg"))
    made = newer.migrate(car_world, visit)
    assert places(car_world, visit) == ({"hemoglobin"}, {"igg"})
    assert (made.stayed, made.aside, Visit.objects.get(pk=visit.pk).release) == (1, 1, publishing.current())


def test_a_changed_unit_or_option_sets_aside_and_new_words_do_not(car_world: World, visit: Visit) -> None:
    begin(car_world, visit, igg="430", vital_status="alive", ecog="1")
    options = publishing.current_spec().elements["vital-status"].options
    newer.publish(newer.element("igg", unit="g/L"))
    newer.publish(newer.element("vital-status", options=tuple(o for o in options if o.code != "alive")))
    newer.publish(newer.element("ecog", label="Performance status (ECOG)"))
    newer.migrate(car_world, visit)
    assert places(car_world, visit) == ({"ecog"}, {"igg", "vital-status"})
    assert {a.why for a in newer.typed_of(visit, car_world.alice).aside} == {"unit", "option"}


def test_an_option_that_reads_otherwise_is_chosen_again_by_a_person(car_world: World, visit: Visit) -> None:
    begin(car_world, visit, ecog="1")
    options = publishing.current_spec().elements["ecog"].options
    said = tuple(Option(o.code, "Cannot walk") if o.code == "1" else o for o in options)
    newer.publish(newer.element("ecog", options=said))
    newer.migrate(car_world, visit)
    (one,) = newer.typed_of(visit, car_world.alice).aside
    migrating.use(visit, car_world.alice, one.id, today=TODAY)
    assert places(car_world, visit) == ({"ecog"}, set())


def test_a_question_that_returns_has_its_value_typed_again(car_world: World, visit: Visit) -> None:
    begin(car_world, visit, igg="430")
    whole = publishing.current_spec()
    newer.publish(newer.without_element("igg"))
    newer.migrate(car_world, visit)
    newer.publish(lambda _: whole)
    assert newer.migrate(car_world, visit).back == 1
    assert places(car_world, visit) == ({"igg"}, set())


def test_record_fields_that_are_gone_are_set_aside_one_by_one(car_world: World, visit: Visit) -> None:
    one = EnteredRecord(
        "new-1", "infection", {"infection-date": Entry("2026-04-01"), "infection-organism": Entry("viral")}
    )
    newer.type_in(visit, car_world.alice, {}, one)
    newer.publish(newer.without_element("infection-organism"))
    newer.migrate(car_world, visit)
    typed = newer.typed_of(visit, car_world.alice)
    assert [a.place for a in typed.aside] == ["r.infection.new-1.infection-organism"]
    assert set(typed.entered.records[0].values) == {"infection-date"}


def test_later_saves_and_conflicts_leave_what_is_set_aside(car_world: World, visit: Visit) -> None:
    found = begin(car_world, visit, igg="430")
    newer.publish(newer.without_element("igg"))
    newer.migrate(car_world, visit)
    newer.type_in(visit, car_world.alice, {found["ecog"]: Entry("2")}, sequence=5)
    drafts.keep(visit, car_world.alice, typed=newer.typed_of(visit, car_world.alice))
    assert places(car_world, visit) == ({"ecog"}, {"igg"})


def test_a_page_of_the_older_form_saved_late_loses_nothing(car_world: World, visit: Visit) -> None:
    found = begin(car_world, visit, igg="430")
    old = Visit.objects.get(pk=visit.pk).release
    assert old is not None
    page = newer.page_of(visit, shown=frozenset(found.values()), release=old)
    newer.publish(newer.element("igg", unit="g/L"))
    newer.migrate(car_world, visit)
    late = replace(newer.typed_of(visit, car_world.alice), aside=())
    late = replace(late, entered=replace(late.entered, answers={found["igg"]: Entry("431"), found["ecog"]: Entry("1")}))
    drafts.save(visit, car_world.alice, sequence=9, typed=late, active_centiseconds=0, page=page)
    typed = newer.typed_of(visit, car_world.alice)
    assert {a.entry.value for a in typed.aside} == {"430", "431"}
    assert [e.value for e in typed.entered.answers.values()] == ["1"]


def test_everybodys_draft_moves_and_can_be_submitted(car_world: World, visit: Visit) -> None:
    begin(car_world, visit, igg="430")
    begin(car_world, visit, person="bob", igg="440")
    newer.publish(newer.without_element("igg"))
    looked = migrating.preview(visit, car_world.alice, today=TODAY)
    assert (looked.stays, len(looked.aside), looked.others) == (0, 1, {"bob": 1})
    newer.migrate(car_world, visit)
    assert places(car_world, visit, "bob") == (set(), {"igg"})
    draft = drafts.of(visit, car_world.bob)
    assert draft is not None
    assert draft.visit_version == Visit.objects.get(pk=visit.pk).version


def test_what_is_left_at_submit_is_evidence_and_sealed(car_world: World, visit: Visit) -> None:
    begin(car_world, visit, igg="9843.127")
    newer.publish(newer.without_element("igg"))
    newer.migrate(car_world, visit)
    recording.submit(visit, answers_for(visit), actor=car_world.actor("alice"), today=TODAY)
    kept = SetAsideValue.objects.get()
    assert (kept.value, kept.outcome, kept.why) == ("9843.127", "left", "gone")
    assert SetAsideValue.objects.filter(value__startswith=PREFIX).count() == 1
    assert holding("9843.127") == set()


def test_dismissing_takes_a_person_and_leaves_evidence(car_world: World, visit: Visit) -> None:
    begin(car_world, visit, igg="430")
    newer.publish(newer.without_element("igg"))
    newer.migrate(car_world, visit)
    (one,) = newer.typed_of(visit, car_world.alice).aside
    with pytest.raises(MigratingError, match="no place"):
        migrating.use(visit, car_world.alice, one.id, today=TODAY)
    with pytest.raises(MigratingError):
        migrating.dismiss(visit, car_world.bob, one.id, actor=car_world.actor("bob"))
    migrating.dismiss(visit, car_world.alice, one.id, actor=car_world.actor("alice"))
    assert newer.typed_of(visit, car_world.alice).aside == ()
    assert SetAsideValue.objects.get().outcome == "dismissed"
    assert TrailEntry.objects.filter(action="dismiss_set_aside").count() == 1


def test_of_two_people_one_moves_the_visit_and_the_other_looks_again(car_world: World, visit: Visit) -> None:
    begin(car_world, visit, igg="430")
    newest = newer.publish(newer.without_element("igg")).number
    version = Visit.objects.get(pk=visit.pk).version
    newer.migrate(car_world, visit)
    newer.publish(newer.element("ecog", label="Performance"))
    with pytest.raises(recording.StaleVisit):
        migrating.migrate(visit, to=newest, version=version, actor=car_world.actor("bob"), today=TODAY)


def test_a_submit_of_the_page_before_the_move_is_refused_and_kept(car_world: World, visit: Visit) -> None:
    begin(car_world, visit, igg="430")
    post = answers_for(visit)
    newer.publish(newer.without_element("igg"))
    newer.migrate(car_world, visit, "bob")
    with pytest.raises(recording.StaleVisit):
        recording.submit(visit, post, actor=car_world.actor("alice"), today=TODAY)


def test_the_move_is_told_by_counts_in_the_trail(car_world: World, visit: Visit) -> None:
    begin(car_world, visit, igg="430")
    newer.publish(newer.without_element("igg"))
    newer.migrate(car_world, visit)
    told = TrailEntry.objects.get(action="migrate_visit")
    assert told.details | {"from": 0, "to": 0} == {
        "from": 0, "to": 0, "drafts": 1, "stayed": 0, "set_aside": 1, "came_back": 0,
    }  # fmt: skip
    assert Move.objects.filter(subject="visit", subject_uuid=visit.uuid, after__startswith="release").count() == 1


@pytest.mark.parametrize("state", ["unopened", "newest", "submitted"])
def test_there_is_nothing_to_move(car_world: World, visit: Visit, state: str) -> None:
    if state != "unopened":
        begin(car_world, visit, igg="430")
    if state == "submitted":
        recording.submit(visit, answers_for(visit), actor=car_world.actor("alice"), today=TODAY)
    if state != "newest":
        newer.publish(newer.without_element("igg"))
    with pytest.raises(MigratingError):
        newer.migrate(car_world, visit)


def test_an_empty_draft_moves_too(car_world: World, visit: Visit) -> None:
    newer.type_in(visit, car_world.alice, {})
    newer.publish(newer.without_element("igg"))
    assert newer.migrate(car_world, visit).drafts == 1
    assert newer.typed_of(visit, car_world.alice) == Typed.load(None)
