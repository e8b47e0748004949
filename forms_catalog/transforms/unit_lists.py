"""Whether the conversions an element lists can be true: by UCUM, by a molar mass, or by a named assay. Pure.

Called by the catalog's checks, by editing elements, and by the table of units in docs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import resources

from forms_catalog.specs import ConvertibleUnit, ElementSpec
from forms_catalog.transforms import ucum
from forms_catalog.transforms.answers import Refusal
from forms_catalog.transforms.units import Factor, parse_factor

ALONE = "the list alone"  # a person's word, given with a reason
NEAR = Fraction(1, 2000)  # molar masses and factors are rounded; 0.05 %


@dataclass(frozen=True, slots=True)
class Basis:
    """Why a listed conversion may be used. `contradicts` says in words that it cannot be true."""

    why: str
    contradicts: str = ""


@cache
def _known() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    text = resources.files("forms_catalog.content").joinpath("analytes.json").read_text(encoding="utf-8")
    rows = json.loads(text)
    return {
        "molar": {row["element"]: row for row in rows["molar_masses"]},
        "assay": {f"{row['element']} {row['ucum']}": row for row in rows["assays"]},
    }


def basis(element: ElementSpec, listed: ConvertibleUnit) -> Basis:
    """What a listed conversion rests on: the size of its units, a molar mass, an assay, or the list alone."""
    ours, theirs = ucum.read(element.unit), ucum.read(listed.ucum)
    try:
        factor = parse_factor(listed.to_canonical)
    except Refusal as refused:
        return Basis(f"needs another value: {refused}")
    assay = _known()["assay"].get(f"{element.id} {listed.ucum}")
    if assay:
        wrong = "" if parse_factor(assay["rule"]) == factor else f"{assay['source']} gives {assay['rule']}"
        return Basis(assay["source"], wrong)
    if ours is None or theirs is None:
        return Basis(ALONE)
    if ours.offset or theirs.offset:
        return Basis("a scale with a zero of its own", _offset(ours.code, theirs.code, factor))
    if ours.kind == theirs.kind:
        return Basis("same kind", _differs(factor, theirs.size / ours.size))
    if ours.mole_free == theirs.mole_free and (molar := _known()["molar"].get(element.id)):
        mass = Fraction(molar["grams_per_mole"])
        ratio = theirs.size / ours.size
        expected = ratio * mass if ("amount", 1) in theirs.kind else ratio / mass
        return Basis(f"{molar['grams_per_mole']} g/mol ({molar['source']})", _differs(factor, expected))
    return Basis(ALONE, "a logarithm is never converted" if ours.logarithm or theirs.logarithm else "")


def contradictions(element: ElementSpec) -> Iterator[str]:
    """The listed conversions that cannot be true, in words."""
    for listed in element.convertible_units:
        found = basis(element, listed)
        if found.contradicts:
            yield f"{listed.ucum} to {element.unit} as '{listed.to_canonical}': {found.contradicts}."


def _differs(factor: Factor, expected: Fraction) -> str:
    if factor.shift or factor.after:
        return "a shift is for temperatures only"
    given = Fraction(factor.times) / Fraction(factor.by)
    if abs(given - expected) <= NEAR * expected:
        return ""
    return f"by the size of the units it is x*{Decimal(expected.numerator) / Decimal(expected.denominator):.6g}"


def _offset(own: str, asked: str, factor: Factor) -> str:
    right = {("Cel", "[degF]"): "(x-32)/1.8", ("Cel", "K"): "(x-273.15)"}.get((own, asked), "")
    return "" if right and parse_factor(right) == factor else f"it is {right or 'not known here'}"
