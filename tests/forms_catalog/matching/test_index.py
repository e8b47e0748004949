from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_catalog import matching_index
from forms_catalog.matching import Matcher, Query, Remembered, index, tables
from tests.forms_catalog.matching.world import YES_NO, entries

QUERIES = [
    Query(name="dth_dt", label="Date of death", kind="date"),
    Query(label="Was a new malignancy found?", kind="choice", options=YES_NO),
    Query(label="FVIII activity by one-stage assay (%)", kind="number"),
    Query(label="Name of the hospital cat", kind="text"),
]


def fresh(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A process that has read no catalog yet and keeps its files in a folder."""
    monkeypatch.setattr(matching_index, "folder", lambda: folder)
    monkeypatch.setattr(matching_index, "_here", {})


def test_a_kept_index_decides_as_the_catalog_itself(tmp_path: Path) -> None:
    told = [Remembered("Day the patient passed away", "death-date")]
    read = tables.read(entries())
    matching_index.keep(read, tmp_path / "kept.npz")
    kept = matching_index.load(tmp_path / "kept.npz")
    assert kept is not None
    assert kept.digest == read.digest == tables.digest(entries())
    assert Matcher(entries(), told, tables=kept).match(QUERIES) == Matcher(entries(), told).match(QUERIES)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a zip", b"\x00" * 1000])
def test_a_damaged_index_is_read_again(damage: bytes, tmp_path: Path) -> None:
    (tmp_path / "kept.npz").write_bytes(damage)
    assert matching_index.load(tmp_path / "kept.npz") is None


def test_half_an_index_is_read_again(tmp_path: Path) -> None:
    matching_index.keep(tables.read(entries()[:20]), tmp_path / "kept.npz")
    whole = (tmp_path / "kept.npz").read_bytes()
    (tmp_path / "kept.npz").write_bytes(whole[: len(whole) // 2])
    assert matching_index.load(tmp_path / "kept.npz") is None


def test_a_changed_catalog_has_another_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh(monkeypatch, tmp_path)
    both = [matching_index.of(entries()[:20]), matching_index.of(entries()[1:21])]
    assert both[0].digest != both[1].digest
    assert matching_index.of(entries()[:20]) is both[0]
    assert {file.stem for file in tmp_path.iterdir()} == {one.digest for one in both}


def test_only_the_newest_files_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh(monkeypatch, tmp_path)
    for size in range(1, matching_index.KEPT + 3):
        matching_index.of(entries()[:size])
    assert len(list(tmp_path.iterdir())) == matching_index.KEPT


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("a file, no folder")
    fresh(monkeypatch, tmp_path / "taken")
    assert matching_index.of(entries()[:5]).arrays["classes"].shape == (5,)


def test_tables_of_another_catalog_are_refused() -> None:
    with pytest.raises(ValueError, match="another catalog"):
        Matcher(entries()[:3], tables=tables.read(entries()[:2]))


@given(st.integers(1, 700), st.integers(1, 60), st.integers(0, 10_000))
def test_the_highest_scores_are_found_block_by_block(size: int, count: int, seed: int) -> None:
    scores = np.random.default_rng(seed).random((3, size)).astype(np.float32)
    found = index.tops(scores, count)
    for row, columns in enumerate(found):
        assert set(columns.tolist()) == set(np.argsort(-scores[row])[:count].tolist())
