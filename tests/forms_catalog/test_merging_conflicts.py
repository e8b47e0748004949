"""Each kind of conflict is found where it is, nowhere else, and under the same name whatever the order of programs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_catalog import conflict_kinds
from forms_catalog.merging_branching import circles
from forms_catalog.specs import Conflict, MappingSpec, ProgramSpec, Ruling, Source, Step
from tests.forms_catalog.decided import DECIDED, program
from tests.forms_catalog.test_merging import changed, conflicts, merged, remapped
from tests.sizes import size

NA, EU, PASS = "car_registry_na", "car_registry_eu", "car_pass_sponsor"


def several(code: str, **fields: dict[str, Any]) -> ProgramSpec:
    """A program with some of its fields changed."""
    spec = program(code)
    asks = (replace(a, field=replace(a.field, **fields.get(a.field.path, {}))) for a in spec.asks)
    return replace(spec, asks=tuple(asks))


def only(found: list[Conflict]) -> Conflict:
    assert len(found) == 1, found
    return found[0]


@pytest.mark.thorough
@settings(max_examples=size(4, 500), deadline=None)
@given(st.permutations(DECIDED))
def test_any_order_of_programs_gives_the_same_release_and_conflicts(order: tuple[str, ...]) -> None:
    release, found = merged(*(program(p) for p in order))
    same, expected = merged(*(program(p) for p in DECIDED))
    assert found == expected
    assert (list(release.programs), list(release.elements)) == (list(same.programs), list(same.elements))
    assert release == same


@pytest.mark.thorough
@settings(max_examples=size(6, 500), deadline=None)
@given(st.sets(st.sampled_from(DECIDED), min_size=1), st.randoms())
def test_some_programs_in_any_order_give_the_same_conflicts(codes: set[str], random: Any) -> None:
    mixed = sorted(codes)
    random.shuffle(mixed)
    assert merged(*(program(p) for p in mixed))[1] == merged(*(program(p) for p in sorted(codes)))[1]


def test_every_conflict_has_a_name_of_its_own_and_words_for_it() -> None:
    found = merged(*(program(p) for p in DECIDED))[1]
    assert len({conflict_kinds.key(c.kind, c.place) for c in found}) == len(found)
    assert {c.kind for c in found} <= set(conflict_kinds.KINDS)
    assert all(c.sides and set(c.programs) == {s.program for s in c.sides if s.program} for c in found)


def test_the_shipped_programs_have_no_conflict_that_blocks() -> None:
    assert conflict_kinds.blocking(merged(*(program(p) for p in DECIDED))[1]) == ()


def test_a_content_changes_with_what_a_side_says_and_not_with_spaces_or_case() -> None:
    before = only(conflicts(changed(NA, "sex", label="Sex at birth"), program(EU), kind="options_differ")[:1])
    same = conflicts(changed(NA, "sex", label=" sex  at BIRTH"), program(EU), kind="options_differ")[0]
    other = conflicts(changed(NA, "sex", label="Gender"), program(EU), kind="options_differ")[0]
    contents = [conflict_kinds.content(c) for c in (before, same, other)]
    assert contents[0] == contents[1] != contents[2]
    assert len({conflict_kinds.key(c.kind, c.place) for c in (before, same, other)}) == 1


def test_lists_of_answers_that_differ_are_one_conflict_for_all_who_share_the_question() -> None:
    found = conflicts(program(NA), program(EU), program(PASS), kind="options_differ")
    sex = only([c for c in found if c.element == "crs-occurred"])
    assert sex.programs == (PASS, EU, NA)
    assert [s.says.endswith("(no code for unknown)") for s in sex.sides] == [False, False, True]


def test_what_one_program_requires_and_another_does_not_is_a_conflict() -> None:
    sure = several(NA, **{a.field.path: {"required": False} for a in program(NA).asks})
    free = several(EU, **{a.field.path: {"required": False} for a in program(EU).asks})
    assert conflicts(sure, free, kind="required_differs") == []
    one = several(NA, **{a.field.path: {"required": a.field.path == "crs"} for a in program(NA).asks})
    found = only(conflicts(one, free, kind="required_differs"))
    assert (found.element, [s.says for s in found.sides]) == ("crs-occurred", ["may stay blank", "required"])


def test_a_decision_in_another_unit_than_the_field_asks_for_blocks() -> None:
    asked = changed(EU, "hb_gl", unit="mmol/L")
    found = only(conflicts(asked, kind="unit_differs"))
    assert "asks for 'mmol/L', the decision delivers 'g/L'" in found.message
    assert conflict_kinds.blocking([found]) == (found,)


def test_a_decision_by_a_conversion_that_is_refused_blocks() -> None:
    wrong = MappingSpec(EU, "hb_gl", "unit_conversion", (Source("hemoglobin"),), (Step("unit", {"to": "[IU]/L"}),))
    assert "does not name" in only(conflicts(remapped(EU, "hb_gl", wrong), kind="unit_differs")).message


def test_what_names_the_person_is_shown_for_each_program_that_asks() -> None:
    found = conflicts(program(NA), program("sma_registry"), kind="identifier")
    assert [c.place for c in found] == ["car_registry_na.dob", "sma_registry.birthdate"]
    assert conflicts(program(EU), kind="identifier") == [], "a year alone names nobody"


def test_conditions_that_wait_for_each_other_are_one_conflict_that_blocks() -> None:
    spec = several(
        NA, crs={"branching": "[icans] = '1'"}, icans={"branching": "[iechs] = '1'"}, iechs={"branching": "[crs] = '1'"}
    )
    found = only(conflicts(spec, kind="branching_cycle"))
    assert [s.path for s in found.sides] == ["crs", "icans", "iechs"]
    assert conflict_kinds.blocking([found]) == (found,)


def test_a_condition_that_waits_for_itself_is_a_circle() -> None:
    assert only(conflicts(changed(NA, "crs", branching="[crs] = '1'"), kind="branching_cycle")).place == f"{NA}.crs"


def test_a_chain_of_conditions_is_no_circle() -> None:
    spec = several(NA, crs={"branching": "[icans] = '1'"}, icans={"branching": "[iechs] = '1'"})
    assert conflicts(spec, kind="branching_cycle") == []


def test_a_circle_over_shared_questions_is_found_across_programs() -> None:
    one = several(NA, crs={"branching": "[rel_prog] = '1'"}, rel_prog={"branching": ""})
    other = several(EU, relapse_ever={"branching": "[crs_yn] = '1'"}, crs_yn={"branching": ""})
    found = only([c for c in conflicts(one, other, kind="branching_loop") if "relapse" in c.place])
    assert (found.place, found.programs) == ("crs-occurred relapse", (EU, NA))
    assert conflicts(one, other, kind="branching_cycle") == []
    assert conflict_kinds.blocking([found]) == ()


def test_a_condition_on_a_form_that_is_not_at_the_visit_is_a_conflict() -> None:
    found = conflicts(program("hemo_registry_global"), kind="branching_elsewhere")
    assert [c.place.split(".")[1] for c in found] == ["fviii_os", "fviii_ch", "fix_os", "fix_ch"]
    assert "[hemo_type], which is on no form of M3, M6" in found[0].message


def test_a_condition_on_its_own_form_is_no_conflict() -> None:
    assert conflicts(program(NA), kind="branching_elsewhere") == []


def test_a_condition_on_what_is_held_or_worked_out_elsewhere_is_shown_to_the_curator() -> None:
    found = only(
        conflicts(changed("hemo_registry_global", "hjhs", branching="[alt_ratio] > 1"), kind="branching_unanswered")
    )
    assert "[alt_ratio], which nobody answers here" in found.message
    held = remapped(NA, "crs", None)
    assert "car_registry_na.crs_grade" in {c.place for c in conflicts(held, kind="branching_unanswered")}


@pytest.mark.thorough
@settings(max_examples=size(50, 2000))
@given(st.dictionaries(st.integers(0, 7), st.frozensets(st.integers(0, 7), max_size=3), max_size=8))
def test_circles_are_exactly_what_can_be_reached_from_itself(graph: dict[int, frozenset[int]]) -> None:
    def reached(start: int) -> set[int]:
        found: set[int] = set()
        work = [start]
        while work:
            work += [n for n in graph.get(work.pop(), ()) if n not in found and not found.add(n)]  # type: ignore[func-returns-value]
        return found

    ways = {n: reached(n) for n in graph}
    expected = {frozenset({m for m in graph if n in ways[m] and m in ways[n]}) for n in graph if n in ways[n]}
    assert set(circles(graph)) == expected


def test_kinds_say_what_to_do() -> None:
    for kind in conflict_kinds.KINDS.values():
        assert kind.choices or kind.remedy
        assert len({c.code for c in kind.choices}) == len(kind.choices)


def test_a_ruling_stands_only_while_the_content_is_the_same() -> None:
    conflict = conflicts(program(NA), program(EU), kind="options_differ")[0]
    ruling = Ruling(conflict.kind, conflict.place, conflict_kinds.content(conflict), "blank")
    assert conflict_kinds.standing(conflict, [ruling]) == ruling
    assert conflict_kinds.standing(conflict, [replace(ruling, content="0" * 64)]) is None
    assert conflict_kinds.standing(conflict, [replace(ruling, choice="guess")]) is None
    taken_back = [ruling, replace(ruling, choice="")]
    assert conflict_kinds.standing(conflict, taken_back) is None
    assert conflict_kinds.standing(conflict, [*taken_back, ruling]) == ruling
    assert conflict in conflict_kinds.still_open([conflict], taken_back)


def test_the_same_limits_in_other_units_are_no_conflict() -> None:
    grams = changed(PASS, "hgb", minimum="2", maximum="25")
    assert conflicts(grams, changed(EU, "hb_gl", minimum="20", maximum="250"), kind="range_differs") == []
    found = only(conflicts(grams, changed(EU, "hb_gl", minimum="20", maximum="240"), kind="range_differs"))
    assert {s.says for s in found.sides} == {"2 to 25", "2 to 24"}


def test_a_decision_under_a_condition_it_does_not_read_blocks() -> None:
    blind = MappingSpec(NA, "crs", "exact", (Source("crs-occurred"),), (), "relapse in yes")
    found = only(conflicts(remapped(NA, "crs", blind), kind="condition_unread"))
    assert "its decision does not read relapse" in found.message
    assert conflict_kinds.blocking([found]) == (found,)
