"""The catalog's gateway on the database: acts with who and why, and what a retired element still does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forms_catalog import drafts, governing, intake, mapping, proposing, seeding, starter, suggesting
from forms_catalog.governing import ElementConflict, GoverningError
from forms_catalog.mapping import MappingError
from forms_catalog.models import DictionaryVersion, Element, ElementVersion, Mapping, Proposal
from sites.models import TrailEntry
from sites.trail import Actor, ReasonMissing
from tests.releases import decided
from tests.world import AT, NOW, World, upload

pytestmark = pytest.mark.django_db
CODE = "car_pass_sponsor"
CORA = Actor("cora", "curator", simulated_at=NOW)


@pytest.fixture
def world(catalog_world: World) -> World:
    """Here the catalog is in."""
    return catalog_world


@pytest.fixture
def version(world: World) -> DictionaryVersion:
    return upload(world, CODE)


def retire(key: str, other: str = "") -> Element:
    return governing.retire(key, replaced_by=other, actor=CORA, reason="outdated")


def draft(key: str = "pain-today") -> Element:
    spec = replace(seeding.elements(["ecog"])["ecog"], id=key, label="Pain today")
    return seeding.save_element(spec, Element.State.DRAFT, actor=CORA, reason="wanted")


def new_field(version: DictionaryVersion, path: str) -> str:
    field = next(f for f in intake.fields_of(version) if f.path == path)
    mapping.confirm(version.program, suggesting.new(CODE, field), actor=AT, reason="nothing fits")
    return drafts.draft_id(CODE, path)


def test_an_element_goes_from_draft_to_released_to_retired_and_back(version: DictionaryVersion) -> None:
    row = draft()
    assert governing.release(row.key, actor=CORA, reason="agreed").state == "released"
    assert retire(row.key, "ecog").replaced_by == Element.objects.get(key="ecog")
    back = governing.restore(row.key, actor=CORA, reason="needed after all")
    assert (back.state, back.replaced_by) == ("released", None)
    acts = (
        TrailEntry.objects.filter(subject=f"element:{row.uuid}").order_by("pk").values_list("action", "actor", "reason")
    )
    assert list(acts) == [
        ("release_element", "cora", "agreed"),
        ("retire_element", "cora", "outdated"),
        ("restore_element", "cora", "needed after all"),
    ]
    assert [h.state for h in row.history.order_by("history_date")] == ["draft", "released", "retired", "released"]


@pytest.mark.parametrize(("act", "key"), [("release", "ecog"), ("restore", "ecog"), ("retire", "pain-today")])
def test_any_other_step_is_refused(version: DictionaryVersion, act: str, key: str) -> None:
    draft()
    with pytest.raises(GoverningError, match="only what is"):
        getattr(governing, act)(key, actor=CORA, reason="x")


def test_an_act_needs_a_reason_and_an_element(version: DictionaryVersion) -> None:
    with pytest.raises(ReasonMissing):
        governing.retire("ecog", actor=CORA, reason=" ")
    with pytest.raises(GoverningError, match="no element"):
        retire("no-such")


@pytest.mark.parametrize("other", ["ecog", "no-such", "pain-today"])
def test_a_replacement_has_to_be_another_released_element(version: DictionaryVersion, other: str) -> None:
    draft()
    with pytest.raises(GoverningError):
        retire("ecog", other)
    assert Element.objects.get(key="ecog").state == "released"


def test_who_looked_at_an_older_state_is_told(version: DictionaryVersion) -> None:
    row = Element.objects.get(key="ecog")
    seen = governing.stamp(row)
    spec = replace(seeding.elements(["ecog"])["ecog"], note="clearer")
    governing.edit(spec, actor=CORA, reason="clearer", seen=seen)
    with pytest.raises(ElementConflict, match="Look at it again"):
        governing.retire("ecog", actor=CORA, reason="x", seen=seen)
    assert governing.retire("ecog", actor=CORA, reason="x", seen=governing.stamp(row)).state == "retired"


def test_an_edit_is_a_new_version_with_what_changed(version: DictionaryVersion) -> None:
    before = seeding.elements(["ecog"])["ecog"]
    made = governing.edit(replace(before, label="ECOG status"), actor=CORA, reason="as in the guideline")
    assert made is not None
    assert (made.number, made.created_by, made.reason) == (2, "cora", "as in the guideline")
    assert governing.edit(replace(before, label="ECOG status"), actor=CORA, reason="again") is None
    assert ElementVersion.objects.filter(element__key="ecog").count() == 2
    assert TrailEntry.objects.get(action="edit_element").details == {"changed": ["label"]}


def test_an_edit_of_a_released_element_keeps_its_meaning(version: DictionaryVersion) -> None:
    before = seeding.elements(["ecog"])["ecog"]
    with pytest.raises(GoverningError, match="choice 0 removed"):
        governing.edit(replace(before, options=before.options[1:]), actor=CORA, reason="x")
    row = draft()
    other = replace(seeding.elements([row.key])[row.key], datatype="text", options=())
    assert governing.edit(other, actor=CORA, reason="still a draft") is not None


def test_loading_the_starter_catalog_again_leaves_what_a_person_edited(version: DictionaryVersion) -> None:
    governing.edit(replace(starter.elements()["ecog"], label="Mine"), actor=CORA, reason="x")
    assert seeding.load_catalog(actor=AT, reason="again") == {"added": 0, "changed": 0}
    assert seeding.elements(["ecog"])["ecog"].label == "Mine"


def test_a_retired_element_is_proposed_to_nobody(version: DictionaryVersion) -> None:
    proposing.propose(version, actor=AT)
    named = Proposal.objects.filter(element__key="ecog", rank__gt=0)
    assert named.exists()
    retire("ecog")
    assert not named.exists()
    proposing.propose(version, actor=AT)
    assert not named.exists()


def test_a_retired_element_cannot_be_chosen_and_says_what_replaces_it(version: DictionaryVersion) -> None:
    spec = next(m for m in decided(CODE).mappings if m.sources[0].element == "ecog")
    retire("ecog", "karnofsky")
    with pytest.raises(MappingError, match="'ecog' is retired; choose 'karnofsky', which replaces it"):
        mapping.confirm(version.program, spec, actor=CORA, reason="x")


def test_a_catalog_draft_cannot_be_chosen_yet(version: DictionaryVersion) -> None:
    spec = next(m for m in decided(CODE).mappings if m.sources[0].element == "ecog")
    row = draft()
    wanted = replace(spec, sources=(replace(spec.sources[0], element=row.key),))
    with pytest.raises(MappingError, match="is a draft; release it"):
        mapping.confirm(version.program, wanted, actor=CORA, reason="x")
    assert row.key not in seeding.frozen()
    governing.release(row.key, actor=CORA, reason="agreed")
    assert mapping.confirm(version.program, wanted, actor=CORA, reason="x").state == "confirmed"


def test_a_standing_decision_on_a_retired_element_stays(version: DictionaryVersion) -> None:
    spec = next(m for m in decided(CODE).mappings if m.sources[0].element == "ecog")
    mapping.confirm(version.program, spec, actor=AT, reason="x")
    retire("ecog")
    asks = {a.field.path: a.mapping for a in mapping.decided(version).asks}
    assert asks[spec.path] is not None
    assert "ecog" in seeding.frozen()


def test_a_promoted_draft_becomes_an_element_its_field_is_mapped_to(version: DictionaryVersion) -> None:
    key = new_field(version, "sex")
    spec = replace(seeding.elements([key])[key], id="sex-as-asked", label="Sex as asked", definition="As asked.")
    made = governing.promote(key, spec, actor=CORA, reason="two more programs want it")
    old = Element.objects.get(key=key)
    assert (made.state, old.state, old.replaced_by) == ("released", "retired", made)
    found = mapping.spec_of(Mapping.objects.get(path="sex"))
    assert (found.relation, found.sources[0].element) == ("exact", "sex-as-asked")
    assert found.transform[0].args["map"] == {o.code: o.code for o in spec.options}
    assert {a.field.path: a.mapping for a in mapping.decided(version).asks}["sex"] == replace(
        found, reason="two more programs want it"
    )


def test_a_promoted_draft_is_not_made_again(version: DictionaryVersion) -> None:
    key = new_field(version, "sex")
    spec = replace(seeding.elements([key])[key], id="sex-as-asked")
    governing.promote(key, spec, actor=CORA, reason="x")
    with pytest.raises(MappingError, match="choose 'sex-as-asked'"):
        new_field(version, "sex")
    with pytest.raises(GoverningError, match="no draft"):
        governing.promote(key, replace(spec, id="other"), actor=CORA, reason="x")


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"id": "ecog"}, "already has"), ({"id": "no id"}, "is no id"), ({"datatype": "text"}, "has to stay")],
)
def test_a_promotion_keeps_what_the_field_takes(version: DictionaryVersion, changes: dict[str, str], said: str) -> None:
    key = new_field(version, "sex")
    spec = replace(seeding.elements([key])[key], **{"id": "sex-as-asked", **changes})  # type: ignore[arg-type]
    with pytest.raises(GoverningError, match=said):
        governing.promote(key, spec, actor=CORA, reason="x")
    assert Element.objects.get(key=key).state == "draft"


def test_the_draft_of_a_program_is_only_promoted(version: DictionaryVersion) -> None:
    key = new_field(version, "sex")
    with pytest.raises(GoverningError, match="promote it"):
        governing.release(key, actor=CORA, reason="x")
    with pytest.raises(GoverningError, match="promote it"):
        governing.edit(replace(seeding.elements([key])[key], label="x"), actor=CORA, reason="x")
