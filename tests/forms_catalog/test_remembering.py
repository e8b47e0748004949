"""The memory: what a person confirmed maps itself the next time; what people took back or mean otherwise does not."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Mapping as Named
from dataclasses import replace
from typing import Any

import pytest

from forms_catalog import governing, handing_in, loading, mapping, remembering, seeding, starter
from forms_catalog.matching import Remembered
from forms_catalog.models import Alias, DictionaryVersion, Mapping
from forms_catalog.remembering import Memory
from forms_catalog.specs import MappingSpec, Option, Source, Step
from sites.models import Program
from tests.forms_catalog.redcap_made import Row, csv_of
from tests.releases import decided
from tests.world import AT, DECIDED, World, decided_world, upload

pytestmark = pytest.mark.django_db
ONE, OTHER, THIRD = "sma_registry", "scd_gt_ltfu", "payer_outcomes_scd"
FIRST = Row("rec_id", "Record number")
SEX = Row("sex", "Sex of the person", "radio", "M, Man | F, Woman")
BORN = Row("born", "Year of birth", validation="integer")
STEPS = (Step("recode", {"map": {"male": "M", "female": "F"}}),)


@pytest.fixture
def catalog(catalog_world: World) -> World:
    return catalog_world


def hand_in(world: World, code: str, *rows: Row) -> DictionaryVersion:
    return handing_in.hand_in(world.programs[code], csv_of(FIRST, *rows), "a.csv", actor=AT)[0]


def decide(
    world: World, code: str, row: Row = SEX, element: str = "sex-at-birth", relation: str = "recode",
    steps: tuple[Step, ...] = STEPS,
) -> Mapping:  # fmt: skip
    sources = () if relation == "new" else (Source(element),)
    spec = MappingSpec(code, row.name, relation, sources, () if relation == "new" else steps)  # type: ignore[arg-type]
    return mapping.confirm(world.programs[code], spec, actor=AT, reason="the same question")


def told(world: World, code: str) -> list[Remembered]:
    """What the matcher is told for a program."""
    return remembering.memory(world.programs[code], seeding.standings()).wordings


def elements(world: World, code: str) -> list[str]:
    return [one.element for one in told(world, code)]


def standing(version: DictionaryVersion) -> dict[str, MappingSpec]:
    """The decisions on the fields of a version."""
    hashes = dict(version.fields.values_list("path", "meaning_hash"))
    rows = Mapping.objects.filter(program=version.program, state=Mapping.State.CONFIRMED)
    return {m.path: mapping.spec_of(m) for m in rows if hashes.get(m.path) == m.meaning_hash}


def reworded(code: str) -> tuple[bytes, set[str]]:
    """The program's dictionary with one label of ten said otherwise, and the names of those fields."""
    rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(starter.program_csv(code).decode("utf-8-sig"))))
    chosen = random.Random(code).sample([r for r in rows if r["Field Label"]], round(len(rows) * 0.1))
    for row in chosen:
        row["Field Label"] = f"In the opinion of the center: {row['Field Label']}"
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(), {r["Variable / Field Name"] for r in chosen}


def unlike(found: Named[str, MappingSpec], truth: Named[str, MappingSpec]) -> list[str]:
    """The fields that were mapped in another way than a curator did."""
    return [
        p for p, s in found.items() if replace(s, reason="", program="") != replace(truth[p], reason="", program="")
    ]


@pytest.mark.parametrize("code", DECIDED)
def test_a_confirmed_dictionary_with_one_wording_of_ten_changed_maps_itself(catalog: World, code: str) -> None:
    upload(catalog, code)
    loading.load_decisions(catalog.programs[code], actor=AT)
    truth, (data, changed) = decided(code).by_path, reworded(code)
    version, _ = handing_in.hand_in(catalog.programs[code], data, "v2.csv", starter.schedule_json(code), actor=AT)
    found = standing(version)
    unchanged = set(truth) - changed
    assert len(unchanged & set(found)) >= 0.99 * len(unchanged)
    assert unlike(found, truth) == []


def test_a_confirmed_dictionary_maps_much_of_itself_in_another_program_and_nothing_wrong(db: None) -> None:
    sponsor, mapped, fields = decided_world().programs[ONE].sponsor, 0, 0
    for code in DECIDED:
        twin = Program.objects.create(code=f"twin_{code}", title="Twin", sponsor=sponsor, kind=Program.Kind.REGISTRY)
        version, _ = handing_in.hand_in(twin, starter.program_csv(code), "a.csv", actor=AT)
        found = standing(version)
        assert unlike(found, decided(code).by_path) == []
        mapped, fields = mapped + len(found), fields + len(decided(code).by_path)
    assert mapped >= 0.5 * fields


def test_a_confirmed_wording_is_known_with_its_answers_and_value_map(catalog: World) -> None:
    hand_in(catalog, ONE, SEX)
    made = decide(catalog, ONE)
    assert Alias.objects.get().decision == mapping.ref(made)
    wanted = Remembered(SEX.label, "sex-at-birth", (Option("M", "Man"), Option("F", "Woman")), STEPS[0].args["map"])
    assert told(catalog, ONE) == told(catalog, OTHER) == [wanted]


def test_the_machine_teaches_nothing(catalog: World) -> None:
    hand_in(catalog, ONE, BORN)
    assert Mapping.objects.get().by_machine
    assert not Alias.objects.exists()


def test_an_undone_decision_is_forgotten_and_one_taken_again_is_known_again(catalog: World) -> None:
    hand_in(catalog, ONE, SEX)
    mapping.undo(decide(catalog, ONE), actor=AT, reason="wrong")
    assert told(catalog, ONE) == told(catalog, OTHER) == []
    decide(catalog, ONE)
    assert elements(catalog, ONE) == elements(catalog, OTHER) == ["sex-at-birth"]


