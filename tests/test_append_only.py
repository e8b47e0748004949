"""Append-only by the database: each declared table refuses changes and deletions, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, models, transaction

from capture.models import Response, SafetyRecord
from sites import append_only, trail
from sites.models import TrailEntry
from tests.tampering import behind_its_back
from tests.world import AT

OURS = [m for app in ("sites", "forms_catalog", "capture") for m in apps.get_app_config(app).get_models()]
DECLARED = sorted(append_only.DECLARED, key=lambda m: m._meta.label)
each_declared = pytest.mark.parametrize("model", DECLARED, ids=lambda m: m._meta.label)


@contextmanager
def refused() -> Iterator[None]:
    """The database says no and what to do; the test's own transaction lives on."""
    with pytest.raises(IntegrityError, match=r"append-only.* Write a new row"), transaction.atomic():
        yield


@contextmanager
def a_row(model: type[models.Model]) -> Iterator[models.QuerySet[Any]]:
    """One row without its parents (references are checked late, and this is rolled back before)."""
    needed = [f for f in model._meta.concrete_fields if not (f.primary_key or f.null or f.has_default())]
    values = {f.attname: sample(f, 1) for f in needed if not f.blank}
    if model is Response:
        values["value"] = "x"
    if model is SafetyRecord:
        values["event_id"] = 1
    with transaction.atomic():
        made = model._default_manager.create(**values)
        yield model._default_manager.filter(pk=made.pk)
        transaction.set_rollback(True)


def sample(field: models.Field[Any, Any], number: int) -> Any:
    """A value the column takes; another number is another value."""
    made: dict[str, Any] = {
        "DateField": date(2026, 6, number),
        "DateTimeField": datetime(2026, 6, number, tzinfo=UTC),
        "JSONField": {"n": number},
        "BooleanField": number == 1,
        "UUIDField": UUID(int=number),
        "BinaryField": bytes([number]),
    }
    text = isinstance(field, models.CharField | models.TextField)
    return made.get(field.get_internal_type(), f"{number}" if text else number)


def test_every_model_described_as_append_only_is_declared_and_no_other() -> None:
    described = {m for m in OURS if (m.__doc__ or "").startswith("Append-only")}
    assert described == set(append_only.DECLARED)


@pytest.mark.django_db
@each_declared
def test_the_database_refuses_to_change_any_column(model: type[models.Model]) -> None:
    columns = [f for f in model._meta.concrete_fields if f.name != append_only.DECLARED[model]]
    with a_row(model) as rows:
        for column in columns:
            with refused():
                rows.update(**{column.attname: sample(column, 2)})


@pytest.mark.django_db
@each_declared
def test_the_database_refuses_to_delete(model: type[models.Model]) -> None:
    with a_row(model) as rows, refused():
        rows._raw_delete(rows.db)


@pytest.mark.django_db
def test_an_answer_may_only_stop_being_current() -> None:
    with a_row(Response) as rows:
        with refused():
            rows.update(is_current=False, value="y")
        assert rows.update(is_current=False) == 1
        with refused():
            rows.update(is_current=True)
        with refused():
            rows.update(is_current=False)


@pytest.mark.django_db
def test_a_tampering_test_leaves_the_guards_up() -> None:
    with a_row(TrailEntry) as rows:
        with behind_its_back(TrailEntry):
            rows.update(reason="other")
        with refused():
            rows.update(reason="again")


@pytest.mark.django_db(transaction=True)
def test_flush_empties_everything_and_leaves_the_guards_up() -> None:
    trail.record(AT, "test", "test:1")
    call_command("flush", interactive=False, verbosity=0)
    assert not TrailEntry.objects.exists()
    trail.record(AT, "test", "test:1")
    with refused():
        TrailEntry.objects.all().delete()
