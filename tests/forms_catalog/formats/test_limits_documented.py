"""The table of limits in docs/formats/hostile-files.md says what the code holds."""

from __future__ import annotations

from pathlib import Path

from forms_catalog.formats import containers, csv_rows, problems
from forms_catalog.language import guarded
from forms_catalog.language.tree import MAX_DEPTH

PAGE = (Path(__file__).parents[3] / "docs/formats/hostile-files.md").read_text(encoding="utf-8")


def test_the_sizes_of_files_are_those_of_the_code() -> None:
    said = f"{containers.MAX_BYTES // 1_000_000} MB, a CSV {csv_rows.MAX_BYTES // 1_000_000} MB"

    assert said in PAGE


def test_the_limits_of_expressions_and_problems_are_those_of_the_code() -> None:
    assert f"{guarded.MAX_CHARS:,} characters, {MAX_DEPTH} levels" in PAGE
    assert f"{problems.MAX_PROBLEMS:,}, then a count" in PAGE
