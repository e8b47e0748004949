"""Beside step 2a: elements of the database as the matcher reads them, with what the shipped catalog says of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from forms_catalog import starter
from forms_catalog.matching import CatalogEntry, entries_of
from forms_catalog.specs import ElementSpec


def of_elements(specs: Iterable[ElementSpec]) -> list[CatalogEntry]:
    """The entries, in order."""
    return entries_of(specs, _texts())


@lru_cache(maxsize=1)
def _texts() -> dict[str, dict[str, str]]:
    return {key: dict(values) for key, values in starter.catalog().texts.items()}
