"""The load of a site is rebuilt whole: what is no longer open is gone, other sites stay."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from sites.burden import load, totals
from sites.models import LoadPeriod

MONDAY = date(2026, 6, 1)
LATER = MONDAY + timedelta(weeks=1)


@pytest.mark.django_db
def test_a_rebuild_replaces_one_site_and_leaves_the_others() -> None:
    load.replace("south", {("eu", MONDAY): (1, 600)})
    load.replace("north", {("eu", MONDAY): (2, 1200), ("na", MONDAY): (1, 300)})
    load.replace("north", {("eu", LATER): (1, 500)})
    found = LoadPeriod.objects.order_by("site").values_list("site", "program", "period", "predicted")
    assert list(found) == [("north", "eu", LATER, 500), ("south", "eu", MONDAY, 600)]


@pytest.mark.django_db
def test_weeks_without_work_are_shown_as_empty() -> None:
    load.replace("north", {("eu", LATER): (1, 500)})
    assert [w.total for w in totals.weeks(MONDAY, site="north", count=3)] == [0, 500, 0]


@pytest.mark.django_db
def test_a_site_is_stale_until_it_was_rebuilt() -> None:
    before = timezone.now()
    assert load.is_stale("a-new-site", before)
    load.replace("a-new-site", {})
    assert not load.is_stale("a-new-site", before)
