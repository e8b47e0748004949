from __future__ import annotations

import pytest

from forms_catalog.matching import units


@pytest.mark.parametrize(
    ("unit", "label", "expected"),
    [
        ("", "Platelets (10^3/uL)", "10*3/uL"),
        ("g/L", "Haemoglobin", "g/L"),
        ("", "Age at infusion (months)", "mo"),
        ("", "Days since last dose", "d"),
        ("", "Hours on ventilation per day", "h/d"),
    ],
)
def test_a_unit_is_found_where_the_field_states_it(unit: str, label: str, expected: str) -> None:
    found = units.stated(unit, label)
    assert found is not None
    assert found.ucum == expected


def test_a_bracket_that_is_no_unit_stays_in_the_label() -> None:
    assert units.stated("", "Best response (Lugano)") is None
    assert units.without_unit("ALT (U/L) (fasting)").split() == ["ALT", "(fasting)"]


def test_the_elements_own_rule_comes_first() -> None:
    rules = (("umol/L", "x/17.104"),)
    assert units.factor(units.read("umol/L"), units.read("mg/dL"), rules) == "x/17.104"


def test_units_of_one_dimension_convert_by_size() -> None:
    assert units.factor(units.read("g/L"), units.read("g/dL"), ()) == "x/10"


def test_units_of_different_dimensions_never_convert() -> None:
    assert units.factor(units.read("/uL"), units.read("%"), ()) is None


def test_equal_units_need_no_rule() -> None:
    assert units.factor(units.read("cells/uL"), units.read("/uL"), ()) == ""
