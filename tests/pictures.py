"""Pictures of pages for people: taken where ASKONCE_PICTURES is set, for they take longer than the checks."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

WANTED = bool(os.environ.get("ASKONCE_PICTURES") or os.environ.get("ASKONCE_SHOTS"))


def take(page: Page, path: Path) -> None:
    """The whole page as a PNG, where pictures are wanted."""
    if WANTED:
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path, full_page=True)
