"""The only writer of BurdenRollup: months of the ledger as sums, made by the database in one statement.

Built from nothing by `rebuild`, carried on by `refresh` with the rows that are new since the mark. A page sums rollups
and the few rows beyond the mark, so it is never behind; `differences` compares them with the ledger they come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from django.db import connection, transaction
from django.db.models import BigIntegerField, Count, Max, QuerySet, Sum, Value
from django.db.models.functions import TruncMonth

from sites.burden.entries import COUNTS
from sites.models import BurdenEntry, BurdenRollup, RollupMark

Sums: TypeAlias = Any  # a values() query with the columns of BurdenRollup: its row type has no name of its own
KEY = ("month", "site", "program", "kind", "visit_kind")
SUMS = ("share", "marginal", "alone", *COUNTS)
VISITS = "visits"
PATIENCE = 5  # seconds; a bulk load may write for longer, and who submits meanwhile waits behind the lock


def mark() -> int:
    """The id of the last ledger row that the rollups hold; 0 where there are none. 1 query."""
    return RollupMark.objects.filter(pk=1).values_list("last_id", flat=True).first() or 0


def refresh() -> int:
    """Add the ledger rows beyond the mark. Gives how many ids were looked at; nothing new locks and writes nothing.

    Raises OperationalError where writers hold the ledger for longer than PATIENCE: the next sweep tries again.
    """
    if BurdenEntry.objects.filter(pk__gt=mark()).exists():
        return _carry_on()
    return 0


@transaction.atomic
def _carry_on() -> int:
    _wait_for_writers()
    before = _locked_mark()
    last = BurdenEntry.objects.aggregate(last=Max("pk"))["last"] or 0
    if last > before:
        rows = BurdenEntry.objects.filter(pk__gt=before, pk__lte=last)
        for sums in _all(rows):
            _add(sums)
        RollupMark.objects.filter(pk=1).update(last_id=last)
    return last - before


@transaction.atomic
def rebuild() -> int:
    """Make all rollups anew from the ledger alone. Gives the id of the last row they hold."""
    _wait_for_writers()
    _locked_mark()
    BurdenRollup.objects.all()._raw_delete(BurdenRollup.objects.db)
    RollupMark.objects.filter(pk=1).update(last_id=0)
    return _carry_on()


def differences() -> Iterator[str]:
    """Where a rollup is not the sum of its ledger rows, in words. 6 queries; holds the rollups of both sides."""
    last = mark()
    rows = BurdenEntry.objects.filter(pk__lte=last)
    wanted = {key: sums for made in _all(rows) for key, sums in _rows(made)}
    held = dict(_rows(BurdenRollup.objects.values(*KEY, "entries", *SUMS)))
    for key in sorted({*wanted, *held}):
        name = "rollup " + " ".join(str(part) for part in key if part)
        ours, theirs = held.get(key), wanted.get(key)
        if ours is None or theirs is None:
            yield f"{name}: " + ("no ledger row is in it" if theirs is None else "missing")
            continue
        for column in ("entries", *SUMS):
            if ours[column] != theirs[column]:
                yield f"{name}: {column} is {ours[column]} in the rollup, {theirs[column]} in the ledger"


def _all(rows: QuerySet[BurdenEntry]) -> tuple[Sums, ...]:
    """Every rollup of these ledger rows: each site and program, all of a site, all of a program, visits."""
    return _sums(rows), _sums(rows, program=Value("")), _sums(rows, site=Value("")), _visits(rows)


def _sums(rows: QuerySet[BurdenEntry], **whole: Value) -> Sums:
    """The sums of these rows in the order of BurdenRollup's columns; `whole` columns are summed over, under ''."""
    month = {"of_month": TruncMonth("local_date"), **{f"of_{name}": value for name, value in whole.items()}}
    key = [f"of_{name}" if f"of_{name}" in month else name for name in KEY]
    sums = {f"n_{name}": Sum(name) for name in SUMS}
    made = rows.order_by().annotate(**month).values(*key).annotate(entries=Count("pk"), **sums)
    return made.values(*key, "entries", *sums)


def _visits(rows: QuerySet[BurdenEntry]) -> Sums:
    """How many submitted visits these rows are of. All rows of one visit are written together, so none counts twice."""
    predicted = rows.filter(kind=BurdenEntry.Kind.PREDICTED)
    monthly = predicted.order_by().annotate(month=TruncMonth("local_date"), none=Value(""), visits=Value(VISITS))
    zeros = {f"n_{name}": Value(0, output_field=BigIntegerField()) for name in SUMS}
    key = ("month", "site", "none", "visits", "visit_kind")
    made = monthly.values(*key).annotate(entries=Count("source_uuid", distinct=True), **zeros)
    return made.values(*key, "entries", *zeros)


def _add(sums: Sums) -> None:
    """Add sums to the rollups, all in one statement that the database carries out by itself."""
    sql, values = sums.query.sql_with_params()
    quote = connection.ops.quote_name
    table = quote(BurdenRollup._meta.db_table)
    columns = ("entries", *SUMS)
    into = ", ".join(map(quote, (*KEY, *columns)))
    grown = ", ".join(f"{quote(c)} = {table}.{quote(c)} + excluded.{quote(c)}" for c in columns)
    there = ", ".join(map(quote, KEY))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({into}) {sql} ON CONFLICT ({there}) DO UPDATE SET {grown}", values)


def _locked_mark() -> int:
    """The mark, locked: two refreshes take turns."""
    RollupMark.objects.get_or_create(pk=1)
    return RollupMark.objects.select_for_update().get(pk=1).last_id


def _wait_for_writers() -> None:
    """Until every row with a lower id than the newest is committed or gone: ids are given before the commit.

    SQLite lets one writer in at a time, so there none can be on its way.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
            cursor.execute(f"LOCK TABLE {connection.ops.quote_name(BurdenEntry._meta.db_table)} IN SHARE MODE")


def _rows(sums: Iterable[dict[str, Any]]) -> Iterator[tuple[tuple[str, ...], dict[str, int]]]:
    for row in sums:
        found = list(row.values())
        key = (str(found[0])[:10], *found[1:5])
        yield key, dict(zip(("entries", *SUMS), found[5:], strict=True))
