"""What names a field: the same rule for every format, and never the same name twice."""

from __future__ import annotations

from forms_catalog.formats.identity import paths_of


def test_a_name_that_is_used_once_is_the_path() -> None:
    assert paths_of([("f1", "a"), ("f2", "b")]) == ["a", "b"]


def test_a_name_that_is_used_twice_is_numbered_within_its_form() -> None:
    assert paths_of([("f1", "a"), ("f1", "a"), ("f2", "a")]) == ["f1/a#1", "f1/a#2", "f2/a#1"]


def test_a_field_that_is_called_like_a_path_keeps_its_name() -> None:
    assert paths_of([("f", "a"), ("f", "f/a#1"), ("f", "a")]) == ["f/a#2", "f/a#1", "f/a#3"]
