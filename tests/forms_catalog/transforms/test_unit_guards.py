"""No unit becomes another one silently: over all pairs that the catalog and the shipped programs know."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_catalog import lifecycle, starter, unit_table
from forms_catalog.management.commands.unit_table import shipped_units
from forms_catalog.specs import ConvertibleUnit, ElementSpec
from forms_catalog.transforms import ucum, unit_lists
from forms_catalog.transforms.answers import Refusal
from forms_catalog.transforms.units import Factor, converted, factor_text, parse_factor, to_program
from tests.forms_catalog.transforms.test_units import convert
from tests.sizes import size

PAIRS = unit_table.pairs(starter.elements(), unit_table.known_units(shipped_units()))
ALLOWED = [p for p in PAIRS if p.rule and p.asked != p.own]
ATOMIC = {"C": "12.011", "H": "1.008", "N": "14.007", "O": "15.999"}
BODY_HEAT = replace(
    starter.elements()["body-weight"],
    id="body-temperature",
    unit="Cel",
    convertible_units=(ConvertibleUnit("[degF]", "(x-32)/1.8"), ConvertibleUnit("K", "x-273.15")),
)


def test_every_unit_that_is_shipped_is_read() -> None:
    assert [e.id for e in starter.elements().values() if e.unit and ucum.read(e.unit) is None] == []
    assert [u for u in shipped_units() if ucum.read(ucum.spelled(u)) is None] == []


def test_every_pair_of_another_kind_is_refused_unless_a_molar_mass_or_an_assay_is_named() -> None:
    assert len(PAIRS) > 4000
    for pair in PAIRS:
        own, asked = ucum.read(pair.own), ucum.read(pair.asked)
        assert own is not None
        assert asked is not None
        if pair.rule and own.kind != asked.kind:
            assert any(word in pair.why for word in ("g/mol", "WHO standard", "pooled normal plasma", "6.6 pg")), pair


def test_every_listed_conversion_is_explained_by_more_than_the_list() -> None:
    found = [(e.id, u, unit_lists.basis(e, u)) for e in starter.elements().values() for u in e.convertible_units]
    assert [f for f in found if f[2].why == unit_lists.ALONE or f[2].contradicts] == []


def test_the_page_of_units_is_what_the_code_says() -> None:
    page = (starter.CONTENT.parent.parent / "docs" / "units.md").read_text(encoding="utf-8")
    tables = unit_table.text(starter.elements(), unit_table.known_units(shipped_units()))
    assert [line for line in tables.splitlines() if line not in page.splitlines()] == [], "run manage.py unit_table"


@pytest.mark.parametrize(
    ("element", "to", "why"),
    [
        ("cd19-count", "{copies}/uL", "count different things"),
        ("cd19-count", "{cells}/uL", "count different things"),
        ("karnofsky", "%", "count different things"),
        ("factor-used-iu", "[arb'U]", "arbitrary unit"),
        ("factor-used-iu", "U", "arbitrary unit"),
        ("alt", "[IU]/L", "arbitrary unit"),
        ("albumin", "umol/L", "molar mass"),
        ("ferritin", "pmol/L", "molar mass"),
        ("alt", "{xULN}", "count different things"),
        ("alt-xuln", "U/L", "measure different things"),
        ("car-transgene-copies", "{log10(copies)}/ug", "logarithm"),
        ("visual-acuity-logmar", "1", "logarithm"),
        ("car-flow-percent", "1", "nobody listed"),
        ("body-weight", "mg", "nobody listed"),
        ("bilirubin-total", "Mg/dL", "nobody listed"),
        ("bilirubin-total", "furlong", "no unit that is known"),
        ("factor-consumption", "[IU]/a", "needs more than a number"),
    ],
)
def test_what_is_not_the_same_is_refused_with_its_reason(element: str, to: str, why: str) -> None:
    outcome = convert(element, "5", to)
    assert outcome.value == ""
    assert why in outcome.refusal


@pytest.mark.parametrize(
    ("element", "to", "value"),
    [
        ("bilirubin-total", "µmol/l", "20.5"),
        ("bilirubin-total", "UMOL/L", "20.5"),
        ("bilirubin-total", "mg/dl", "1.2"),
        ("bilirubin-total", "MG/DL", "1.2"),
        ("fviii-activity-any", "IU/mL", "0.012"),
        ("platelets", "10^9/L", "1.2"),
        ("platelets", "cells/uL", "1200"),
        ("hbf-percent", "percent", "1.2"),
    ],
)
def test_one_unit_in_several_spellings_is_one(element: str, to: str, value: str) -> None:
    assert convert(element, "1.2", to).value == value


def test_molar_masses_are_those_of_their_formulas() -> None:
    rows = json.loads((starter.CONTENT / "analytes.json").read_text())["molar_masses"]
    for row in rows:
        if row["formula"]:
            atoms = re.findall(r"([A-Z])(\d*)", row["formula"])
            mass = sum(Decimal(ATOMIC[a]) * int(n or 1) for a, n in atoms)
            assert abs(mass - Decimal(row["grams_per_mole"])) < Decimal("0.01")
        assert row["source"]


def edited(element: str, unit: str, rule: str) -> ElementSpec:
    return replace(starter.elements()[element], convertible_units=(ConvertibleUnit(unit, rule),))


@pytest.mark.parametrize(
    ("element", "unit", "rule"),
    [
        ("alt", "ukat/L", "x*50"),
        ("creatinine", "umol/L", "x*88.42"),
        ("platelets", "10*9/L", "x*1000"),
        ("afp", "[IU]/mL", "x"),
        ("car-flow-percent", "1", "x"),
        ("car-transgene-copies", "{log10(copies)}/ug", "x"),
    ],
)
def test_a_listed_conversion_that_cannot_be_true_is_refused_when_an_element_is_edited(
    element: str, unit: str, rule: str
) -> None:
    wrong = lifecycle.spec_problems(edited(element, unit, rule))
    assert len(wrong) == 1
    assert wrong[0].startswith(f"{unit} to ")


def test_a_temperature_keeps_its_own_zero() -> None:
    to_f = to_program(BODY_HEAT, "[degF]")
    assert converted(Decimal("37.0"), to_f, {}) == "98.6"
    assert converted(Decimal("98.6"), to_f.inverse, {}) == "37"
    assert factor_text(to_f) == "x*1.8+32"
    assert converted(Decimal("37.0"), to_program(BODY_HEAT, "K"), {}) == "310.15"
    assert list(unit_lists.contradictions(BODY_HEAT)) == []
    for unit in ("[degF]", "K"):
        out = to_program(BODY_HEAT, unit)
        assert parse_factor(factor_text(out)) == out
    wrong = replace(BODY_HEAT, convertible_units=(ConvertibleUnit("[degF]", "x/1.8"),))
    assert len(list(unit_lists.contradictions(wrong))) == 1


def test_a_value_that_loses_decimals_says_so_on_the_receipt() -> None:
    outcome = convert("age-at-infusion", "54.99", "mo", decimals=0, rounding="down")
    assert (outcome.value, outcome.note) == ("659", "rounded down to a whole number: this program takes no more")
    assert convert("age-at-infusion", "54", "mo", decimals=0).note == ""


@pytest.mark.thorough
@settings(max_examples=size(60, 20_000), deadline=None)
@given(st.sampled_from(ALLOWED), st.decimals(min_value="0.001", max_value=9999, places=3))
def test_there_and_back_ends_within_the_last_digit(pair: unit_table.Pair, value: Decimal) -> None:
    out = to_program(starter.elements()[pair.element], pair.asked)
    given = converted(value, out, {})
    back = out.inverse.of(Decimal(given))
    digits = max(3, len(value.as_tuple().digits))
    last = Decimal(1).scaleb(Decimal(given).adjusted() - digits + 1)
    assert abs(back - value) <= abs(out.inverse.of(last) - out.inverse.of(Decimal(0))) / 2 + Decimal("1e-25")


@pytest.mark.thorough
@settings(max_examples=size(60, 5_000), deadline=None)
@given(st.sampled_from(ALLOWED))
def test_every_rule_is_the_size_of_its_units_where_they_are_of_one_kind(pair: unit_table.Pair) -> None:
    own, asked = ucum.read(pair.own), ucum.read(pair.asked)
    assert own is not None
    assert asked is not None
    factor = parse_factor(pair.rule)
    if own.kind == asked.kind:
        assert abs(Fraction(factor.times) / Fraction(factor.by) - own.size / asked.size) < own.size / asked.size / 10**6


@given(st.text(alphabet="gmolLUdcu/.{}[]%10*^-+IKk'_ ", max_size=12))
def test_no_text_breaks_the_reader_and_a_reading_is_stable(text: str) -> None:
    found = ucum.read(text)
    assert ucum.spelled(ucum.spelled(text)) == ucum.spelled(text)
    if found is not None:
        assert ucum.why_not(text, text)[0] in ("not_listed",)
        assert to_program(replace(BODY_HEAT, unit=text), text) == Factor()


@pytest.mark.parametrize(
    "text", ["x*0", "(x-32", "(32-x)/2", "(x)/2", "(x--32)*2", "x+1+2", "x*1.2.3", "x*.", "x*1e99999"]
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        parse_factor(text)
