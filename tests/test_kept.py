"""A kept world is what building it gives: the same rows, and rows and objects of each test's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from capture.models import Patient
from sites.models import Site
from tests import kept, migrated, run_folder
from tests import world as cast

pytestmark = pytest.mark.django_db


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever happens inside is rolled back, as after a test."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of every model, through Django's own reading."""
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}


def fresh(build: Callable[[], cast.World]) -> Callable[[], cast.World]:
    """The same build under a name that nobody has kept yet."""
    return partial(build)


def test_what_is_put_back_is_what_was_built() -> None:
    build = fresh(cast.build_car_world)
    with taken_back():
        kept.once(build)
        before = rows()
    with taken_back():
        again = kept.once(build)
        assert rows() == before
        assert again.north == Site.objects.get(code="north")
    assert len(before["capture.Patient"]) == 1
    assert len(before["forms_catalog.Release"]) == 3


def test_rows_written_afterwards_take_numbers_of_their_own() -> None:
    build = fresh(cast.build)
    for _ in range(2):
        with taken_back():
            made = kept.once(build)
            taken = set(Site.objects.values_list("pk", flat=True))
            assert Site.objects.create(code="west", name="West", time_zone="UTC", country="DE").pk not in taken
            assert made.north.pk in taken


def test_what_a_test_does_to_its_world_no_other_test_sees() -> None:
    build = fresh(cast.build)
    with taken_back():
        made = kept.once(build)
        made.north.name = "changed"
        made.people.clear()
        Site.objects.all().update(name="changed")
        cast.patient(made, "NRT-0009", infused=cast.TODAY)
    with taken_back():
        again = kept.once(build)
        assert again.north.name == "North Hospital"
        assert again.alice.username == "alice"
        assert Site.objects.get(code="north").name == "North Hospital"
        assert not Patient.objects.exists()


def test_it_refuses_a_database_that_is_not_empty() -> None:
    cast.build()
    with pytest.raises(AssertionError, match="empty database"):
        kept.once(fresh(cast.build))


def _small() -> cast.World:
    """A world that other processes could ask for."""
    BUILT.append("small")
    return cast.build()


BUILT: list[str] = []


def test_a_world_is_built_once_for_all_processes_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(run_folder.VARIABLE, str(tmp_path))
    found = []
    for _ in range(2):
        kept._kept.pop(_small, None)  # as in a process that has not built it
        with taken_back():
            found.append((kept.once(_small).people["alice"].pk, rows()))
    assert BUILT == ["small"]
    assert found[0] == found[1]


@pytest.mark.django_db(transaction=True)
def test_a_migrated_database_is_copied_with_its_triggers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = {"default": {"TEST": {"NAME": str(tmp_path / "copy.sqlite3")}}}
    monkeypatch.setenv(run_folder.VARIABLE, str(tmp_path))
    monkeypatch.setattr(settings, "DATABASES", named)
    assert not migrated.copied()
    migrated.hand_on()
    assert migrated.copied()
    asked = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
    with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as copy, connection.cursor() as cursor:
        assert copy.execute(asked).fetchall() == cursor.execute(asked).fetchall()
        applied = copy.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
    assert set(applied) == set(MigrationRecorder(connection).applied_migrations())
