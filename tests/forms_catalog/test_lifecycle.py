"""The rules of an element's life, on facts alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forms_catalog import lifecycle
from forms_catalog.lifecycle import Standing
from forms_catalog.specs import ElementSpec, Option

PAIN = ElementSpec(
    id="pain",
    label="Pain",
    definition="Pain of the day.",
    datatype="choice",
    scope="visit",
    recall="today",
    reuse="never",
    options=(Option("0", "none"), Option("1", "some")),
)


def test_nothing_but_the_three_acts_is_known() -> None:
    assert dict(lifecycle.ACTS) == {
        "release": ("draft", "released"),
        "retire": ("released", "retired"),
        "restore": ("retired", "released"),
    }


def test_a_retired_element_names_its_replacement() -> None:
    assert lifecycle.unusable("pain", Standing("retired", "pain-2")) == (
        "'pain' is retired; choose 'pain-2', which replaces it."
    )
    assert lifecycle.unusable("pain", Standing("retired")) == "'pain' is retired; choose another element."


def test_a_draft_is_usable_by_its_own_program_only() -> None:
    assert "release it" in lifecycle.unusable("pain", Standing("draft"))
    assert lifecycle.unusable("draft:a:pain", Standing("draft"), own_draft=True) == ""
    assert lifecycle.unusable("pain", None) == ""


def test_the_chain_of_replacements_ends_at_what_is_released() -> None:
    chain = {"a": Standing("retired", "b"), "b": Standing("retired", "c")}
    assert lifecycle.successor("a", chain) == "c"
    assert lifecycle.successor("a", {"a": Standing("retired", "b"), "b": Standing("draft")}) == ""
    assert lifecycle.successor("a", {"a": Standing("retired")}) == ""


def test_a_circle_of_replacements_ends() -> None:
    assert lifecycle.successor("a", {"a": Standing("retired", "b"), "b": Standing("retired", "a")}) == ""


def test_a_replacement_is_another_released_element() -> None:
    assert "itself" in lifecycle.replacement_problem("a", "a", {}, known=True)
    assert "no element" in lifecycle.replacement_problem("a", "b", {}, known=False)
    assert "draft" in lifecycle.replacement_problem("a", "b", {"b": Standing("draft")}, known=True)
    assert "retired" in lifecycle.replacement_problem("a", "b", {"b": Standing("retired", "a")}, known=True)
    assert lifecycle.replacement_problem("a", "b", {}, known=True) == ""


def test_words_may_change_but_not_what_answers_mean() -> None:
    assert lifecycle.meaning_changes(PAIN, replace(PAIN, label="Pain today", note="x")) == ()
    more = replace(PAIN, options=(*PAIN.options, Option("2", "much")))
    assert lifecycle.meaning_changes(PAIN, more) == ()
    fewer = replace(PAIN, options=PAIN.options[:1], datatype="text")
    assert lifecycle.meaning_changes(PAIN, fewer) == ("kind of answer", "choice 1 removed")
    assert lifecycle.changes(PAIN, more) == ("choices",)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "draft:a:b"}, "is no id"),
        ({"id": "../x"}, "is no id"),
        ({"label": " "}, "label is missing"),
        ({"datatype": "colour"}, "not a kind of answer"),
        ({"options": ()}, "needs its choices"),
        ({"options": (Option("1", "a"), Option("1", "b"))}, "two choices"),
        ({"options": (Option("1|2", "a"),)}, "cannot hold"),
        ({"scope": "world"}, "not a scope"),
        ({"reuse": "sometimes"}, "not a rule"),
        ({"minimum": 2.0, "maximum": 1.0}, "above the highest"),
    ],
)
def test_what_cannot_be_an_element_is_said_in_words(change: dict[str, object], said: str) -> None:
    assert any(said in text for text in lifecycle.spec_problems(replace(PAIN, **change)))  # type: ignore[arg-type]
    assert lifecycle.spec_problems(PAIN) == ()
