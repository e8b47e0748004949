"""Examples show what the transforms deliver; a narrower decision is completed from its extra question alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forms_catalog import mapping_checks, narrowing, rollups, starter
from forms_catalog.examples import Example, examples
from forms_catalog.specs import FieldSpec, MappingSpec, Source, Step
from forms_catalog.transforms import ROLLUPS
from tests.releases import decided, dictionary

CODE = "car_pass_sponsor"
ELEMENTS = starter.elements()


def shown(path: str) -> list[tuple[str, str]]:
    return [(e.given, e.value) for e in examples(decided(CODE).by_path[path], ELEMENTS)]


def field(path: str) -> FieldSpec:
    return next(f for f in dictionary(CODE).fields if f.path == path)


@pytest.mark.parametrize(
    ("path", "given", "value"),
    [
        ("sex", "Male", "M"),
        ("age_inf", "12 a", "144"),
        ("infdt", "2026-03-14", "2026-03-14"),
        ("pdfirstdt", "2026-03-14", "2026-03-14"),
        ("hypogm", "Yes", "Y"),
    ],
)
def test_an_example_is_what_would_be_delivered(path: str, given: str, value: str) -> None:
    assert (given, value) in shown(path)


def test_a_blank_says_why() -> None:
    blank = examples(decided(CODE).by_path["infdt"], ELEMENTS)[-1]
    assert blank == Example("Unknown", "", "unknown: this program has no code for it")


@pytest.mark.parametrize("path", [m.path for m in decided(CODE).mappings])
def test_every_recorded_decision_has_examples_without_a_refusal(path: str) -> None:
    spec = decided(CODE).by_path[path]
    found = examples(spec, ELEMENTS)
    assert 1 <= len(found) <= 4
    assert any(e.value for e in found)


def test_what_is_not_in_the_catalog_has_no_example() -> None:
    assert examples(MappingSpec(CODE, "x", "new", (Source("draft:x:y"),)), ELEMENTS) == ()


def bare(path: str) -> MappingSpec:
    """The recorded narrower decision as the form sends it: one element, a recode, and the question."""
    spec = decided(CODE).by_path[path]
    recode = tuple(s for s in spec.transform if s.op == "recode")
    return replace(spec, sources=spec.sources[:1], transform=recode)


@pytest.mark.parametrize("path", ["hypogm", "ivig", "sae"])
def test_the_extra_question_completes_a_narrower_decision(path: str) -> None:
    wanted = decided(CODE).by_path[path]
    made = narrowing.completed(bare(path), ELEMENTS[wanted.sources[0].element])
    assert made.transform == wanted.transform
    assert [bool(s.qualifier) for s in made.sources] == [False, True]
    assert mapping_checks.problems(made, field(path), ELEMENTS) == ()


def test_what_a_person_wrote_out_stays() -> None:
    whole = decided(CODE).by_path["hypogm"]
    by_hand = replace(bare("hypogm"), transform=(Step("rollup", {"name": "ever"}),))
    not_narrower = replace(bare("hypogm"), relation="recode")
    hypogm = ELEMENTS["hypogammaglobulinemia"]
    assert [narrowing.completed(s, hypogm) for s in (whole, by_hand, not_narrower)] == [whole, by_hand, not_narrower]


def test_an_element_without_yes_is_left_to_a_person() -> None:
    spec = replace(bare("hypogm"), sources=(Source("ecog"),))
    assert narrowing.completed(spec, ELEMENTS["ecog"]) == spec


def test_an_extra_question_is_named_by_its_first_words() -> None:
    assert narrowing.named("Was any of it given by vein (IVIG)?") == "was-any-of-it-given-by"
    assert narrowing.named("??") == "extra"


@pytest.mark.parametrize("name", rollups.CHOICES)
def test_every_roll_up_in_words_is_one_of_the_transforms(name: str) -> None:
    step = rollups.applied((Step("rollup", {"name": "union"}), Step("recode", {})), name)[0]
    assert step.args["name"] in ROLLUPS


def test_a_chosen_roll_up_takes_the_place_of_those_there_were() -> None:
    steps = (Step("rollup", {"name": "first_of", "scope": "interval"}), Step("date", {"format": "ymd"}))
    assert rollups.applied(steps, "first-ever") == (
        Step("rollup", {"name": "first_of", "scope": "ever"}),
        Step("date", {"format": "ymd"}),
    )
    assert rollups.applied(steps, "") == steps
