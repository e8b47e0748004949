from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from forms_catalog import starter

CATALOG = str(starter.CONTENT / "catalog.json")
REDCAP = str(starter.CONTENT / "programs" / "car_pass_sponsor.csv")


def run(requests: str, out: Path, catalog: str = CATALOG, **options: Any) -> list[dict[str, Any]]:
    call_command("match_requests", catalog=catalog, requests=requests, out=str(out), stdout=StringIO(), **options)
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_a_dictionary_gives_one_line_a_field_in_order(tmp_path: Path) -> None:
    lines = run(REDCAP, tmp_path / "out.jsonl")
    assert [line["i"] for line in lines] == list(range(55))
    assert lines[0]["name"] == "subjid"


def test_calculated_fields_have_a_line_too(tmp_path: Path) -> None:
    lines = run(str(starter.CONTENT / "programs" / "hemo_registry_global.csv"), tmp_path / "out.jsonl")
    assert "alt_ratio" in [line["name"] for line in lines]


@pytest.mark.parametrize(
    "row",
    [{"label": "Date of death", "type": "date"}, {"query": {"label": "Date of death", "type": "date", "name": None}}],
)
def test_json_rows_are_read_bare_or_wrapped(row: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    line = run(str(tmp_path / "in.jsonl"), tmp_path / "out.jsonl", top=1)[0]
    assert (line["name"], line["decision"]) == ("", "accept")
    assert set(line["candidates"][0]) == {"id", "score", "relation", "reasons"}


def test_a_catalog_may_be_json_lines(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"id": 7, "label": "Visit date", "type": "date"}\n', encoding="utf-8")
    line = run(REDCAP, tmp_path / "out.jsonl", catalog=str(tmp_path / "c.jsonl"))[0]
    assert line["candidates"][0]["id"] == "7"


def test_the_summary_is_json_where_asked(tmp_path: Path) -> None:
    out = StringIO()
    call_command("match_requests", catalog=CATALOG, requests=REDCAP, out=str(tmp_path / "o"), json=True, stdout=out)
    assert json.loads(out.getvalue())["requests"] == 55


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"just words", b'{"label": "a"}\n{broken\n', b"[1]"])
def test_unreadable_requests_end_with_2_and_one_line(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(content)
    with pytest.raises(CommandError) as error:
        run(str(tmp_path / "in"), tmp_path / "out.jsonl")
    assert error.value.returncode == 2
    assert "\n" not in str(error.value)


def test_a_missing_catalog_ends_with_2(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as error:
        run(REDCAP, tmp_path / "out.jsonl", catalog=str(tmp_path / "none.json"))
    assert error.value.returncode == 2


def test_explaining_says_what_lifts_each_candidate(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"label": "Date of death", "type": "date"}\n', encoding="utf-8")
    first, second = run(str(tmp_path / "in.jsonl"), tmp_path / "out.jsonl", top=2, explain=True)[0]["candidates"]
    assert first["lifts"]
    assert second["lifts"]
    assert max(first["lifts"].values()) > max(second["lifts"].values())
