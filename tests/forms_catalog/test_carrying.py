"""A new version: decisions go on where a field still means the same, and back to review where it does not."""

from __future__ import annotations

import pytest

from forms_catalog import handing_in, mapping, reviewing, seeding
from forms_catalog.mapping import MappingError
from forms_catalog.models import DictionaryVersion, Element, Mapping, MappingSource, Proposal
from forms_catalog.specs import MappingSpec, Source, Step
from sites.models import Program, TrailEntry
from tests.forms_catalog.redcap_made import Row, csv_of
from tests.world import AT, World

pytestmark = pytest.mark.django_db
CODE = "sma_registry"
FIRST = Row("rec_id", "Record number")
SEX = Row("sex", "Sex", "radio", "M, Male | F, Female")
NOTE = Row("mystery", "Which mascot does the ward have?")
MAPPED = MappingSpec(
    CODE, "sex", "recode", (Source("sex-at-birth"),), (Step("recode", {"map": {"male": "M", "female": "F"}}),)
)


@pytest.fixture
def world(catalog_world: World) -> World:
    """Here the catalog is in."""
    return catalog_world


@pytest.fixture
def program(world: World) -> Program:
    return world.programs[CODE]


def hand_in(program: Program, *rows: Row) -> DictionaryVersion:
    return handing_in.hand_in(program, csv_of(FIRST, *rows), "a.csv", actor=AT)[0]


def decide(program: Program, spec: MappingSpec = MAPPED) -> Mapping:
    return mapping.confirm(program, spec, actor=AT, reason="the same question")


def newest(program: Program, path: str = "sex") -> reviewing.FieldRow:
    found = reviewing.review(program).row(path)
    assert found
    return found


def decided_then(program: Program, changed: Row) -> reviewing.FieldRow:
    """The field after it was decided and came changed in the next version."""
    hand_in(program, SEX)
    decide(program)
    hand_in(program, changed)
    return newest(program, changed.name)


@pytest.mark.parametrize(
    ("changed", "said"),
    [(SEX.but(label="SEX:"), "changed in wording (question: Sex → SEX:)"),
     (SEX.but(choices="M, male | F, female."), "changed in wording (choices: relabelled M, F)"),
     (SEX.but(form="demographics"), "moved (form: enrol → demographics)"),
     (SEX.but(name="gender_at_birth"), "renamed from sex")],
)  # fmt: skip
def test_a_decision_goes_on_where_the_field_means_the_same(program: Program, changed: Row, said: str) -> None:
    row = decided_then(program, changed)
    assert row.decision
    assert row.decision.stands
    assert row.decision.spec.sources == MAPPED.sources
    assert row.decision.spec.transform == MAPPED.transform
    assert row.decision.reason.startswith(f"Carried over from version 1: {said}. system:test decided on 2026-06-01:")
    assert row.decision.reason.endswith("the same question")


@pytest.mark.parametrize(
    ("changed", "said"),
    [(SEX.but(label="Gender identity"), "changed in meaning (question: Sex → Gender identity)"),
     (SEX.but(choices="M, Male | F, Female | U, Unknown"), "changed in meaning (choices: added U)"),
     (SEX.but(branching="[rec_id] > 3"), "changed in meaning (condition: none → [rec_id] > 3)"),
     (SEX.but(name="gender_at_birth", form="other"), "renamed from sex; moved (form: enrol → other)")],
)  # fmt: skip
def test_a_decision_goes_back_to_review_where_the_meaning_changed(program: Program, changed: Row, said: str) -> None:
    row = decided_then(program, changed)
    assert row.decision
    assert not row.decision.stands
    assert row.status in ("review", "new")
    assert row.decision.spec.sources == MAPPED.sources  # the earlier decision is what the form starts from
    assert row.decision.reason.startswith(f"Back to review. The field is {said}")


def test_a_field_that_did_not_change_needs_no_new_decision(program: Program) -> None:
    hand_in(program, SEX)
    made = decide(program)
    version = hand_in(program, SEX, NOTE)
    assert newest(program).decision == reviewing._decision(made, list(made.sources.all()))
    assert version.proposal_run.carried == {"from": 1, "kept": 1, "carried": 0, "back": 0, "refused": 0}


def test_what_changed_in_rules_only_keeps_its_decision(program: Program) -> None:
    age = Row("age", "Age at infusion", validation="integer", maximum="90")
    hand_in(program, age)
    decide(program, MappingSpec(CODE, "age", "new", ()))
    hand_in(program, age.but(maximum="120"))
    assert newest(program, "age").status == "decided"


def test_the_same_file_twice_is_one_version_and_changes_nothing(program: Program) -> None:
    row = decided_then(program, SEX.but(label="SEX:"))
    before = (Mapping.history.count(), MappingSource.objects.count(), TrailEntry.objects.count())
    version, fresh = handing_in.hand_in(program, csv_of(FIRST, SEX.but(label="SEX:")), "b.csv", actor=AT)
    assert (version.number, fresh, newest(program)) == (2, False, row)
    assert (Mapping.history.count(), MappingSource.objects.count()) == before[:2]
    assert TrailEntry.objects.count() == before[2] + 1  # upload_again


