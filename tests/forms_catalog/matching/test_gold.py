"""The five programs with expected mappings: in-sample for the guards, so these are limits, not a claim."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache

import pytest

from forms_catalog import formats, starter
from forms_catalog.matching import Decision, Matcher, Query, queries_of_fields
from tests.shared_data import SHARED, needs_shared

from .world import entries, matcher

PROGRAMS = ("car_registry_na", "car_pass_sponsor", "hemo_registry_global", "sma_registry", "scd_gt_ltfu")
DIRECT = {"exact", "recode", "unit_conversion"}


@cache
def gold(program: str) -> dict[str, dict[str, str]]:
    with (SHARED / "content" / "gold.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["program"] == program]
    return {row["variable"]: row for row in rows if row["relation"] != "not_same"}


@cache
def asked(program: str) -> list[Query]:
    return queries_of_fields(formats.read(starter.program_csv(program)).fields)


def decided(program: str) -> Iterator[tuple[dict[str, str], Decision]]:
    decisions = dict(zip((q.name for q in asked(program)), matcher().match(asked(program)), strict=True))
    yield from ((row, decisions[name]) for name, row in gold(program).items())


@needs_shared
@pytest.mark.parametrize("program", PROGRAMS)
def test_nothing_wrong_and_no_trap_is_accepted(program: str) -> None:
    accepted = [(row, d.candidates[0]) for row, d in decided(program) if d.decision == "accept"]
    assert [row["variable"] for row, best in accepted if best.id != row["catalog_id"]] == []
    assert all(row["relation"] in DIRECT for row, _ in accepted)


@needs_shared
@pytest.mark.parametrize("program", PROGRAMS)
def test_nine_of_ten_fields_have_their_element_on_top(program: str) -> None:
    mapped = [(row, d) for row, d in decided(program) if row["relation"] != "new"]
    right = [row for row, d in mapped if d.candidates and d.candidates[0].id == row["catalog_id"]]
    assert len(right) >= 0.88 * len(mapped)


@needs_shared
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_relation_is_right_where_the_element_is(program: str) -> None:
    right = [(row, d.candidates[0]) for row, d in decided(program) if d.candidates[0].id == row["catalog_id"]]
    same = [row for row, best in right if (best.relation in DIRECT) == (row["relation"] in DIRECT)]
    assert len(same) >= 0.95 * len(right)


@needs_shared
@pytest.mark.parametrize("program", PROGRAMS)
def test_nothing_is_accepted_once_the_right_element_is_gone(program: str) -> None:
    rejected = [(q.key, gold(program)[q.name]["catalog_id"]) for q in asked(program) if q.name in gold(program)]
    decisions = Matcher(entries(), rejected=rejected).match(asked(program))
    accepted = [q.name for q, d in zip(asked(program), decisions, strict=True) if d.decision == "accept"]
    assert [name for name in accepted if name in gold(program)] == []
