"""Worlds that are dear to build are built once in a process; later tests get the same rows put back, table by table.

`once(build)` is `build()` on an empty database and may stand wherever that call stood: it works inside the transaction
of an ordinary test and in tests that commit. Each test still has rows and objects of its own. In a run of the suite
a world that one process has built serves the others too (tests/run_folder.py).
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction

from tests import run_folder

Made = TypeVar("Made")
FROM_MIGRATIONS = {"auth_permission", "django_content_type"}  # filled when the test database is made


@dataclass(frozen=True)
class Kept:
    """What a build gave back, and every row it wrote: a table with its copy."""

    made: object
    rows: dict[str, Any]


_kept: dict[Callable[[], object], Kept] = {}


def once(build: Callable[[], Made]) -> Made:
    """What `build()` makes. The first call in a process builds; each later one puts the rows of the first back."""
    with transaction.atomic():
        assert not _filled(), "a kept world starts from an empty database"
        if build in _kept:
            return _put_back(_kept[build])  # type: ignore[return-value]
        with run_folder.place(_file_of(build)) as file:
            if file and file.exists():
                _kept[build] = pickle.loads(file.read_bytes())
                return _put_back(_kept[build])  # type: ignore[return-value]
            made = build()
            _kept[build] = Kept(copy.deepcopy(made), {table: _read(table) for table in _filled()})
            if file:
                whole = file.with_suffix(".part")
                whole.write_bytes(pickle.dumps(_kept[build]))
                whole.rename(file)  # nobody meets half a file
            return made


def _file_of(build: Callable[[], object]) -> str:
    """The name of its file; '' for a build that is not a function of a module: no other process can name it."""
    name = getattr(build, "__qualname__", "<>")
    return "" if "<" in name else f"{build.__module__}.{name} on {connection.vendor}.pickle"


def _put_back(found: Kept) -> object:
    for table, rows in found.rows.items():
        _write(table, rows)
    _move_sequences()
    return copy.deepcopy(found.made)


def _tables() -> list[str]:
    """The tables of all models that migrations leave empty."""
    return sorted(set(connection.introspection.django_table_names()) - FROM_MIGRATIONS)


def _filled() -> list[str]:
    """The tables with rows."""
    name = connection.ops.quote_name
    asked = [f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {name(table)})" for table in _tables()]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return [row[0] for row in cursor.fetchall()]


def _read(table: str) -> Any:
    """A table's rows as its database hands them out: COPY's own bytes on PostgreSQL, columns and tuples on SQLite."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {connection.ops.quote_name(table)} TO STDOUT") as copied:
                return b"".join(bytes(block) for block in copied)
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        return [column[0] for column in cursor.description], cursor.fetchall()


def _write(table: str, rows: Any) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {connection.ops.quote_name(table)} FROM STDIN") as copied:
                copied.write(rows)
            return
        columns, found = rows
        names = ", ".join(connection.ops.quote_name(column) for column in columns)
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {connection.ops.quote_name(table)} ({names}) VALUES ({marks})", found)


def _move_sequences() -> None:
    """On PostgreSQL the next row takes a number above those put back; SQLite does this by itself."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(apps.get_models())):
            cursor.execute(statement)
