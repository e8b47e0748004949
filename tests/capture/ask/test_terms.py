"""A condition that nobody here can work out asks its question instead of hiding it for good."""

from __future__ import annotations

import pytest

from capture.ask import terms

KNOWN = {"alive", "gvhd"}


def test_a_condition_over_known_fields_is_followed() -> None:
    assert terms.rule("[alive] = '1' and [gvhd(2)] = '1'", KNOWN) is not None


@pytest.mark.parametrize(
    "branching",
    ["", "if the patient is alive", "[left_out] = '1'", "[alive] = '1' or [left_out] = '1'", "[event-name] = 'm6'"],
)
def test_a_condition_that_cannot_be_worked_out_hides_nothing(branching: str) -> None:
    assert terms.rule(branching, KNOWN) is None
