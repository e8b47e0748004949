"""System checks: the shipped content is sound, and each kind of damage has its own message."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forms_catalog import checks, starter


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the shipped content that a test may damage."""
    shutil.copytree(starter.CONTENT, tmp_path / "content")
    monkeypatch.setattr(starter, "CONTENT", tmp_path / "content")
    _forget()
    yield tmp_path / "content"
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    starter.catalog.cache_clear()
    starter.schedule.cache_clear()


def edit(path: Path, **changes: Any) -> None:
    document = json.loads(path.read_bytes())
    document["elements"][0].update(changes)
    path.write_text(json.dumps(document), encoding="utf-8")
    _forget()


def ids(found: list[Any]) -> set[str]:
    return {message.id.removeprefix("forms_catalog.") for message in found}


def test_the_shipped_content_is_sound() -> None:
    assert checks.check_catalog() == []
    assert checks.check_programs() == []


def test_a_catalog_that_is_no_json_is_named(content: Path) -> None:
    (content / "catalog.json").write_text("{oops", encoding="utf-8")
    _forget()
    assert ids(checks.check_catalog()) == {"E001"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"detail_of": "nobody"}, "E002"), ({"group": "nothing"}, "E002"), ({"do_not_merge_with": ["x"]}, "E002"),
     ({"reuse": "sometimes"}, "E003")],
)  # fmt: skip
def test_what_names_nothing_is_found(content: Path, changes: dict[str, Any], code: str) -> None:
    edit(content / "catalog.json", **changes)
    assert ids(checks.check_catalog()) == {code}


def test_a_rollup_without_code_is_found(content: Path) -> None:
    path = content / "rollups.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"ever"', '"forever"', 1), encoding="utf-8")
    assert ids(checks.check_catalog()) == {"E004"}


def test_a_schedule_that_names_another_form_is_found(content: Path) -> None:
    path = content / "schedules" / "sma_registry.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"sma_enrol"', '"sma_enroll"'), encoding="utf-8")
    assert ids(checks.check_programs()) == {"E005"}


def test_a_decision_on_an_unknown_element_is_found(content: Path) -> None:
    path = content / "decisions" / "car_pass_sponsor.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",sex-at-birth,", ",sex,", 1), encoding="utf-8")
    assert ids(checks.check_programs()) == {"E006"}
