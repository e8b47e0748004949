"""Fixtures of all tests. tests/infra.py: databases, broker, processes, browser; tests/world.py: the people."""

from __future__ import annotations

pytest_plugins = ["tests.infra"]

import pytest  # noqa: E402  (fixtures below need it; the plugin line comes first)

from tests import kept  # noqa: E402
from tests import world as cast  # noqa: E402


@pytest.fixture
def world(db: None) -> cast.World:
    """People, sites and programs; no dictionary yet."""
    return kept.once(cast.build)


@pytest.fixture
def catalog_world(db: None) -> cast.World:
    """The same with the catalog."""
    return cast.catalog_world()


@pytest.fixture
def car_world(db: None) -> cast.World:
    """Three CAR-T programs live, one patient 100 days after the infusion."""
    return cast.car_world()
