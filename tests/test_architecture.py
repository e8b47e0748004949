"""The house rules as code: one arrow between apps, floors in capture, pure modules pure, no long file or function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPS = ("sites", "forms_catalog", "capture", "config")  # each may import those before it
FLOORS = {
    "models": 0,
    "ask": 1,
    "query": 2,
    "remind": 2,
    "plan": 3,
    "accept": 4,
    "deliver": 4,
    "enter": 5,
    "pages": 6,
    "api": 6,
    "management": 6,
    "tasks": 6,
    "urls": 7,
}
PURE = [
    *(f"forms_catalog/{room}" for room in ("formats", "language", "specs", "transforms", "matching", "learning")),
    *(
        f"forms_catalog/{name}.py"
        for name in (
            *("comparing", "comparing_parts", "comparing_words", "exporting", "lifecycle"),
            *(
                "merging",
                "searching",
                "drafts",
                "decisions",
                "suggesting",
                "duplicating",
                "decision_files",
                "examples",
                "narrowing",
                "rollups",
                "triggering",
                "effects",
            ),
            *("merging_conflicts", "merging_sides", "merging_options", "merging_ranges", "merging_branching"),
            *("merging_rulings", "conflict_kinds", "unit_table", "mapping_warnings"),
        )
    ),
    *(f"capture/ask/{n}.py" for n in ("facts", "known", "sheet", "questions", "values", "terms", "periods", "records")),
    *(f"capture/ask/{n}.py" for n in ("avoided", "combine", "prefill", "entered", "asksheet", "contexts")),
    *(f"capture/ask/{n}.py" for n in ("marks", "reasons", "series", "standing")),
    "capture/ask/aside.py",
    "capture/ask/timing.py",
    "capture/ask/form_changes.py",
    "capture/ask/applicable.py",
    "capture/ask/branching.py",
    "capture/ask/cases.py",
    *(f"capture/ask/{n}.py" for n in ("narrowing", "majority")),
    *(f"capture/plan/{n}.py" for n in ("windows", "events", "delta", "identity", "slots", "arranged", "workdays")),
    "capture/plan/triggered.py",
    "capture/plan/elsewhere.py",
    "capture/plan/preview.py",
    "capture/plan/choosing.py",
    *(f"capture/accept/{n}.py" for n in ("what_if", "courses")),
    "capture/pages/ics.py",
    "capture/pages/lanes.py",
    "capture/deliver/slicing.py",
    "capture/deliver/redcap_file.py",
    *(f"capture/deliver/{n}.py" for n in ("odm_file", "fhir_file", "xform_file", "slices", "limits")),
    "capture/query/checks.py",
    "capture/query/marking.py",
    "capture/remind/due.py",
    "capture/remind/digest.py",
    "sites/clock.py",
    "sites/burden/cost.py",
    "sites/burden/shares.py",
    *(f"sites/burden/{n}.py" for n in ("forecast", "forecast_words", "rates", "columns", "backtesting", "spreading")),
    *(f"sites/burden/{n}.py" for n in ("assumptions", "calibrate", "estimating", "prices", "ranges")),
    "capture/plan/newcomers.py",
]
NOT_PURE = ("django", "celery", "redis", "requests")
CLOCKS = {("date", "today"), ("datetime", "now"), ("timezone", "now")}
MOST_LINES, MOST_FUNCTION_LINES = 300, 60


def modules() -> list[Path]:
    """Every module of the product, without migrations."""
    found = [p for app in APPS for p in (ROOT / app).rglob("*.py")]
    return sorted(p for p in found if "migrations" not in p.parts)


@cache
def parsed(path: Path) -> ast.Module:
    """A module's tree; several rules look at each."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    """The dotted names a module imports, also those inside functions; type-checking-only ones too."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(name: str) -> str:
    """The room of a capture module: capture.ask.sheet → ask."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "capture" else ""


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def test_imports_between_apps_go_one_way() -> None:
    wrong = []
    for path in modules():
        app = APPS.index(path.relative_to(ROOT).parts[0])
        wrong += [f"{dotted(path)} imports {n}" for n in imported(path) if n.split(".")[0] in APPS[app + 1 :]]
    assert wrong == []


def test_rooms_of_capture_import_only_floors_below() -> None:
    wrong = []
    for path in modules():
        here = room(dotted(path))
        for name in imported(path) if here in FLOORS else ():
            there = room(name)
            if there in FLOORS and there != here and FLOORS[there] >= FLOORS[here]:
                wrong.append(f"{dotted(path)} imports {name}")
    assert wrong == []


def pure_files() -> list[Path]:
    found = [p for entry in PURE for p in ([ROOT / entry] if entry.endswith(".py") else (ROOT / entry).rglob("*.py"))]
    return sorted(found)


def test_pure_modules_import_no_framework() -> None:
    wrong = [f"{dotted(p)} imports {n}" for p in pure_files() for n in imported(p) if n.split(".")[0] in NOT_PURE]
    assert wrong == []


def test_pure_modules_read_no_clock() -> None:
    wrong = []
    for path in pure_files():
        for node in ast.walk(parsed(path)):
            match node:
                case ast.Attribute(value=ast.Name(id=owner), attr=name) if (owner, name) in CLOCKS:
                    wrong.append(f"{dotted(path)}:{node.lineno}")
    assert wrong == []


@pytest.mark.parametrize("word", ["utils", "helpers", "services", "managers", "signals"])
def test_no_module_is_named_for_nothing(word: str) -> None:
    assert [p for p in modules() if p.stem == word] == []


def test_no_file_is_over_300_lines() -> None:
    tests = list((ROOT / "tests").rglob("*.py"))
    long = [f"{dotted(p)}: {n}" for p in [*modules(), *tests] if (n := p.read_text().count("\n")) > MOST_LINES]
    assert long == []


def test_no_function_is_over_60_lines() -> None:
    long = []
    for path in modules():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= MOST_FUNCTION_LINES:
                long.append(f"{dotted(path)}.{node.name}")
    assert long == []


def test_every_test_folder_is_a_package() -> None:
    folders = {p.parent for p in (ROOT / "tests").rglob("*.py")}
    assert [f for f in folders if not (f / "__init__.py").exists()] == []
