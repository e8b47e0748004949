"""Allowed changes of state: every pair of a timepoint and of a query, and what planning itself may do."""

from __future__ import annotations

import pytest

from capture.enter import moves
from capture.enter.moves import MoveError
from capture.models import DataQuery, Timepoint

REFUSED = [
    *(("timepoint", "submitted", after) for after in ("planned", "closed", "not_owed", "submitted")),
    ("timepoint", "closed", "submitted"),
    ("timepoint", "not_owed", "submitted"),
    ("query", "closed", "open"),
]


@pytest.mark.parametrize(("subject", "before", "after"), REFUSED)
def test_it_refuses_a_change_that_cannot_be(subject: str, before: str, after: str) -> None:
    with pytest.raises(MoveError, match=f"is {before}: it cannot become {after}"):
        moves.check(subject, before, after)


def test_the_tables_know_every_state_of_the_models() -> None:
    assert set(moves.TIMEPOINT) == set(Timepoint.State.values)
    assert set(moves.QUERY) == set(DataQuery.State.values)
    assert set().union(*moves.TIMEPOINT.values()) <= set(Timepoint.State.values)


def test_what_is_open_may_be_submitted_closed_and_opened_again() -> None:
    for before, after in (("planned", "submitted"), ("planned", "closed"), ("closed", "planned")):
        moves.check("timepoint", before, after)


def test_subjects_without_a_table_are_not_its_business() -> None:
    moves.check("delivery", "prepared", "exported")
