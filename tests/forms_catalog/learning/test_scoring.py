"""The scorer's figures, worked out by hand, and the command that prints them."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from forms_catalog.learning.examples import Decided, one_remembered
from forms_catalog.learning.scoring import Expected, of_program, scored
from forms_catalog.matching import Candidate, Decision, Query, Remembered
from tests.shared_data import SHARED, needs_shared

DEATH = {"id": "d", "label": "Date of death", "type": "date"}
VISIT = {"id": "v", "label": "Visit date", "type": "date"}


def decision(kind: Any, *ids: str, score: float = 0.9, relation: Any = "exact") -> Decision:
    return Decision(kind, tuple(Candidate(id, score - n / 10, relation) for n, id in enumerate(ids)))


def wants(*targets: str) -> Decided:
    return Decided(Query(label="x"), frozenset(targets))


def test_shares_count_only_requests_that_have_an_element() -> None:
    told = scored(
        [wants("a"), wants("b"), wants("c", "d"), wants()],
        [
            decision("accept", "a"),
            decision("accept", "x", "b"),
            decision("review", "x", "y", "z", "d"),
            decision("new", "x", score=0.2),
        ],
    )
    assert (told["n"], told["top1"], told["top5"]) == (3, 0.3333, 1.0)
    assert told["mrr"] == pytest.approx((1 + 1 / 2 + 1 / 4) / 3, abs=1e-4)
    assert (told["accepted"], told["accept_precision"]) == (0.6667, 0.5)
    assert (told["nothing_fits"], told["said_new"], told["abstain_auc"]) == (1, 1.0, 1.0)


def test_a_program_is_told_by_name_what_was_accepted_wrongly() -> None:
    expected = {
        "ok": Expected("a", "recode"),
        "wrong": Expected("b", "exact"),
        "trap": Expected("c", "exact", frozenset({"t"})),
        "person": Expected("e", "broader"),
        "none": Expected("", "new"),
    }
    told = of_program(
        expected,
        {
            "ok": decision("accept", "a"),
            "wrong": decision("accept", "x"),
            "trap": decision("accept", "t", "c"),
            "person": decision("review", "e", relation="exact"),
            "none": decision("new"),
        },
    )
    assert (told.fields, told.mapped, told.top1, told.top5) == (5, 4, 0.5, 0.75)
    assert (told.relation_right, told.class_right) == (0.0, 0.5)
    assert (told.wrong, told.traps) == (("trap", "wrong"), ("trap",))
    assert (told.new, told.said_new, told.accepted) == (1, 1, 3)


def test_one_wording_of_each_element_is_remembered_and_the_others_are_asked() -> None:
    rows = [Decided(Query(label=text), frozenset({target})) for text, target in (("m", "a"), ("n", "b"), ("o", "a"))]
    known, asked = one_remembered([*rows, Decided(Query(label="p"), frozenset())])
    assert known == [Remembered("m", "a"), Remembered("n", "b")]
    assert [one.query.label for one in asked] == ["o"]


def files(tmp_path: Path, *rows: dict[str, Any]) -> list[str]:
    catalog, decided = tmp_path / "catalog.jsonl", tmp_path / "rows.jsonl"
    catalog.write_text("".join(json.dumps(one) + "\n" for one in (DEATH, VISIT)), encoding="utf-8")
    decided.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    return [str(catalog), str(decided)]


def test_the_command_scores_files(tmp_path: Path) -> None:
    rows = [
        {"query": {"label": "Date of death", "type": "date"}, "target_ids": ["d"]},
        {"query": {"label": "Name of the cat", "type": "text"}, "target_ids": []},
    ]
    out = StringIO()
    call_command("evaluate_matching", examples=[files(tmp_path, *rows)], json=True, stdout=out, stderr=StringIO())
    (told,) = json.loads(out.getvalue())["examples"]
    assert (told["n"], told["top1"], told["nothing_fits"], told["accepted_of_nothing"]) == (1, 1.0, 1, 0)


@pytest.mark.parametrize("options", [{}, {"examples": [["only.jsonl"]]}, {"gold": "nowhere.csv"}])
def test_the_command_says_what_it_needs(options: dict[str, Any]) -> None:
    with pytest.raises(CommandError) as error:
        call_command("evaluate_matching", stderr=StringIO(), **options)
    assert error.value.returncode == 2


def test_a_program_that_is_not_shipped_is_named(tmp_path: Path) -> None:
    (tmp_path / "gold.csv").write_text("program,variable,catalog_id,relation\nother,x,y,exact\n", encoding="utf-8")
    with pytest.raises(CommandError, match="other is not shipped"):
        call_command("evaluate_matching", gold=str(tmp_path / "gold.csv"), stderr=StringIO())


@needs_shared
def test_of_the_programs_with_expected_mappings_nothing_wrong_is_accepted() -> None:
    out = StringIO()
    gold = str(SHARED / "content" / "gold.csv")
    call_command("evaluate_matching", gold=gold, json=True, stdout=out, stderr=StringIO())
    programs = json.loads(out.getvalue())["programs"]
    assert len(programs) >= 5
    for one in programs:
        assert (one["wrong"], one["traps"], one["removed"]["accepted"]) == ([], [], 0), one["program"]
        assert one["accepted"] > 0
        assert one["class_right"] >= 0.95, one["program"]
