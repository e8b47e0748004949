"""docs/operations.md names every environment variable that the code reads, and none besides."""

from __future__ import annotations

import re

from tests.processes import ROOT

READ = re.compile(r"""(?:env\.\w+\(|environ(?:\.get\(|\[)|_key\()\s*f?["']([A-Z][A-Z_]+)["']""")
ROW = re.compile(r"^\| `([A-Z_]+)`( \*)? \|", re.MULTILINE)
DOCS = (ROOT / "docs" / "operations.md").read_text()


def names_in_code() -> set[str]:
    """Our variables as settings, supervisor and tests read them, found in their source."""
    files = [*(ROOT / "config").glob("*.py"), ROOT / "tests" / "infra.py", ROOT / "tests" / "suite.py"]
    found = {name for file in files for name in READ.findall(file.read_text())}
    return {name for name in found if name.startswith("ASKONCE_") or name in {"PORT", "CHROMIUM"}}


def test_every_variable_is_documented_and_no_other() -> None:
    assert {name for name, _ in ROW.findall(DOCS)} == names_in_code()


def test_the_ones_production_needs_are_marked() -> None:
    from config import settings

    assert {name for name, star in ROW.findall(DOCS) if star} == set(settings.PRODUCTION_NEEDS)


def test_the_make_targets_are_documented_and_no_other() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    documented = set(re.findall(r"`make ([a-z]+)`", (ROOT / "docs" / "development.md").read_text()))
    assert documented == targets


def test_the_compose_file_sets_no_unknown_variable() -> None:
    given = re.findall(r"\b(ASKONCE_[A-Z_]+?)(?:_FILE)?:", (ROOT / "docker-compose.yml").read_text())
    assert set(given) - {"ASKONCE_TAG"} <= names_in_code()
