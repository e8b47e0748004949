"""What the diff of two dictionary versions calls a change of meaning, of rules, of wording, of place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from forms_catalog.comparing import compare
from forms_catalog.specs import FieldSpec, Option

YES_NO = (Option("1", "Yes"), Option("0", "No"))
GVHD = FieldSpec(
    path="agvhd",
    name="agvhd",
    form="f1",
    label="Acute GVHD since the last report?",
    kind="choice",
    order=0,
    line=2,
    options=YES_NO,
    branching="[alive] = '1'",
)


@pytest.mark.parametrize(
    ("what", "value", "aspect"),
    [
        ("label", "Acute GVHD since the LAST report", "wording"),
        ("label", "Acute GVHD ever?", "meaning"),
        ("options", (Option("1", "YES"), Option("0", "no")), "wording"),
        ("options", (*YES_NO, Option("9", "Unknown")), "meaning"),
        ("unit", "mg/dL", "meaning"),
        ("branching", "[alive] = '2'", "meaning"),
        ("maximum", "40", "rules"),
        ("required", True, "rules"),
        ("form", "f2", "place"),
    ],
)
def test_each_difference_has_its_aspect(what: str, value: Any, aspect: str) -> None:
    found = compare([GVHD], [replace(GVHD, **{what: value})])

    assert [(c.what, c.aspect) for c in found.changed[0].changes] == [(what, aspect)]
    assert found.changed[0].same_meaning is (aspect != "meaning")


def test_logic_written_otherwise_is_no_change() -> None:
    assert compare([GVHD], [replace(GVHD, branching='([alive]="1")')]).equal == 1


def test_a_field_under_another_name_is_renamed_not_new() -> None:
    found = compare([GVHD], [replace(GVHD, path="gvhd_acute", name="gvhd_acute")])

    assert (found.added, found.removed) == ((), ())
    assert found.changed[0].renamed


def test_what_is_only_on_one_side_was_added_or_removed() -> None:
    other = replace(GVHD, path="weight", name="weight", label="Weight", kind="decimal", options=(), unit="kg")

    found = compare([GVHD], [other])

    assert ([f.path for f in found.added], [f.path for f in found.removed]) == (["weight"], ["agvhd"])
