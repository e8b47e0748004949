"""The ledger: append-only, the same entry once, never the same key with other figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from sites.burden import ledger
from sites.burden.entries import Entry, differences
from sites.models import BurdenEntry
from sites.trail import system

SETUP = system("test")
ONE = Entry(
    "submission",
    UUID(int=1),
    "car_registry_eu",
    "predicted",
    "north",
    date(2026, 6, 1),
    share=1200,
    marginal=200,
    alone=3000,
    counts={"shown": 5, "shared": 2},
)


@pytest.mark.django_db
def test_writing_the_same_entries_twice_makes_them_once() -> None:
    other = replace(ONE, program="car_registry_na")
    assert ledger.write([ONE, other], actor=SETUP) == 2
    assert ledger.write([ONE, other], actor=SETUP) == 0
    assert BurdenEntry.objects.count() == 2


@pytest.mark.django_db
def test_it_refuses_a_written_entry_with_other_figures() -> None:
    ledger.write([ONE], actor=SETUP)
    new = replace(ONE, program="another")
    with pytest.raises(ledger.LedgerConflict, match="share is 1200 in the ledger, 1300"):
        ledger.write([replace(ONE, share=1300), new], actor=SETUP)
    assert BurdenEntry.objects.get().share == 1200


@pytest.mark.django_db
def test_a_new_revision_is_a_new_row() -> None:
    ledger.write([ONE], actor=SETUP)
    assert ledger.write([replace(ONE, revision=2, share=1300)], actor=SETUP) == 1


@pytest.mark.django_db
def test_a_stored_row_gives_its_entry_back() -> None:
    ledger.write([ONE], actor=SETUP)
    back = ledger.stored([ONE.source_uuid])[ONE.key]
    assert back.figures == ONE.figures
    assert back.visit_kind == ONE.visit_kind


@pytest.mark.django_db
def test_writing_takes_the_same_queries_for_many_entries(django_assert_num_queries: object) -> None:
    many = [replace(ONE, program=f"p{n}") for n in range(40)]
    with django_assert_num_queries(2):  # type: ignore[operator]
        ledger.write(many, actor=SETUP)


def test_differences_name_rows_and_figures() -> None:
    less = replace(ONE, program="b")
    found = differences({ONE.key: ONE, less.key: less}, {ONE.key: replace(ONE, counts={"shown": 4})})
    words = [str(d) for d in found]
    assert words[0].endswith("r1: in the ledger, not by the record")
    assert [w.split(": ")[1] for w in words[1:]] == [
        "shown is 5 in the ledger, 4 by the record",
        "shared is 2 in the ledger, 0 by the record",
    ]
