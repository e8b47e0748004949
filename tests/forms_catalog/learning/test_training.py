"""Training as a whole, on a catalog of a dozen elements: the same twice, held out by element, misses named."""

from __future__ import annotations

from functools import cache

from forms_catalog.learning import training
from forms_catalog.learning.examples import Decided
from forms_catalog.learning.training import Trained
from forms_catalog.matching import CatalogEntry, Matcher, Query, Ranker

THINGS = ("death", "visit", "birth", "infusion", "relapse", "discharge")
CATALOG = [
    *(CatalogEntry(f"{thing}-date", f"Date of {thing}", datatype="date") for thing in THINGS),
    *(CatalogEntry(f"{thing}-place", f"Place of {thing}", datatype="text") for thing in THINGS),
]
ASKED = [
    Decided(Query(label=text.format(thing), kind=kind), frozenset({f"{thing}-{end}"}))
    for thing in THINGS
    for text, kind, end in (
        ("When was the {}?", "date", "date"),
        ("{} date", "date", "date"),
        ("Where was the {}?", "text", "place"),
        ("{} place", "text", "place"),
    )
]
NOTHING = [Decided(Query(label=text, kind="text"), frozenset()) for text in ("Name of the cat", "Colour of the car")]


@cache
def trained() -> Trained:
    return training.train([training.of_files("dozen", CATALOG, [*ASKED, *NOTHING])[0]])


def test_the_same_examples_give_the_same_model() -> None:
    again = training.train([training.of_files("dozen", CATALOG, [*ASKED, *NOTHING])[0]])
    assert again.model == trained().model
    assert again.figures == trained().figures


def test_figures_count_requests_with_and_without_an_element_apart() -> None:
    (told,) = trained().figures
    assert told["trained"]["requests"] == len(ASKED)
    assert told["nothing fits"] == len(NOTHING)
    assert 0 < told["trained"]["top1"] <= told["trained"]["top5"] <= 1
    assert sum(row["count"] for row in told["reliability"]) == 2 * len(ASKED) + len(NOTHING)


def test_every_request_that_is_not_first_is_named_with_what_came_first() -> None:
    (told,) = trained().figures
    missed = trained().misses
    assert len(missed) == round(len(ASKED) * (1 - told["trained"]["top1"]))
    for miss in missed:
        assert miss["label"] == ASKED[miss["row"]].query.label
        assert miss["first"]["id"] != miss["right"][0]["id"]
        assert miss["place"] != 1


def test_the_model_is_one_the_matcher_takes() -> None:
    best = Matcher(CATALOG, ranker=Ranker(model=trained().model)).match([Query(label="Date of death", kind="date")])[0]
    assert best.candidates[0].id == "death-date"


def test_one_wording_of_each_element_is_a_set_of_its_own() -> None:
    plain, told = training.of_files("dozen", CATALOG, ASKED)
    assert len(told.decided) == len(plain.decided) - len(CATALOG)
    assert told.examples.pairs.features["remembered"].max() > 0
    assert plain.examples.pairs.features["remembered"].max() == 0
