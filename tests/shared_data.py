"""Where the real data folder lies beside the checkout, and the mark for tests that need it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"

_skip = pytest.mark.skipif(not SHARED.exists(), reason=f"the data folder {SHARED} is not on this machine")


def needs_shared(test: Any) -> Any:
    """Mark a test that reads SHARED: it carries the `shared` marker and is skipped, with its reason, without it."""
    return pytest.mark.shared(_skip(test))
