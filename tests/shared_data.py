"""Where the real data folder lies beside the checkout, and the mark for tests that need it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from forms_catalog import formats
from forms_catalog.specs import DictionarySpec

SHARED = Path(__file__).resolve().parents[2] / "shared"

_skip = pytest.mark.skipif(not SHARED.exists(), reason=f"the data folder {SHARED} is not on this machine")


def needs_shared(test: Any) -> Any:
    """Mark a test that reads SHARED: it carries the `shared` marker and is skipped, with its reason, without it."""
    return pytest.mark.shared(_skip(test))


@lru_cache(maxsize=64)
def read_once(path: Path) -> DictionarySpec:
    """A real file as it is read, once for all tests of a process that write it again."""
    return formats.read(path.read_bytes(), path.name)


def first_fields(spec: DictionarySpec) -> DictionarySpec:
    """The first 300 fields: more of a very long file say nothing new about a writer and take seconds."""
    return replace(spec, fields=spec.fields[:300])