def test_a_corrected_decision_takes_the_place_of_the_first(catalog: World) -> None:
    hand_in(catalog, ONE, SEX)
    decide(catalog, ONE)
    decide(catalog, ONE, element="vital-status", steps=(Step("recode", {"map": {"alive": "M"}}),))
    assert elements(catalog, ONE) == elements(catalog, OTHER) == ["vital-status"]


def test_a_carried_decision_that_is_undone_is_forgotten_under_both_wordings(catalog: World) -> None:
    hand_in(catalog, ONE, SEX)
    decide(catalog, ONE)
    hand_in(catalog, ONE, SEX.but(label="SEX of the person:"))
    mapping.undo(Mapping.objects.get(carried__from=1), actor=AT, reason="wrong")
    assert told(catalog, ONE) == told(catalog, OTHER) == []


def test_what_programs_mean_differently_is_known_to_each_of_them_and_not_in_general(catalog: World) -> None:
    for code, element in ((ONE, "sex-at-birth"), (OTHER, "gender-identity")):
        hand_in(catalog, code, SEX)
        decide(catalog, code, element=element, steps=(Step("recode", {"map": {}}),))
    assert elements(catalog, ONE) == ["sex-at-birth"]
    assert elements(catalog, OTHER) == ["gender-identity"]
    assert elements(catalog, THIRD) == []


def test_a_wording_for_which_one_program_found_no_element_is_not_known_in_general(catalog: World) -> None:
    hand_in(catalog, ONE, SEX)
    hand_in(catalog, OTHER, SEX)
    decide(catalog, ONE)
    decide(catalog, OTHER, relation="new")
    assert (elements(catalog, ONE), elements(catalog, OTHER), elements(catalog, THIRD)) == (["sex-at-birth"], [], [])


def test_a_wording_with_other_answers_is_another_question(catalog: World) -> None:
    kinds = SEX.but(choices="1, A | 2, B | 3, C")
    hand_in(catalog, ONE, SEX)
    hand_in(catalog, OTHER, SEX.but(kind="text", choices=""))
    decide(catalog, ONE)
    decide(catalog, OTHER, SEX, "product-name", "exact", ())
    memory = remembering.memory(catalog.programs[THIRD], seeding.standings())
    asked = mapping.decided(hand_in(catalog, THIRD, kinds)).asks[1].field
    assert memory.wordings == []  # the matcher compares words alone
    assert [memory.against(asked, e) for e in ("sex-at-birth", "product-name")] == [False, True]


def test_a_wording_refused_by_one_program_is_not_known_in_general(catalog: World) -> None:
    hand_in(catalog, ONE, SEX)
    hand_in(catalog, OTHER, SEX)
    decide(catalog, ONE)
    mapping.mark_not_same(catalog.programs[OTHER], "sex", "sex-at-birth", actor=AT, reason="self-reported here")
    assert (elements(catalog, ONE), elements(catalog, OTHER), elements(catalog, THIRD)) == (["sex-at-birth"], [], [])
    mapping.reconsider(catalog.programs[OTHER], "sex", "sex-at-birth", actor=AT, reason="the same after all")
    assert elements(catalog, THIRD) == ["sex-at-birth"]


def test_the_machine_leaves_a_wording_that_people_answered_in_another_way(catalog: World) -> None:
    hand_in(catalog, ONE, BORN)
    decide(catalog, ONE, BORN, "year-of-birth", "broader", ())
    assert standing(hand_in(catalog, OTHER, BORN)) == {}


def test_a_retired_element_is_known_by_its_replacement_without_its_codes(catalog: World) -> None:
    hand_in(catalog, ONE, SEX)
    decide(catalog, ONE)
    governing.retire("sex-at-birth", replaced_by="gender-identity", actor=AT, reason="one question")
    assert told(catalog, OTHER) == [Remembered(SEX.label, "gender-identity")]
    governing.restore("sex-at-birth", actor=AT, reason="not one question")
    governing.retire("sex-at-birth", actor=AT, reason="nobody asks")
    assert told(catalog, OTHER) == []


def test_the_steps_a_person_confirmed_come_back_with_the_same_answers(catalog: World) -> None:
    steps = (Step("recode", {"map": {"male": "M"}, "else": "F"}),)
    hand_in(catalog, ONE, SEX)
    decide(catalog, ONE, steps=steps)
    found = remembering.memory(catalog.programs[OTHER], {})
    asked = mapping.decided(hand_in(catalog, OTHER, SEX, SEX.but(name="sex2", choices="1, Man | 2, Woman"))).asks
    plain = MappingSpec(OTHER, "sex", "recode", (Source("sex-at-birth"),), STEPS)
    assert [found.completed(plain, a.field).transform for a in asked[1:]] == [steps, STEPS]


def test_wordings_in_letters_that_the_matcher_does_not_read_are_left_to_people(catalog: World) -> None:
    hand_in(catalog, ONE, SEX.but(label="性别"))
    decide(catalog, ONE)
    assert told(catalog, ONE) == []


def test_the_memory_takes_the_same_queries_for_few_and_many(catalog: World, django_assert_num_queries: object) -> None:
    hand_in(catalog, ONE, *(SEX.but(name=f"sex{n}", label=f"Sex number {n}") for n in range(20)))
    for n in range(20):
        decide(catalog, ONE, SEX.but(name=f"sex{n}"))
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert isinstance(remembering.memory(catalog.programs[ONE], {}), Memory)
