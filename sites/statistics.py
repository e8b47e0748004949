"""Tells the database how large its tables have become, so that it plans queries for what is there.

PostgreSQL looks for itself only once a minute, and not at all where autovacuum is off; SQLite never does. After a bulk
write both would go on as if the tables were empty.
"""

from __future__ import annotations

from django.db import connection, models

SAMPLE = 1000  # rows of each index that SQLite reads; PostgreSQL takes a sample of its own


def refresh(*tables: type[models.Model]) -> None:
    """Count these tables anew. Takes well under a second however large they are."""
    names = [connection.ops.quote_name(table._meta.db_table) for table in tables]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA analysis_limit={SAMPLE}")
        for name in names:
            cursor.execute(f"ANALYZE {name}")


def grew(before: int, after: int, *, least: int) -> bool:
    """Whether a count passed `least`, or twice, four, eight… times `least`: the times to look again."""
    return (before // least).bit_length() < (after // least).bit_length()
