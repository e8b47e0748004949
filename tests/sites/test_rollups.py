"""Rollups: equal to the ledger's sums however they came about, never behind on a page, and caught where they differ."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from sites.burden import rollups, totals
from sites.models import BurdenEntry, BurdenRollup, RollupMark
from tests.sites import rows

pytestmark = pytest.mark.django_db
WAYS = [("program", ["north"]), ("program", None), ("site", ["north", "south"])]
DAYS = [date(2026, m, d) for m in (1, 2, 3) for d in (1, 14, 28)]


def lived(n: int, seed: int = 1) -> None:
    """Visits of three programs at two sites on random days."""
    chance = Random(seed)
    for _ in range(n):
        programs = chance.sample(["a", "b", "c"], chance.randint(1, 3))
        rows.visit(*programs, site=chance.choice(["north", "south"]), on=chance.choice(DAYS))


def held() -> list[tuple[object, ...]]:
    return sorted(BurdenRollup.objects.values_list("site", "program", "kind", "month", "entries", "share", "alone"))


def test_carried_on_step_by_step_it_equals_one_made_from_nothing() -> None:
    for step in range(4):
        lived(5, step)
        rollups.refresh()
    before = held()
    rollups.rebuild()
    assert held() == before
    assert list(rollups.differences()) == []
    assert (
        sum(r.entries for r in BurdenRollup.objects.exclude(kind="visits").exclude(program="").exclude(site=""))
        == BurdenEntry.objects.count()
    )


def test_nothing_new_adds_nothing() -> None:
    lived(3)
    rollups.refresh()
    before = held()
    assert rollups.refresh() == 0
    assert held() == before


def test_a_rollup_that_was_changed_or_lost_is_named() -> None:
    lived(6)
    rollups.refresh()
    BurdenRollup.objects.filter(kind="predicted", program="a").exclude(site="").update(share=1)
    BurdenRollup.objects.filter(kind="avoided", program="b").delete()
    found = list(rollups.differences())
    assert any("a predicted" in d and "share is 1 in the rollup" in d for d in found)
    assert any("b avoided" in d and d.endswith("missing") for d in found)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 1, 2), date(2026, 3, 14)),
        (date(2026, 2, 2), date(2026, 2, 20)),
        (date(2026, 1, 28), date(2026, 2, 1)),
        (date.min, date.max),
    ],
)
@pytest.mark.parametrize("behind", [0, 4, 12])
def test_a_page_sums_the_same_with_rollups_as_from_the_ledger_alone(start: date, end: date, behind: int) -> None:
    lived(12 - behind)
    rollups.refresh()
    lived(behind, 2)
    found = [totals.by(c, s, start, end) for c, s in WAYS] + [totals.by_month("a", start, end)]
    reach = totals.reach(["north"], start, end), totals.reach(None, start, end, program="a")
    BurdenRollup.objects.all().delete()
    RollupMark.objects.all().delete()
    assert [totals.by(c, s, start, end) for c, s in WAYS] + [totals.by_month("a", start, end)] == found
    assert (totals.reach(["north"], start, end), totals.reach(None, start, end, program="a")) == reach
