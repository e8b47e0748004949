"""A curator is told before a decision what it delivers blank, holds back or makes coarser."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forms_catalog import starter
from forms_catalog.mapping_warnings import warnings
from tests.forms_catalog.decided import DECIDED, decided, dictionary


def said(program: str, path: str, **changes: str) -> str:
    """All warnings of a recorded decision, its field changed."""
    spec = next(m for m in decided(program).mappings if m.path == path)
    field = replace(next(f for f in dictionary(program).fields if f.path == path), **changes)  # type: ignore[arg-type]
    return " ".join(warnings(spec, field, starter.elements()))


@pytest.mark.parametrize(
    ("program", "path", "text"),
    [
        ("car_registry_na", "crs", "No code for: Unknown. Such an answer is delivered blank"),
        ("car_registry_na", "new_malig", "Never delivered from here: Previously reported."),
        ("hemo_sponsor_aav", "dob_full", "A date known to the month or year only is delivered blank"),
        ("car_registry_eu", "birth_year", "Not delivered: month and day."),
        ("car_pass_sponsor", "age_inf", "Rounded to a whole number, with a note where that changes it."),
        ("car_registry_eu", "crs_max", "Delivered only where crs-scale-used in astct|lee|ctcae"),
        ("car_pass_sponsor", "crsocc", "Not delivered: when it happened, and in which period."),
    ],
)
def test_what_is_lost_is_said(program: str, path: str, text: str) -> None:
    assert text in said(program, path)


def test_limits_are_told_in_the_elements_own_unit() -> None:
    text = said("car_registry_eu", "hb_gl", minimum="20", maximum="250")
    assert "A number below 2 or above 25 g/dL is taken by the form and holds back this program's slice." in text
    assert "is taken by the form" not in said("hemo_registry_global", "hjhs")
    assert "above 100 is taken" in said("hemo_registry_global", "hjhs", maximum="100")


def test_a_decision_that_loses_nothing_warns_of_nothing() -> None:
    assert said("car_pass_sponsor", "hgb") == ""


def test_every_recorded_decision_can_be_looked_at() -> None:
    for program in DECIDED:
        fields = {f.path: f for f in dictionary(program).fields}
        for spec in decided(program).mappings:
            assert all(t.endswith((".", "note")) for t in warnings(spec, fields[spec.path], starter.elements()))
