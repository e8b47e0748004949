"""Fixtures of all tests. tests/infra.py: databases, broker, processes, browser; tests/world.py: the people."""

from __future__ import annotations

pytest_plugins = ["tests.infra"]
