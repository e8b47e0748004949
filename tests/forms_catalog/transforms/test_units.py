"""Units convert only as the element lists them, in decimal arithmetic, with the digits that were given."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_catalog import starter
from forms_catalog.specs import Step
from forms_catalog.transforms import Answer, Outcome, Refusal
from forms_catalog.transforms.units import Factor, converted, factor_text, parse_factor, plain, to_program
from tests.forms_catalog.transforms.made import run, said


def convert(element: str, value: str, to: str, **args: object) -> Outcome:
    return run(Step("unit", {"to": to, **args}), said(element, value))


@pytest.mark.parametrize(
    ("element", "value", "to", "expected"),
    [
        ("hemoglobin", "10.5", "g/L", "105"),
        ("alt", "34", "ukat/L", "0.567"),
        ("alt", "120", "ukat/L", "2"),
        ("bilirubin-total", "1.2", "umol/L", "20.5"),
        ("fviii-activity-chromogenic", "38.5", "[IU]/mL", "0.385"),
        ("fviii-activity-any", "38.5", "%", "38.5"),
        ("dose-car-cells", "250", "10*8", "2.5"),
        ("body-height", "172", "m", "1.72"),
        ("igg", "650", "g/L", "6.5"),
        ("platelets", "150", "10*9/L", "150"),
        ("hours-since-exogenous-factor", "36", "d", "1.5"),
        ("body-weight", "70", "kg", "70"),
        ("cd19-count", "100", "10*9/L", "0.1"),
    ],
)
def test_a_listed_unit_is_converted(element: str, value: str, to: str, expected: str) -> None:
    assert convert(element, value, to).value == expected


def test_whole_months_are_rounded_down() -> None:
    assert convert("age-at-infusion", "54.99", "mo", decimals=0, rounding="down").value == "659"


def test_no_number_is_ever_written_with_an_exponent() -> None:
    assert convert("platelets", "1000", "/uL").value == "1000000"
    assert plain(Decimal("1E+2")) == "100"


@pytest.mark.parametrize(("element", "to"), [("alt-xuln", "U/L"), ("cd19-percent", "/uL"), ("alt", "[IU]/L")])
def test_a_unit_the_element_does_not_list_is_refused(element: str, to: str) -> None:
    assert "does not name" in convert(element, "5", to).refusal


def test_an_annotated_unit_is_equal_only_as_the_same_string() -> None:
    assert convert("car-transgene-copies", "80", "{copies}/ug").value == "80"
    assert "annotated" in convert("car-transgene-copies", "80", "{copy}/ug").refusal


def test_a_factor_that_needs_another_value_is_refused() -> None:
    assert "x/weight" in convert("factor-consumption", "900", "[IU]/a").refusal


def test_a_factor_in_the_mapping_that_differs_from_the_catalog_is_refused() -> None:
    assert "lists 'x/60'" in convert("alt", "34", "ukat/L", factor="x/50").refusal


def test_a_mapping_written_for_another_canonical_unit_is_refused() -> None:
    assert "is kept in 'U/L'" in run(Step("unit", {"from": "ukat/L", "to": "U/L"}), said("alt", "34")).refusal


def test_what_is_no_number_is_refused_and_a_missing_code_passes() -> None:
    assert "not a number" in convert("alt", "high", "ukat/L").refusal
    step = Step("unit", {"to": "ukat/L"})
    assert run(step, Answer("alt", missing="not-done")).note == "not-done: this program has no code for it"


@pytest.mark.parametrize("text", ["x*0", "y*2", "x/weight", ""])
def test_a_factor_that_is_no_constant_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        parse_factor(text)


@pytest.mark.parametrize("text", ["x", "x*60", "x/17.104", "x*0.0000066", "(x-32)/1.8", "x*1.8+32", "x-273.15"])
def test_a_factor_is_written_as_it_was_read(text: str) -> None:
    assert factor_text(parse_factor(text)) == text


CONSTANT = [
    (element.id, unit.ucum)
    for element in starter.elements().values()
    for unit in element.convertible_units
    if "weight" not in unit.to_canonical
]


@given(st.sampled_from(CONSTANT), st.decimals(min_value="0.01", max_value=9999, places=2))
def test_a_value_entered_in_the_programs_unit_comes_back_as_it_was(pair: tuple[str, str], value: Decimal) -> None:
    element, ucum = starter.elements()[pair[0]], pair[1]
    out = to_program(element, ucum)
    kept = Decimal(converted(value, Factor(out.by, out.times), {"decimals": 12}))
    back = Decimal(converted(kept, out, {"decimals": 12}))
    assert abs(back - value) <= Decimal("0.0001") * max(value, Decimal(1))
