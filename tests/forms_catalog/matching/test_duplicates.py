"""Requests compared with each other: what is the same ask, what differs in form only, what is something else."""

from __future__ import annotations

from typing import Any

import pytest

from forms_catalog import formats, starter
from forms_catalog.matching import Query, queries_of_fields
from forms_catalog.matching.duplicates import Comparison
from forms_catalog.matching.sameness import Verdict
from forms_catalog.specs import Option
from tests.forms_catalog.matching.world import YES_NO, options
from tests.shared_data import needs_shared

from .test_public_pairs import rows


def ask(label: str, kind: str = "text", **more: Any) -> Query:
    return Query(label=label, kind=kind, **more)


def said(first: Query, second: Query) -> Verdict:
    found = Comparison([first, second])
    return found.verdict(found.pairs()[0])


def test_the_same_words_are_the_same_ask() -> None:
    found = Comparison([ask("Date of death", "date"), ask("Date of death", "date"), ask("Weight", "number")])
    best = found.pairs()[0]
    assert (best.a, best.b, best.score) == (0, 1, 1.0)
    assert found.verdict(best).kind == "same"


def test_a_pair_scores_the_same_whoever_comes_first() -> None:
    asks = [ask("Date of death"), ask("Date on which the patient died"), ask("Body weight")]
    there, back = Comparison(asks).pairs(), Comparison(asks[::-1]).pairs()
    assert [p.score for p in there] == pytest.approx([p.score for p in back], abs=0.001)


def test_lists_that_share_answers_need_a_value_map() -> None:
    found = said(
        ask("Outcome", "choice", options=options("Recovered", "Ongoing", "Dead")),
        ask("Outcome", "choice", options=options("Recovered", "Ongoing", "Dead", "Recovered with sequelae")),
    )
    assert found.kind == "recast"
    assert "value map" in found.unify[0]


def test_other_codes_alone_leave_it_the_same_ask() -> None:
    codes = (Option("Y", "Yes"), Option("N", "No"))
    assert said(ask("Relapse", "choice", options=YES_NO), ask("Relapse", "choice", options=codes)).kind == "same"


def test_units_that_convert_say_the_rule() -> None:
    found = said(ask("Hemoglobin (g/L)", "decimal"), ask("Hemoglobin (g/dL)", "decimal"))
    assert found == Verdict("recast", ("Unit: g/L and g/dL.",), ("A unit conversion: g/L to g/dL by x/10.",))


def test_units_that_do_not_convert_are_apart() -> None:
    assert said(ask("Ferritin (g/L)", "decimal"), ask("Ferritin (days)", "decimal")).kind == "apart"


def test_a_coarser_date_follows_from_the_whole_one() -> None:
    found = said(ask("Date of diagnosis", "date"), ask("Date of diagnosis", "date", date_format="my"))
    assert found.kind == "recast"
    assert found.unify == ("Ask for the whole date once; month and year follow from it.",)


def test_periods_that_differ_ask_the_finer_one_once() -> None:
    found = said(ask("Stroke, last 12 months", "yesno"), ask("Stroke since last visit", "yesno"))
    assert found.kind == "recast"
    assert found.unify == ("Ask about since the last report once; the last 12 months follows from it by a roll-up.",)


def test_yes_or_no_follows_from_the_value() -> None:
    found = said(ask("Inhibitor", "yesno", options=YES_NO), ask("Inhibitor titre", "decimal"))
    assert (found.kind, "roll-up" in found.unify[0]) == ("recast", True)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Date of first dose", "Date of last dose"),
        ("Systolic blood pressure", "Diastolic blood pressure"),
        ("Weight at month 6", "Weight at month 12"),
        ("Maximum CRS grade", "Maximum ICANS grade"),
        ("Bilirubin value", "Reason for no bilirubin value"),
        ("Pregnancy of patient", "Pregnancy of partner"),
        ("Patient code", "Site code"),
    ],
)
def test_opposites_are_not_the_same(first: str, second: str) -> None:
    assert said(ask(first, ""), ask(second, "")).kind == "apart"


def test_a_scale_that_one_leaves_out_is_left_to_a_person() -> None:
    found = said(ask("CRS grade (ASTCT)", ""), ask("CRS grade", ""))
    assert (found.kind, found.unify) == ("unsaid", ("Say in both wordings what is meant: scale.",))


def test_nothing_and_one_request_give_no_pair() -> None:
    assert Comparison([]).pairs() == []
    assert Comparison([ask("Weight")]).pairs() == []


def test_texts_of_function_words_do_not_break() -> None:
    assert len(Comparison([ask("of the"), ask(""), ask("?")]).pairs()) <= 3


def test_few_neighbours_are_kept_of_many_requests() -> None:
    found = Comparison([ask(f"Question about topic {n}") for n in range(40)], keep=3)
    assert len(found.pairs()) <= 40 * 3


def test_the_shipped_programs_ask_for_the_date_of_death_again_and_again() -> None:
    codes = starter.program_codes()
    queries = [q for c in codes for q in queries_of_fields(formats.read(starter.program_csv(c), c).fields)]
    found = Comparison(queries)
    same = [p for p in found.pairs(0.9) if found.verdict(p).kind == "same"]
    assert len([p for p in same if queries[p.a].label == "Date of death"]) >= 3


def hits(pool: list[dict[str, Any]]) -> tuple[float, float]:
    """Share of the items with a partner in the pool that have one first, and among the first five."""
    found = Comparison([Query(label=row["label"]) for row in pool])
    partners = found.partners(found.pairs(), 5)
    golds = [row["gold_cde"] for row in pool]
    right = [
        [golds[p.a if p.b == at else p.b] == gold for p in partners[at]]
        for at, gold in enumerate(golds)
        if golds.count(gold) > 1
    ]
    return sum(r[:1] == [True] for r in right) / len(right), sum(any(r) for r in right) / len(right)


@needs_shared
def test_duplicate_asks_of_many_organisations_are_found() -> None:
    first, five = hits(rows("cross_org_pool.dev.jsonl"))
    assert first >= 0.51
    assert five >= 0.745
