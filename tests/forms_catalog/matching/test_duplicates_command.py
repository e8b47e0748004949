from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from forms_catalog import starter

CAR = [str(starter.CONTENT / "programs" / f"{code}.csv") for code in ("car_pass_sponsor", "car_registry_eu")]


def run(out: Path, *requests: str, **options: Any) -> list[dict[str, Any]]:
    call_command("find_duplicates", requests=list(requests), out=str(out), stdout=StringIO(), **options)
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def written(path: Path, *rows: dict[str, Any]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_pairs_of_two_dictionaries_come_best_first(tmp_path: Path) -> None:
    lines = run(tmp_path / "out", *CAR, top=20)
    scores = [line["score"] for line in lines]
    assert len(lines) == 20
    assert scores == sorted(scores, reverse=True)
    assert set(lines[0]) == {"a", "b", "score", "kind", "reasons", "unify"}
    assert {lines[0]["a"]["file"], lines[0]["b"]["file"]} <= {"car_pass_sponsor", "car_registry_eu"}


def test_bare_rows_keep_their_ids(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "i5", "label": "Date of death"},
        {"id": "i6", "label": "Death date"},
        {"id": 7, "label": "Weight"},
    ]
    line = run(tmp_path / "out", written(tmp_path / "in.jsonl", *rows))[0]
    assert (line["a"]["id"], line["b"]["id"]) == ("i5", "i6")


def test_per_item_gives_one_line_an_item_in_order(tmp_path: Path) -> None:
    rows = [{"id": str(n), "label": label} for n, label in enumerate(("Date of death", "Weight", "Death date"))]
    lines = run(tmp_path / "out", written(tmp_path / "in.jsonl", *rows), per_item=True, top=1)
    assert [line["id"] for line in lines] == ["0", "1", "2"]
    assert lines[0]["partners"][0]["id"] == "2"


def test_the_summary_counts_by_kind(tmp_path: Path) -> None:
    out = StringIO()
    call_command("find_duplicates", requests=CAR, out=str(tmp_path / "o"), json=True, least=0.6, stdout=out)
    found = json.loads(out.getvalue())
    assert found["pairs"] == sum(found[kind] for kind in ("same", "recast", "unsaid", "apart") if kind in found)


@pytest.mark.parametrize("content", [b"", b"just words", b'{"label": "a"}\n{broken\n', b"[1]"])
def test_unreadable_requests_end_with_2_and_one_line(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(content)
    with pytest.raises(CommandError) as error:
        run(tmp_path / "out", str(tmp_path / "in"))
    assert error.value.returncode == 2
    assert "\n" not in str(error.value)


def test_no_pair_wanted_ends_with_2(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        run(tmp_path / "out", *CAR, top=0)
