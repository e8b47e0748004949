"""The database learns how large its tables are after a bulk write, at each doubling and not in between."""

from __future__ import annotations

import pytest
from django.db import connection

from sites import statistics
from sites.models import Site


def test_it_is_time_to_look_again_whenever_the_count_has_doubled() -> None:
    seen = [n for n in range(1, 41) if statistics.grew(n - 1, n, least=5)]
    assert seen == [5, 10, 20, 40]


def test_a_step_that_passes_several_marks_looks_once_and_one_that_passes_none_not_at_all() -> None:
    assert statistics.grew(3, 90, least=5)
    assert not statistics.grew(11, 19, least=5)
    assert not statistics.grew(0, 4, least=5)


@pytest.mark.django_db
def test_after_a_look_the_database_knows_how_many_rows_there_are() -> None:
    Site.objects.bulk_create(Site(code=f"s{n}", name=f"S {n}", time_zone="Europe/Berlin") for n in range(40))
    statistics.refresh(Site)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT max(stat) FROM sqlite_stat1 WHERE tbl = %s", [Site._meta.db_table])
        else:
            cursor.execute("SELECT reltuples::int FROM pg_class WHERE relname = %s", [Site._meta.db_table])
        assert str(cursor.fetchone()[0]).split()[0] == "40"