def test_a_carried_decision_has_history_and_trail_and_can_be_undone(program: Program) -> None:
    decided_then(program, SEX.but(label="SEX:"))
    row = Mapping.objects.get(carried__from=1)
    assert row.history.get().history_change_reason.startswith("Carried over from version 1")
    entry = TrailEntry.objects.get(action="carry_mapping")
    assert (entry.actor, entry.subject, entry.reason) == (AT.name, f"mapping:{row.uuid}", row.reason)
    mapping.undo(row, actor=AT, reason="not the same after all")
    assert not newest(program).decision.stands  # type: ignore[union-attr]
    assert Mapping.objects.filter(path="sex", state=Mapping.State.CONFIRMED).count() == 1  # version 1 keeps its own


def test_an_undone_decision_does_not_come_back_with_a_new_version(program: Program) -> None:
    hand_in(program, SEX)
    mapping.undo(decide(program), actor=AT, reason="look again")
    hand_in(program, SEX.but(label="SEX:"))
    found = newest(program).decision
    assert found
    assert not found.stands
    assert "It was waiting for review before." in found.reason


def test_a_reason_does_not_grow_from_version_to_version(program: Program) -> None:
    decided_then(program, SEX.but(label="SEX:"))
    hand_in(program, SEX.but(label="sex?"))
    found = newest(program).decision
    assert found
    assert found.reason.startswith("Carried over from version 2:")
    assert found.reason.count("decided on") == 1


def test_the_machine_does_not_decide_what_went_back_to_review(program: Program) -> None:
    hand_in(program, SEX.but(label="Sex at birth"))
    Mapping.objects.all().delete()
    decide(program)
    hand_in(program, SEX.but(label="Sex at birth", branching="[rec_id] > 3"))
    assert not newest(program).decision.stands  # type: ignore[union-attr]


@pytest.mark.parametrize("changed", [SEX.but(label="SEX:"), SEX.but(label="Gender"), SEX.but(name="gender")])
@pytest.mark.parametrize("refuse", [mapping.reject, mapping.mark_not_same])
def test_refused_pairs_stay_refused(program: Program, changed: Row, refuse: object) -> None:
    hand_in(program, SEX)
    refuse(program, "sex", "race", actor=AT, reason="quite another thing")  # type: ignore[operator]
    hand_in(program, changed)
    row = newest(program, changed.name)
    assert [(r.element, r.by, r.reason) for r in row.refused][-1] == ("race", AT.name, "quite another thing")
    assert "race" not in [p.element for p in row.proposals]


def test_an_element_marked_as_wrong_is_not_carried_to_a_renamed_field(program: Program) -> None:
    hand_in(program, SEX)
    decide(program)
    element = Element.objects.get(key="sex-at-birth")
    Proposal.objects.create(program=program, path="gender", meaning_hash="x", element=element,
                            relation="exact", state=Proposal.State.NOT_SAME, decided_by="cora")  # fmt: skip
    hand_in(program, SEX.but(name="gender"))
    assert not newest(program, "gender").decision.stands  # type: ignore[union-attr]
    with pytest.raises(MappingError):
        decide(program, MappingSpec(CODE, "gender", "recode", MAPPED.sources, MAPPED.transform))


def test_a_draft_element_says_what_its_field_says_now(program: Program) -> None:
    hand_in(program, NOTE)
    decide(program, MappingSpec(CODE, "mystery", "new", ()))
    hand_in(program, NOTE.but(label="Which mascot does the WARD have"))
    assert newest(program, "mystery").status == "decided"
    assert seeding.elements()[f"draft:{CODE}:mystery"].label == "Which mascot does the WARD have"


def test_a_renamed_new_field_goes_back_to_review_for_its_draft_bears_the_old_name(program: Program) -> None:
    hand_in(program, NOTE)
    decide(program, MappingSpec(CODE, "mystery", "new", ()))
    hand_in(program, NOTE.but(name="mascot"))
    found = newest(program, "mascot").decision
    assert found
    assert not found.stands
    assert "its draft element bears the old name" in found.reason


def test_an_old_wording_that_comes_back_finds_its_decision(program: Program) -> None:
    decided_then(program, SEX.but(label="Gender identity"))
    version = hand_in(program, SEX, NOTE)
    assert newest(program).status == "decided"
    assert version.proposal_run.carried["kept"] == 1


def test_carrying_takes_the_same_queries_for_few_and_many(
    program: Program, django_assert_max_num_queries: object
) -> None:
    rows = [Row(f"f{n}", f"What is the colour of door {n}?") for n in range(300)]
    hand_in(program, *rows)
    for row in rows[:60]:
        decide(program, MappingSpec(CODE, row.name, "new", ()))
    with django_assert_max_num_queries(60 + 60):  # type: ignore[operator]  # 60 of the trail, one for each decision
        hand_in(program, *(r.but(label=r.label + "!") for r in rows))
    assert Mapping.objects.filter(carried__from=1, state=Mapping.State.CONFIRMED).count() == 60


@pytest.mark.parametrize("refuse", [mapping.reject, mapping.mark_not_same])
def test_a_refused_pair_is_not_proposed_again_until_it_is_taken_back(program: Program, refuse: object) -> None:
    at_birth = SEX.but(label="Sex at birth")
    hand_in(program, at_birth)
    refuse(program, "sex", "sex-at-birth", actor=AT, reason="another sex is meant")  # type: ignore[operator]
    for label in ("Sex at birth!", "Sex assigned at birth", "Sex at birth"):
        hand_in(program, at_birth.but(label=label), NOTE.but(label=label))
        assert "sex-at-birth" not in [p.element for p in newest(program).proposals]
    mapping.reconsider(program, "sex", "sex-at-birth", actor=AT, reason="the same sex after all")
    hand_in(program, at_birth.but(note="as in the passport"))
    assert "sex-at-birth" in [p.element for p in newest(program).proposals]
