"""The way back for branching, what still has to be asked, and conditions."""

from __future__ import annotations

import pytest

from forms_catalog.specs import MappingSpec, Source, Step
from forms_catalog.transforms import Answer, Facts, Inputs, Refusal, deliver, inverse, sources_needed
from forms_catalog.transforms.conditions import parse, why_not
from tests.forms_catalog.transforms.made import recode, rollup, said
from tests.forms_catalog.transforms.test_rollups import SCALE, STATUS

YES_NO = recode({"yes": "1", "no": "0"})


@pytest.mark.parametrize(
    ("steps", "code", "canonical"),
    [
        ((), "1", {"1"}),
        ((recode({"cr": "1", "ccr": "1", "pr": "2"}),), "1", {"cr", "ccr"}),
        ((rollup("first_of"), recode({"solid": "4", "hcc": "4"})), "4", {"solid", "hcc"}),
        ((rollup("ever"), YES_NO), "1", {"yes"}),
        ((rollup("ever"), YES_NO), "0", set()),
        ((rollup("includes", code="tocilizumab"), YES_NO), "1", {"tocilizumab"}),
        ((rollup("includes", code="tocilizumab"), YES_NO), "0", set()),
        ((rollup("is_one_of", codes=["t-cell"]), YES_NO), "1", {"t-cell"}),
        ((rollup("sent_of"), YES_NO), "0", {"not-done"}),
        ((rollup("qualified"), YES_NO), "0", {"no"}),
        ((rollup("qualified"), YES_NO), "1", set()),
        ((SCALE,), "3", set()),
        ((STATUS, recode({"dead": "2", "ltfu": "3", "alive": "1"})), "2", {"dead"}),
        ((STATUS, recode({"dead": "2", "ltfu": "3", "alive": "1"})), "1", set()),
        ((recode({"a": "1"}, **{"else": "99"}),), "99", set()),
        ((Step("unit", {"to": "g/L"}),), "105", set()),
    ],
)
def test_the_way_back_is_taken_only_where_it_is_sound(steps: tuple[Step, ...], code: str, canonical: set[str]) -> None:
    assert inverse(steps, code) == canonical


def mapping(step: Step, *sources: Source, condition: str = "") -> MappingSpec:
    return MappingSpec("p", "f", "broader", sources, (step,), condition)


GRADE = mapping(SCALE, Source("crs-grade-astct"), Source("crs-grade-lee"), Source("crs-scale-used"))
VEIN = mapping(rollup("qualified"), Source("ig-replacement"), Source("ig-replacement", "by-vein"))
BIRTH = mapping(rollup("first_known"), Source("year-of-birth"), Source("date-of-birth"))
ANY = mapping(rollup("any_of"), Source("a"), Source("a", "other"))
MIXED = mapping(STATUS, Source("vital-status"), Source("followup-status"))
EVER = mapping(rollup("ever"), Source("relapse"), Source("relapse-date"))


@pytest.mark.parametrize(
    ("spec", "known", "open_"),
    [
        (GRADE, (), ["crs-scale-used"]),
        (GRADE, (said("crs-scale-used", "lee"),), ["crs-grade-lee"]),
        (GRADE, (said("crs-scale-used", "penn"),), []),
        (GRADE, (said("crs-scale-used", "lee"), said("crs-grade-lee", "2")), []),
        (VEIN, (), ["ig-replacement"]),
        (VEIN, (said("ig-replacement", "no"),), []),
        (VEIN, (said("ig-replacement", "yes"),), ["ig-replacement#by-vein"]),
        (BIRTH, (), ["year-of-birth"]),
        (BIRTH, (said("date-of-birth", "1961-07-30"),), []),
        (ANY, (said("a", "yes"),), []),
        (ANY, (said("a", "no"),), ["a#other"]),
        (MIXED, (said("vital-status", "dead"),), []),
        (MIXED, (said("vital-status", "alive"),), ["followup-status"]),
        (EVER, (), ["relapse"]),
    ],
)
def test_only_what_is_still_open_has_to_be_asked(
    spec: MappingSpec, known: tuple[Answer, ...], open_: list[str]
) -> None:
    assert [f"{s.element}#{s.qualifier}".rstrip("#") for s in sources_needed(spec, known)] == open_


@pytest.mark.parametrize(
    ("text", "values", "holds"),
    [
        ("", {}, True),
        ("a in x|y", {"a": "y"}, True),
        ("a in x|y", {"a": "z"}, False),
        ("a in x|y", {}, False),
        ("a not in x", {"a": "z"}, True),
        ("a not in x", {}, False),
        ("a known and b in 1", {"a": "z", "b": "1"}, True),
        ("a known", {}, False),
    ],
)
def test_a_condition_holds_only_on_known_values(text: str, values: dict[str, str], holds: bool) -> None:
    assert (why_not(text, values) == "") is holds


def test_a_condition_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(Refusal):
        parse("a = 1")


def test_a_field_whose_condition_does_not_hold_stays_blank_and_says_why() -> None:
    spec = mapping(SCALE, *GRADE.sources, condition="crs-scale-used in lee")
    answers = said("crs-grade-astct", "2"), said("crs-grade-lee", "1"), said("crs-scale-used", "astct")
    outcome = deliver(spec, Inputs(answers, Facts()))
    assert (outcome.value, outcome.note) == ("", "not delivered: needs crs-scale-used in lee")
