"""What the documents name exists: files, modules, make targets, management commands, links and tests."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "bench" / "README.md"])
OWN = ("config", "sites", "forms_catalog", "capture", "tests", "bench", "docs")
BASES = (
    "",
    "capture",
    "sites",
    "forms_catalog",
    "config",
    "config/templates",
    "sites/templates",
    "sites/static",
    "docs/decisions",
)
FILE = re.compile(r"(?:[\w.-]+/)*[\w.-]+\.(?:py|md|html|css|js|json|csv|tsv|toml|yml|in)")
MADE_LATER = ("var/", "deliveries/", "secrets/")  # folders of a run
TESTS = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("test_*.py"))


@pytest.fixture(params=PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def document(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def text(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def quoted(document: Path) -> Iterator[str]:
    """Everything in back ticks, and every indented or fenced line."""
    yield from re.findall(r"`([^`\n]+)`", text(document))
    yield from (line.strip() for line in text(document).splitlines() if line.startswith("    "))
    for block in re.findall(r"```\w*\n(.*?)```", text(document), re.DOTALL):
        yield from block.splitlines()


def exists(name: str, document: Path) -> bool:
    """A path from the top folder, from an app, beside the page, or a file name that is somewhere in our folders."""
    if any((base / name).exists() for base in (document.parent, *(ROOT / b for b in BASES))):
        return True
    return "/" not in name and any(found for top in OWN for found in (ROOT / top).rglob(name))


def test_every_link_leads_to_a_file(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text(document))
    assert [t for t in targets if not t.startswith("http") and not (document.parent / t).exists()] == []


def test_every_named_file_exists(document: Path) -> None:
    words = {w.split("::")[0] for q in quoted(document) for w in q.split()}
    names = {w for w in words if FILE.fullmatch(w) and "/" in w and not w.startswith(MADE_LATER)}
    names |= {w for w in words if w.endswith("/") and w.split("/")[0] in OWN}
    assert [n for n in sorted(names) if not exists(n, document)] == []


def test_every_make_target_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {name for q in quoted(document) for name in re.findall(r"(?:^|\s)make ([a-z]+)", q)}
    assert named <= targets


def test_every_management_command_exists(document: Path) -> None:
    named = {name for q in quoted(document) for name in re.findall(r"manage\.py ([a-z_]+)", q)}
    assert named <= set(get_commands())


def test_every_module_that_is_run_exists(document: Path) -> None:
    named = {name for q in quoted(document) for name in re.findall(r"python -m ([\w.]+)", q)}
    assert [name for name in named if importlib.util.find_spec(name) is None] == []


def test_every_test_that_is_named_exists(document: Path) -> None:
    named = {name for q in quoted(document) for name in re.findall(r"\btest_\w{12,}\b(?!\.py|/)", q)}
    assert [n for n in named if f"def {n}" not in TESTS and not list((ROOT / "tests").rglob(f"{n}.py"))] == []


def test_decisions_are_numbered_without_a_gap_and_have_their_parts() -> None:
    found = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [p.name[:4] for p in found] == [f"{n:04d}" for n in range(1, len(found) + 1)]
    for path in found:
        said = text(path)
        assert said.startswith(f"# {path.name[:4]} ")
        assert all(part in said for part in ("\nStatus: ", "\n## Context\n", "\n## Decision\n", "\n## Consequences\n"))
        assert said.count("\n") <= 60, path.name
