"""A ruling changes exactly what its words say, in the release that is merged with it, and each slice keeps its own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_catalog import conflict_kinds, merging, serial, starter
from forms_catalog.merging_rulings import CHANGES, as_decided, optional
from forms_catalog.specs import AskSpec, Conflict, MappingSpec, ProgramSpec, ReleaseSpec, Ruling, Source
from tests.forms_catalog.decided import DECIDED, program
from tests.forms_catalog.test_merging import changed, remapped
from tests.forms_catalog.test_merging_conflicts import EU, NA, several
from tests.sizes import size

HEMO = "hemo_registry_global"


def ruled(kind: str, choice: str, *programs: ProgramSpec, place: str = "") -> tuple[ReleaseSpec, Conflict]:
    """The release with one conflict of a kind settled, and that conflict."""
    found = merging.merge(programs, starter.elements(), starter.record_groups())[1]
    conflict = next(c for c in found if c.kind == kind and place in c.place)
    ruling = Ruling(kind, conflict.place, conflict_kinds.content(conflict), choice)
    release, again = merging.merge(programs, starter.elements(), starter.record_groups(), [ruling])
    assert again == found, "a ruling hides no conflict from those who look for it"
    return release, conflict


def field(release: ReleaseSpec, code: str, path: str) -> AskSpec:
    return next(a for a in release.programs[code].asks if a.field.path == path)


def test_the_form_takes_the_widest_limits_and_each_program_keeps_its_own() -> None:
    wide = changed(HEMO, "hjhs", maximum="200")
    release, _ = ruled("range_differs", "widest", wide)
    assert release.elements["joint-score-hjhs"].maximum == 200
    assert field(release, HEMO, "hjhs").field.maximum == "200"
    assert starter.elements()["joint-score-hjhs"].maximum == 124


def test_the_catalogs_limits_stay_where_a_person_says_so() -> None:
    release, _ = ruled("range_differs", "catalog", changed(HEMO, "hjhs", maximum="200"))
    assert release.elements == merging.merge([program(HEMO)], starter.elements(), starter.record_groups())[0].elements
    assert release.rulings == ()


def test_what_no_form_requires_is_said_by_the_release_while_each_slice_still_requires_it() -> None:
    release, conflict = ruled("required_differs", "optional", program(NA), program(EU), place="sex-at-birth")
    assert optional(release) == {conflict.element} == {"sex-at-birth"}
    assert field(release, NA, "sex").field.required


def test_a_withheld_identifier_is_held_for_that_program_only() -> None:
    release, _ = ruled("identifier", "withhold", program(NA), program("sma_registry"), place=NA)
    assert field(release, NA, "dob").mapping is None
    assert field(release, "sma_registry", "birthdate").mapping is not None


def test_a_circle_is_opened_by_showing_all_of_it() -> None:
    spec = several(NA, crs={"branching": "[icans] = '1'"}, icans={"branching": "[crs] = '1'"})
    release, _ = ruled("branching_cycle", "always", spec)
    assert [field(release, NA, p).field.branching for p in ("crs", "icans")] == ["", ""]
    assert field(release, NA, "crs_grade").field.branching == field(release, NA, "crs_grade").field.branching != ""


def test_the_later_of_two_fields_with_one_answer_is_held() -> None:
    twice = remapped(NA, "coll_site", MappingSpec(NA, "coll_site", "exact", (Source("cd19-count"),)))
    release, conflict = ruled("asked_twice", "second_held", twice)
    first, second = (field(release, NA, s.path).mapping for s in conflict.sides)
    assert first is not None
    assert second is None


@pytest.mark.parametrize("choice", ["known", "always"])
def test_a_condition_on_another_form_is_used_or_not_as_ruled(choice: str) -> None:
    release, _ = ruled("branching_elsewhere", choice, program(HEMO), place="fviii_os")
    assert (field(release, HEMO, "fviii_os").field.branching == "") is (choice == "always")


def test_a_release_with_rulings_comes_back_from_json_as_it_was() -> None:
    release, _ = ruled("range_differs", "widest", changed(HEMO, "hjhs", maximum="200"))
    assert serial.load(ReleaseSpec, serial.dump(release)) == release
    assert len(release.rulings) == 1


def test_a_release_from_before_there_were_rulings_is_read() -> None:
    old = serial.dump(merging.merge([program(NA)], starter.elements(), starter.record_groups())[0])
    del old["rulings"]
    assert serial.load(ReleaseSpec, old).rulings == ()


def test_every_change_is_a_choice_that_people_have() -> None:
    assert [pair for pair in CHANGES if conflict_kinds.choice_of(*pair) is None] == []


def test_a_ruling_on_other_content_changes_nothing() -> None:
    specs = [program(p) for p in DECIDED]
    plain, found = merging.merge(specs, starter.elements(), starter.record_groups())
    stale = [Ruling(c.kind, c.place, "0" * 64, choice) for c in found for _, choice in CHANGES]
    assert merging.merge(specs, starter.elements(), starter.record_groups(), stale)[0] == replace(plain, rulings=())


WILD = (
    several(
        NA,
        crs={"branching": "[icans] = '1'"},
        icans={"branching": "[crs] = '1'"},
        cod={"branching": "[surv] = = 2"},
        coll_site={"branching": "[nowhere] = '1'"},
    ),
    changed(HEMO, "hjhs", maximum="200"),
    *(program(p) for p in ("car_registry_eu", "sma_registry", "payer_outcomes_scd")),
)


@pytest.mark.thorough
@settings(max_examples=size(5, 300), deadline=None)
@given(st.data())
def test_whatever_is_ruled_can_be_taken_back_and_touches_only_what_it_is_about(data: st.DataObject) -> None:
    plain, found = merging.merge(WILD, starter.elements(), starter.record_groups())
    rulings = []
    for conflict in found:
        choices = [c.code for c in conflict_kinds.KINDS[conflict.kind].choices]
        choice = data.draw(st.sampled_from(["", *choices]))
        rulings.append(Ruling(conflict.kind, conflict.place, conflict_kinds.content(conflict), choice))
    ruled, _ = merging.merge(WILD, starter.elements(), starter.record_groups(), rulings)
    assert as_decided(ruled) == tuple(plain.programs.values())
    about = {(s.program, s.path) for c in found for s in c.sides}
    for code, spec in plain.programs.items():
        for before, after in zip(spec.asks, ruled.programs[code].asks, strict=True):
            assert before == after or (code, before.field.path) in about
    again, _ = merging.merge(as_decided(ruled), starter.elements(), starter.record_groups(), rulings)
    assert again == ruled
