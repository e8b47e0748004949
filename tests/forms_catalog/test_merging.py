"""Programs become one release; what cannot be settled is returned; a visit form is a projection."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from forms_catalog import merging, serial, starter
from forms_catalog.specs import Conflict, MappingSpec, ProgramSpec, ReleaseSpec, Source, Step
from tests.forms_catalog.decided import DECIDED, program

DAY_100 = {"car_registry_na": "D100", "car_registry_eu": "D100", "car_pass_sponsor": "M3"}


def merged(*programs: ProgramSpec) -> tuple[ReleaseSpec, tuple[Conflict, ...]]:
    return merging.merge(programs, starter.elements(), starter.record_groups())


def conflicts(*programs: ProgramSpec, kind: str) -> list[Conflict]:
    return [c for c in merged(*programs)[1] if c.kind == kind]


def changed(code: str, path: str, **field: Any) -> ProgramSpec:
    spec = program(code)
    asks = (replace(a, field=replace(a.field, **field)) if a.field.path == path else a for a in spec.asks)
    return replace(spec, asks=tuple(asks))


def remapped(code: str, path: str, mapping: MappingSpec | None) -> ProgramSpec:
    spec = program(code)
    return replace(spec, asks=tuple(replace(a, mapping=mapping) if a.field.path == path else a for a in spec.asks))


def test_the_joint_day_100_visit_asks_35_and_36_and_45() -> None:
    release, _ = merged(*(program(p) for p in DAY_100))
    asks = merging.projection(release, DAY_100)
    counts = {p: sum(1 for owner, _ in asks if owner == p) for p in DAY_100}
    assert (counts, len(asks)) == ({"car_registry_na": 35, "car_registry_eu": 36, "car_pass_sponsor": 45}, 116)


def test_the_joint_day_100_visit_reads_about_seventy_elements() -> None:
    release, _ = merged(*(program(p) for p in DAY_100))
    asks = merging.projection(release, DAY_100)
    assert len({a.mapping.sources[0].element for _, a in asks if a.mapping}) == 70


def test_a_projection_is_in_program_and_dictionary_order() -> None:
    release, _ = merged(*(program(p) for p in DAY_100))
    asks = merging.projection(release, DAY_100)
    assert [p for p, _ in asks] == sorted(p for p, _ in asks)
    assert [a.field.order for p, a in asks if p == "car_pass_sponsor"] == sorted(
        a.field.order for p, a in asks if p == "car_pass_sponsor"
    )


def test_a_projection_has_only_the_forms_of_its_entry() -> None:
    release, _ = merged(program("car_pass_sponsor"))
    forms = {a.field.form for _, a in merging.projection(release, {"car_pass_sponsor": "M9"})}
    assert forms == {"visit", "safety"}


def test_what_nobody_answers_is_not_asked() -> None:
    release, _ = merged(program("hemo_registry_global"))
    paths = [a.field.path for _, a in merging.projection(release, {"hemo_registry_global": "M6"})]
    assert "alt_uln" in paths
    assert "alt_ratio" not in paths


@pytest.mark.parametrize("entries", [{"no_such": "D100"}, {"car_registry_na": "D99"}])
def test_a_projection_of_what_is_not_there_is_refused(entries: dict[str, str]) -> None:
    release, _ = merged(program("car_registry_na"))
    with pytest.raises(merging.ProjectionError):
        merging.projection(release, entries)


def test_the_release_is_the_same_whatever_the_order_of_acceptance() -> None:
    one, _ = merged(*(program(p) for p in DECIDED))
    other, _ = merged(*(program(p) for p in reversed(DECIDED)))
    assert serial.digest(serial.dump(one)) == serial.digest(serial.dump(other))


def test_a_release_comes_back_from_json_as_it_was() -> None:
    release, _ = merged(*(program(p) for p in DECIDED))
    assert serial.dump(serial.load(ReleaseSpec, serial.dump(release))) == serial.dump(release)


def test_a_changed_field_changes_no_other_programs_projection() -> None:
    before, _ = merged(*(program(p) for p in DAY_100))
    after, _ = merged(changed("car_registry_na", "coll_site", label="Facility"), program("car_registry_eu"))
    entries = {"car_registry_eu": "D100"}
    assert merging.projection(before, entries) == merging.projection(after, entries)


def test_a_new_field_brings_a_draft_element_of_its_own() -> None:
    release, _ = merged(program("car_registry_na"))
    draft = release.elements["draft:car_registry_na:coll_site"]
    assert (draft.label, draft.datatype, draft.reuse) == ("Apheresis collection facility number", "text", "confirm")


def test_an_undecided_field_is_a_conflict() -> None:
    found = conflicts(remapped("car_registry_na", "surv", None), kind="undecided")
    assert [c.element for c in found] == ["car_registry_na.surv"]


def test_a_mapping_on_an_unknown_element_is_a_conflict() -> None:
    mapping = MappingSpec("car_registry_na", "surv", "exact", (Source("no-such"),))
    assert conflicts(remapped("car_registry_na", "surv", mapping), kind="unknown_element")[0].element == "no-such"


def test_differing_limits_of_one_element_are_a_conflict() -> None:
    assert conflicts(program("car_pass_sponsor"), program("hemo_registry_global"), kind="range_differs") == []
    tight = changed("hemo_registry_global", "eq5d", minimum="0", maximum="1")
    found = conflicts(program("car_pass_sponsor"), tight, kind="range_differs")
    assert (found[0].element, found[0].programs) == ("eq5d5l-index", ("car_pass_sponsor", "hemo_registry_global"))


def test_limits_are_compared_in_the_elements_own_unit() -> None:
    cm = changed("car_registry_eu", "wt_day0", minimum="0.4", maximum="2.3")
    assert conflicts(cm, kind="range_differs") == []
    wide = changed("hemo_registry_global", "hjhs", maximum="200")
    assert "0 to 124 (catalog)" in conflicts(wide, kind="range_differs")[0].message


def test_an_option_without_a_code_is_a_conflict() -> None:
    found = {(c.element, c.programs[0]) for c in conflicts(program("car_pass_sponsor"), kind="no_target")}
    assert ("contact-method", "car_pass_sponsor") in found


def test_a_code_field_delivered_in_canonical_codes_is_a_conflict() -> None:
    plain = MappingSpec("car_registry_na", "crs", "exact", (Source("crs-occurred"),))
    found = conflicts(remapped("car_registry_na", "crs", plain), kind="no_target")
    assert any("car_registry_na.crs has no code for yes, no, unknown" in c.message for c in found)


def test_a_condition_on_a_field_that_is_not_there_is_a_conflict() -> None:
    found = conflicts(changed("car_registry_na", "cod", branching="[vital] = '2'"), kind="branching_unknown")
    assert "[vital]" in found[0].message


def test_a_condition_that_cannot_be_read_is_a_conflict() -> None:
    found = conflicts(changed("car_registry_na", "cod", branching="[surv] = = 2"), kind="branching_unreadable")
    assert found[0].element == "car_registry_na.cod"


def test_two_exact_fields_on_one_element_at_one_visit_are_a_conflict() -> None:
    twice = MappingSpec("car_registry_na", "coll_site", "exact", (Source("cd19-count"),))
    found = conflicts(remapped("car_registry_na", "coll_site", twice), kind="asked_twice")
    assert [c.element for c in found] == ["cd19-count"]


def test_the_same_element_at_baseline_and_follow_up_is_no_conflict() -> None:
    assert conflicts(program("car_registry_eu"), kind="asked_twice") == []


def test_fields_that_take_different_records_of_one_element_are_shown_to_the_curator() -> None:
    found = conflicts(*(program(p) for p in DAY_100), kind="selection_differs")
    assert [c.element for c in found] == ["relapse-date"]
    assert "car_registry_na.rel_prog_dt (first_of interval)" in found[0].message


def test_a_plain_field_on_records_without_a_roll_up_is_a_conflict() -> None:
    bare = MappingSpec("car_registry_na", "rel_prog_dt", "exact", (Source("relapse-date"),), (Step("date"),))
    found = conflicts(remapped("car_registry_na", "rel_prog_dt", bare), kind="records_without_rollup")
    assert [c.element for c in found] == ["relapse-date"]


def test_a_detail_whose_parent_nobody_asks_is_worth_knowing() -> None:
    found = conflicts(remapped("car_registry_na", "crs", None), kind="parent_not_asked")
    assert "crs-grade-astct" in [c.element for c in found]


def test_forms_and_schedule_that_do_not_meet_are_conflicts() -> None:
    moved = changed("car_registry_na", "coll_site", form="ct_extra")
    assert [c.element for c in conflicts(moved, kind="form_never_due")] == ["car_registry_na.ct_extra"]
    spec = program("car_registry_na")
    empty = replace(spec, asks=tuple(a for a in spec.asks if a.field.form != "ct_baseline"))
    assert [c.element for c in conflicts(empty, kind="form_missing")] == ["car_registry_na.ct_baseline"]
