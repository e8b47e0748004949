"""Real programs, plausible visits: what leaves fits each program's own codes, formats and limits."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from capture.ask import entered, sheet
from capture.ask.facts import ConsentFact, PatientFacts, VisitFacts
from capture.deliver import limits
from capture.deliver.slicing import cut
from forms_catalog.specs import FieldSpec, ReleaseSpec
from tests import occasions as made
from tests.answering import fill
from tests.releases import CAR, HEMO, release_of

CASES = [
    (CAR, {"car_pass_sponsor": "M3", "car_registry_eu": "D100", "car_registry_na": "D100"}),
    (HEMO, {"hemo_registry_global": "M6", "hemo_sponsor_aav": "W26"}),
]


def answered(release: ReleaseSpec, entries: dict[str, str], seed: int) -> VisitFacts:
    """A joint visit on day 100 where every choice is answered at random."""
    found = [made.occasion(release, p, code, 100) for p, code in entries.items()]
    consents = tuple(ConsentFact(o.enrollment_id, made.day(0)) for o in found)
    facts = made.visit(release, *found, patient=PatientFacts(made.PATIENT, consents=consents))
    pick = random.Random(seed)
    chosen = {e.id: pick.choice(e.options).code for e in release.elements.values() if e.options}
    typed = fill(facts, chosen)
    return entered.overlay(facts, typed, sheet.needs_of(facts))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("programs", "entries"), CASES)
def test_every_value_fits_its_program(programs: tuple[str, ...], entries: dict[str, str], seed: int) -> None:
    release = release_of(*programs)
    facts = answered(release, entries, seed)
    delivered = 0
    for occasion in facts.occasions:
        fields = {a.field.path: a.field for a in occasion.asks}
        cells = cut(occasion, facts.patient, release).cells
        assert not [c.path for c in cells if not_in_codes(fields[c.path], c.value)]
        assert [c.path for c in cells] == [a.field.path for a in occasion.asks if a.field.path in fields]
        delivered += sum(1 for c in cells if c.value)
    assert delivered > 40


def not_in_codes(field: FieldSpec, value: str) -> bool:
    codes = {o.code for o in field.options}
    return bool(value and codes) and not set(value.split("|")) <= codes


@pytest.mark.parametrize(("programs", "entries"), CASES)
def test_fields_without_a_decision_carry_nothing(programs: tuple[str, ...], entries: dict[str, str]) -> None:
    release = release_of(*programs)
    facts = answered(release, entries, 1)
    for occasion in facts.occasions:
        bare = replace(occasion, asks=tuple(replace(a, mapping=None) for a in occasion.asks))
        found = cut(bare, facts.patient, release).cells
        assert {c.value for c in found} == {""}, occasion.program
        assert {c.state for c in found} <= {"held", "calculated"}


NUMBER = FieldSpec("n", "n", "f", "N", "decimal", 0, 1, minimum="0.4", maximum="2.3")
WHOLE = replace(NUMBER, kind="integer", minimum="", maximum="100")
DAY = replace(NUMBER, kind="date", date_format="dmy", minimum="", maximum="2025-12-31")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        (NUMBER, "1.75", ""),
        (NUMBER, "175", "at most 2.3"),
        (NUMBER, "0.1", "at least 0.4"),
        (NUMBER, "<5", "number only"),
        (NUMBER, "NaN", "number only"),
        (WHOLE, "7", ""),
        (WHOLE, "7.5", "whole number"),
        (WHOLE, "101", "at most 100"),
        (DAY, "31-12-2025", ""),
        (DAY, "01-01-2026", "not be after"),
        (DAY, "2025-12-31", "full date as DMY"),
        (DAY, "31-02-2025", "full date as DMY"),
    ],
)
def test_a_programs_own_limits_are_checked(field: FieldSpec, value: str, words: str) -> None:
    found = limits.problem(field, value)
    assert (words in found) if words else found == ""
    assert not found or value not in found
