"""What is wrong in a decision file is named by line; a broken row leaves its field undecided."""

from __future__ import annotations

import pytest

from forms_catalog import decisions, starter
from forms_catalog.decisions import Decisions
from forms_catalog.specs import DictionarySpec, FieldSpec, Option

HEAD = (
    "program,variable,catalog_id,relation,further_sources,qualifier_question,qualifier_options,"
    "condition,transform,reason\n"
)
VALUES = "program,variable,program_code,catalog_id,catalog_code\n"
SEX = FieldSpec("sex", "sex", "f", "Sex", "choice", 1, 2, options=(Option("1", "Male"), Option("2", "Female")))
ALT = FieldSpec("alt", "alt", "f", "ALT", "decimal", 2, 3, unit="ukat/L")
DATE = FieldSpec("rel", "rel", "f", "Relapse date", "date", 3, 4)
GOOD = 'p,sex,sex-at-birth,recode,,,,,"[{""op"":""recode"",""args"":{}}]",same\n'
MALE = "p,sex,1,sex-at-birth,male\np,sex,2,sex-at-birth,female\n"


def read(rows: str, values: str = MALE, *fields: FieldSpec) -> Decisions:
    return decisions.read(
        HEAD + rows, VALUES + values, DictionarySpec("redcap", "1", fields or (SEX,)), starter.elements()
    )


def codes(rows: str, values: str = MALE, *fields: FieldSpec) -> list[str]:
    return [p.code for p in read(rows, values, *fields).problems]


def test_a_good_row_is_read_with_its_map() -> None:
    found = read(GOOD)
    assert found.problems == ()
    assert found.mappings[0].transform[0].args["map"] == {"male": "1", "female": "2"}


def test_a_field_without_a_row_is_undecided() -> None:
    assert codes("", "") == ["field_undecided"]


def test_a_field_decided_twice_is_named() -> None:
    assert "field_decided_twice" in codes(GOOD + GOOD)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("p,age,sex-at-birth,exact,,,,,,why\n", "field_unknown"),
        (GOOD.replace("sex-at-birth", "sex-at-death"), "element_unknown"),
        (GOOD.replace("recode,,", "similar,,"), "relation_unknown"),
        (GOOD.replace(",same", ","), "reason_missing"),
        ("p,sex,,exact,,,,,,why\n", "element_missing"),
        ("p,sex,sex-at-birth,exact,,,,,,why\n", "choice_without_recode"),
        ('p,sex,sex-at-birth,recode,,,,,"[{""op"":""guess""}]",why\n', "step_unknown"),
        ('p,sex,sex-at-birth,broader,,,,,"[{""op"":""rollup"",""args"":{""name"":""guess""}}]",w\n', "rollup_unknown"),
        ("p,sex,sex-at-birth,recode,,,,,not json,why\n", "transform_unreadable"),
        (GOOD.replace(",,,,,", ",,,,sex = male,"), "condition_unreadable"),
        (GOOD.replace("recode,,", "narrower,,"), "qualifier_missing"),
        ("p,sex,no-such,not_same,,,,,,why\n" + GOOD, "pair_unknown"),
    ],
)
def test_a_row_that_cannot_work_is_named(row: str, code: str) -> None:
    assert code in codes(row)


def test_a_catalog_code_with_two_program_codes_needs_a_person() -> None:
    found = read(GOOD, MALE + "p,sex,2,sex-at-birth,male\n")
    assert found.mappings == ()
    assert "more than one program code" in found.problems[-1].message


def test_codes_that_do_not_exist_are_named() -> None:
    assert "value_unknown_option" in codes(GOOD, MALE + "p,sex,3,sex-at-birth,unknown\n")
    assert "value_unknown_code" in codes(GOOD, MALE + "p,sex,2,sex-at-birth,other\n")


def test_an_option_nobody_named_is_worth_knowing() -> None:
    assert codes(GOOD, "p,sex,1,sex-at-birth,male\n") == ["option_without_row"]


def test_a_unit_the_mapping_does_not_deliver_is_named() -> None:
    assert codes("p,alt,alt,exact,,,,,,why\n", "", ALT) == ["unit_differs"]


def test_a_unit_takes_its_factor_from_the_element() -> None:
    row = 'p,alt,alt,unit_conversion,,,,,"[{""op"":""unit"",""args"":{""to"":""ukat/L""}}]",why\n'
    found = read(row, "", ALT)
    assert (found.problems, found.mappings[0].transform[0].args["factor"]) == ((), "x/60")


def test_a_unit_the_element_does_not_list_leaves_the_field_undecided() -> None:
    row = 'p,alt,alt,unit_conversion,,,,,"[{""op"":""unit"",""args"":{""to"":""mg/dL""}}]",why\n'
    assert read(row, "", ALT).mappings == ()


def test_a_plain_field_on_records_must_say_which_it_takes() -> None:
    assert "records_without_rollup" in codes("p,rel,relapse-date,exact,,,,,,why\n", "", DATE)


def test_a_new_field_reads_its_draft_element() -> None:
    found = read("p,rel,,new,,,,,,only here\n", "", DATE)
    assert (found.problems, found.mappings[0].sources[0].element) == ((), "draft:p:rel")


def test_a_qualifier_is_a_source_of_its_own() -> None:
    step = '"[{""op"":""rollup"",""args"":{""name"":""qualified""}},{""op"":""recode"",""args"":{}}]"'
    row = f'p,sex,ig-replacement,narrower,ig-replacement#by-vein,By vein?,"yes, Yes | no",,{step},why\n'
    spec = read(row, "", SEX).mappings[0]
    assert (spec.sources[1].qualifier, spec.qualifier_options) == (
        "by-vein",
        (Option("yes", "Yes"), Option("no", "no")),
    )
