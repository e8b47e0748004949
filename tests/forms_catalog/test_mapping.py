"""Step 2: the machine proposes, people decide; every decision has who, when, why and can be undone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import transaction

from forms_catalog import intake, mapping, proposing, suggesting
from forms_catalog.mapping import MappingConflict, MappingError
from forms_catalog.models import DictionaryVersion, Element, Mapping, MappingSource, Proposal
from forms_catalog.specs import MappingSpec, Source, Step
from sites.models import Program, TrailEntry
from sites.trail import ReasonMissing
from tests.releases import decided
from tests.world import AT, DECIDED, World, decided_world, upload

pytestmark = pytest.mark.django_db
CODE = "car_pass_sponsor"


@pytest.fixture
def world(catalog_world: World) -> World:
    """Here the catalog is in."""
    return catalog_world


@pytest.fixture
def version(world: World) -> DictionaryVersion:
    return upload(world, CODE)


@pytest.fixture
def program(version: DictionaryVersion) -> Program:
    return version.program


def spec(path: str) -> MappingSpec:
    return decided(CODE).by_path[path]


def confirm(program: Program, path: str, **changes: object) -> Mapping:
    wanted = replace(spec(path), **changes)  # type: ignore[arg-type]
    return mapping.confirm(program, wanted, actor=AT, reason="checked")


def test_a_decision_keeps_who_when_and_why(program: Program) -> None:
    made = confirm(program, "sex")
    assert (made.decided_by, made.decided_at, made.reason, made.version) == (AT.name, AT.now, "checked", 1)
    entry = TrailEntry.objects.get(action="confirm_mapping")
    assert entry.details["decision"]["sources"] == [{"element": "sex-at-birth", "qualifier": ""}]
    assert made.history.get().history_change_reason == "checked"


def test_the_same_decision_again_changes_nothing(program: Program) -> None:
    assert confirm(program, "sex").version == confirm(program, "sex").version == 1
    assert Mapping.history.count() == 1


def test_a_changed_decision_counts_up_and_keeps_the_old_one(program: Program) -> None:
    confirm(program, "sex")
    changed = confirm(program, "sex", relation="exact")
    assert (changed.version, mapping.spec_of(changed).relation) == (2, "exact")
    assert [h.relation for h in Mapping.history.order_by("history_date")] == ["recode", "exact"]


def test_what_comes_back_is_what_was_decided(program: Program) -> None:
    for path in decided(CODE).by_path:
        made = confirm(program, path)
        assert replace(mapping.spec_of(made), reason="") == replace(spec(path), reason="")


def test_a_decision_without_a_reason_is_refused(program: Program) -> None:
    with pytest.raises(ReasonMissing):
        mapping.confirm(program, spec("sex"), actor=AT, reason=" ")


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"sources": (Source("no-such"),)}, "no element 'no-such'"), ({"transform": ()}, "add a recode step"),
     ({"transform": (Step("recode", {"map": {"male": "X"}}),)}, "'X' is not a code of sex"),
     ({"sources": ()}, "choose"),
     ({"condition": "if so"}, "not a condition"), ({"condition": "no-such known"}, "no element 'no-such'"),
     ({"sources": (Source("draft:other:sex"),)}, "draft of another program"),
     ({"relation": "not_same"}, "not a relation"), ({"relation": "narrower"}, "extra question")],
)  # fmt: skip
def test_a_decision_that_cannot_work_is_refused_in_words(
    program: Program, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(MappingError, match=said):
        confirm(program, "sex", **changes)
    assert not Mapping.objects.exists()


def test_a_new_field_brings_a_draft_element_of_its_own(program: Program) -> None:
    field = next(f for f in intake.fields_of(intake.latest(program)) if f.path == "sex")  # type: ignore[arg-type]
    made = mapping.confirm(program, suggesting.new(CODE, field), actor=AT, reason="nothing fits")
    assert Element.objects.get(key="draft:car_pass_sponsor:sex").state == "draft"
    assert mapping.spec_of(made).sources == (Source("draft:car_pass_sponsor:sex"),)


def test_the_second_of_two_curators_is_told(program: Program) -> None:
    first = mapping.confirm(program, spec("sex"), actor=AT, reason="mine", seen_version=0)
    with pytest.raises(MappingConflict) as refused:
        mapping.confirm(program, replace(spec("sex"), relation="exact"), actor=AT, reason="also mine", seen_version=0)
    assert refused.value.theirs == first
    assert Mapping.objects.get().reason == "mine"


def test_a_new_choice_can_be_undone_and_called_new_again(program: Program) -> None:
    field = next(f for f in intake.fields_of(intake.latest(program)) if f.path == "sex")  # type: ignore[arg-type]
    first = mapping.confirm(program, suggesting.new(CODE, field), actor=AT, reason="nothing fits")
    mapping.undo(first, actor=AT, reason="look again")
    again = mapping.confirm(program, suggesting.new(CODE, field), actor=AT, reason="still nothing fits")
    assert (again.relation, again.version) == ("new", 3)


def test_an_undone_decision_is_open_again_and_names_its_deliveries(program: Program) -> None:
    made = confirm(program, "sex")
    undone = mapping.undo(made, actor=AT, reason="wrong sex")
    assert (undone.state, undone.version, undone.reason) == ("open", 2, "wrong sex")
    assert mapping.refs(undone) == (f"{made.uuid}@1", f"{made.uuid}@2")
    with pytest.raises(MappingError, match="nothing to undo"):
        mapping.undo(made, actor=AT, reason="again")


def test_many_are_confirmed_together_or_not_at_all(program: Program) -> None:
    good = [(spec("sex"), 0), (spec("subjid"), 0)]
    with pytest.raises(MappingError):
        mapping.confirm_many(program, [*good, (replace(spec("siteid"), sources=()), 0)], actor=AT, reason="bulk")
    assert not Mapping.objects.exists()
    assert {m.reason for m in mapping.confirm_many(program, good, actor=AT, reason="bulk")} == {"bulk"}


def test_not_the_same_is_never_proposed_and_never_confirmed_again(version: DictionaryVersion) -> None:
    proposing.propose(version, actor=AT)
    trap = Proposal.objects.filter(path="sex", rank=1).get()
    mapping.mark_not_same(version.program, "sex", trap.element.key, actor=AT, reason="tempting")
    proposing.propose(version, actor=AT)
    best = Proposal.objects.get(path="sex", rank=1, state="proposed")
    assert best.element != trap.element
    with pytest.raises(MappingError, match="marked as not the same"):
        confirm(version.program, "sex", sources=(Source(trap.element.key),))


def test_a_mark_on_the_confirmed_element_sends_the_field_back(program: Program) -> None:
    confirm(program, "sex")
    mapping.mark_not_same(program, "sex", "sex-at-birth", actor=AT, reason="gender, not sex")
    assert Mapping.objects.get().state == "open"
    mapping.reconsider(program, "sex", "sex-at-birth", actor=AT, reason="it is sex after all")
    assert confirm(program, "sex").state == "confirmed"


def test_a_rejected_element_may_still_be_chosen_by_a_person(version: DictionaryVersion) -> None:
    mapping.reject_many(version.program, [("sex", "sex-at-birth")], actor=AT, reason="not now")
    proposing.propose(version, actor=AT)
    assert not Proposal.objects.filter(path="sex", element__key="sex-at-birth", rank__gt=0).exists()
    assert confirm(version.program, "sex").state == "confirmed"


def test_proposing_again_writes_nothing_new(version: DictionaryVersion) -> None:
    proposing.propose(version, actor=AT)
    before = (Proposal.objects.count(), Proposal.history.count(), Mapping.history.count())
    assert proposing.propose(version, actor=AT)["accept"] == 0
    assert (Proposal.objects.count(), Proposal.history.count(), Mapping.history.count()) == before


def test_the_machine_confirms_nothing_a_guard_objects_to(version: DictionaryVersion) -> None:
    done = proposing.propose(version, actor=AT)
    taken = Mapping.objects.filter(by_machine=True)
    assert taken.count() == done["accept"] > 5
    for made in taken:
        first = Proposal.objects.get(path=made.path, rank=1)
        assert (first.decision, first.guards) == ("accept", [])
        assert made.relation in suggesting.DIRECT


def test_the_machine_may_not_confirm_what_it_left_to_review(version: DictionaryVersion) -> None:
    proposing.propose(version, actor=AT)
    open_one = Proposal.objects.filter(rank=1, decision="review").first()
    assert open_one is not None
    wanted = spec(open_one.path)
    with pytest.raises(MappingError, match="a person has to decide"):
        mapping.confirm(version.program, wanted, actor=AT, reason="machine", by_machine=True)


def test_the_machine_leaves_an_undone_field_to_people(version: DictionaryVersion) -> None:
    proposing.propose(version, actor=AT)
    taken = Mapping.objects.filter(by_machine=True)[0]
    mapping.undo(taken, actor=AT, reason="a person looked")
    proposing.propose(version, actor=AT)
    assert Mapping.objects.get(pk=taken.pk).state == "open"


def test_the_machine_accepts_nothing_wrong_with_all_other_programs_decided(db: None) -> None:
    versions = decided_world().versions
    assert set(versions) == set(DECIDED)
    wrong = {code: undecided_again(version) for code, version in versions.items()}
    assert not any(wrong.values()), wrong


def undecided_again(version: DictionaryVersion) -> list[str]:
    """The fields the machine decides wrongly where this program alone is undecided."""
    own = {"program": version.program}
    with transaction.atomic():
        MappingSource.objects.filter(mapping__program=version.program).delete()
        Mapping.objects.filter(**own).delete()
        Proposal.objects.filter(**own).delete()
        assert proposing.propose(version, actor=AT)["accept"] >= 5
        wrong = [m.path for m in Mapping.objects.filter(**own) if not right(m)]
        transaction.set_rollback(True)
    return wrong


def right(made: Mapping) -> bool:
    truth = decided(made.program.code)
    element = made.sources.all()[0].element.key
    pairs = {(p.path, p.element) for p in truth.not_same}
    return truth.by_path[made.path].sources[0].element == element and (made.path, element) not in pairs


def test_decided_gives_the_program_with_a_ref_for_each_decision(version: DictionaryVersion) -> None:
    made = confirm(version.program, "sex")
    asks = {a.field.path: a for a in mapping.decided(version).asks}
    assert asks["sex"].mapping_ref == f"{made.uuid}@1"
    assert (asks["subjid"].mapping, asks["subjid"].mapping_ref) == (None, "")
    assert len(mapping.decided(version).entries) == version.entries.count()


def test_a_field_that_changes_its_meaning_has_to_be_decided_again(world: World, program: Program) -> None:
    from forms_catalog import starter

    confirm(program, "sex")
    changed = starter.program_csv(CODE).replace(b"M, Male", b"M, Man or boy", 1)
    plan = starter.schedule_json(CODE)
    second = intake.receive(program, changed, "v2.csv", plan, actor=AT)
    asks = {a.field.path: a.mapping for a in mapping.decided(second).asks}
    assert asks["sex"] is None
