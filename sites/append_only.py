"""Append-only tables: models say so with a decorator, the database refuses UPDATE and DELETE by triggers.

    @append_only                      rows are written once
    @append_only_but("is_current")    this flag alone may change, from true to false

A migration calls `guard(tables)` with what it guards, spelled out. SQLite drops triggers where a migration remakes a
table (any altered column): guard it again there. tests/test_append_only.py fails for a model without its triggers.
No row is changed by the code today but Response.is_current: an end is a new row (an event, a consent, a stay).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

Model = TypeVar("Model", bound=type[models.Model])
DECLARED: dict[type[models.Model], str] = {}  # model → the flag that may go from true to false, "" for none
FUNCTION = """CREATE OR REPLACE FUNCTION append_only_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation'; END $$"""


def append_only(model: Model) -> Model:
    """Rows of this model are written once."""
    DECLARED[model] = ""
    return model


def append_only_but(flag: str) -> Callable[[Model], Model]:
    """Rows are written once, except that `flag` may go from true to false."""

    def declare(model: Model) -> Model:
        DECLARED[model] = flag
        return model

    return declare


def tables() -> Mapping[str, str]:
    """Every declared table with its flag."""
    return {model._meta.db_table: flag for model, flag in DECLARED.items()}


def guard(found: Mapping[str, str]) -> Callable[[Any, Any], None]:
    """For migrations.RunPython: make the triggers of these tables (table → flag)."""
    return lambda apps, editor: _close(editor.connection, found)


def unguard(found: Mapping[str, str]) -> Callable[[Any, Any], None]:
    """For migrations.RunPython: drop the triggers of these tables."""
    return lambda apps, editor: _open(editor.connection, found)


@contextmanager
def opened(connection: BaseDatabaseWrapper, found: Mapping[str, str] | None = None) -> Iterator[None]:
    """Without the triggers for a moment, in one transaction: for `manage.py flush` and tests that tamper."""
    names = tables() if found is None else found
    with transaction.atomic(using=connection.alias):
        _open(connection, names)
        yield
        _close(connection, names)


def _close(connection: BaseDatabaseWrapper, found: Mapping[str, str]) -> None:
    _open(connection, found)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        for table, flag in found.items():
            for act in ("UPDATE", "DELETE"):
                unless = _allowed(connection, table, flag) if flag and act == "UPDATE" else ""
                cursor.execute(_trigger(connection, table, act, unless, flag))


def _open(connection: BaseDatabaseWrapper, found: Mapping[str, str]) -> None:
    on = ' ON "{table}"' if connection.vendor == "postgresql" else ""
    if on:
        connection.check_constraints()  # PostgreSQL drops no trigger while checks of the table are pending
    with connection.cursor() as cursor:
        for table in found:
            for act in ("UPDATE", "DELETE"):
                cursor.execute(f'DROP TRIGGER IF EXISTS "{_name(table, act)}"' + on.format(table=table))


def _trigger(connection: BaseDatabaseWrapper, table: str, act: str, unless: str, flag: str) -> str:
    but = f" Only {flag} may go from true to false." if flag else ""
    text = f"{table} is append-only: no row is changed or deleted.{but} Write a new row that says what holds now."
    when = f"WHEN (NOT ({unless}))" if unless else ""
    head = f'CREATE TRIGGER "{_name(table, act)}" BEFORE {act} ON "{table}" FOR EACH ROW {when}'
    if connection.vendor == "postgresql":
        return f"{head} EXECUTE FUNCTION append_only_refuse('{text}')"
    return f"{head} BEGIN SELECT RAISE(ABORT, '{text}'); END"


def _allowed(connection: BaseDatabaseWrapper, table: str, flag: str) -> str:
    """The one change that passes: the flag falls and every other column stays."""
    falls = f'OLD."{flag}" AND NOT NEW."{flag}"'
    if connection.vendor == "postgresql":
        return f"{falls} AND to_jsonb(OLD) - '{flag}' = to_jsonb(NEW) - '{flag}'"
    with connection.cursor() as cursor:
        columns = [c.name for c in connection.introspection.get_table_description(cursor, table) if c.name != flag]
    return " AND ".join([falls, *(f'OLD."{name}" IS NEW."{name}"' for name in columns)])


def _name(table: str, act: str) -> str:
    return f"append_only_{act.lower()}_{table}"
