"""`python -m tests.suite [GROUP …]`: all checks, seconds by group, loud skips. `make test` and CI call it.

Groups run in order, but those marked `beside` wait for processes as much as they compute: they run one after another
beside all others, so that no core is idle, and their output comes at the end. Processes of one run share a folder
(tests/run_folder.py): the migrated database and the worlds that one of them has built serve the others.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests import run_folder

PY = sys.executable
CODE = ["config", "sites", "forms_catalog", "capture", "tests", "bench", "manage.py"]
PYTEST = [PY, "-m", "pytest", "-rs", "--color=no"]
SUMMARY = re.compile(
    r"^=*\s*(?:\d+ (?:passed|failed|skipped|deselected|errors?|warnings?|xfailed|xpassed)[^=]*|no tests ran.*) in \d"
)
EVERYDAY = "not browser and not faults"
# Rooms without a database: they run once.
PURE = tuple(f"tests/forms_catalog/{room}" for room in ("formats", "language", "transforms"))
# What rests on the database itself: these rooms run again on PostgreSQL, the rest once, in the sqlite group.
DATABASE = (
    *(f"tests/capture/{room}" for room in ("deliver", "remind", "test_story.py", "enter/test_migrating.py")),
    *(f"tests/forms_catalog/test_{name}.py" for name in ("intake", "mapping", "carrying", "proposal_runs")),
    *("tests/sites", "tests/test_append_only.py", "tests/config/test_health.py"),
)


@dataclass
class Group:
    """One line of the final table: commands that run one after another, stopping at the first that fails."""

    name: str
    what: str
    commands: list[list[str]]
    env: dict[str, str] = field(default_factory=dict)
    skipped: str = ""
    beside: bool = False
    seconds: float = 0.0
    code: int = 0
    summary: str = ""
    skips: list[str] = field(default_factory=list)


def groups(environ: Mapping[str, str]) -> list[Group]:
    """Every group in order; one that cannot run here carries its reason in `skipped`."""
    local = {"ASKONCE_TEST_POSTGRES": "", "ASKONCE_TEST_REDIS": ""}
    everyday = [*PYTEST, "-m", EVERYDAY, "-n", "2"]
    postgres, redis = environ.get("ASKONCE_TEST_POSTGRES", ""), environ.get("ASKONCE_TEST_REDIS", "")
    missing = [
        name for name, value in (("ASKONCE_TEST_POSTGRES", postgres), ("ASKONCE_TEST_REDIS", redis)) if not value
    ]
    manage = [PY, "manage.py"]
    return [
        Group("lint", "ruff", [["ruff", "check", "."], ["ruff", "format", "--check", "--quiet", "."]]),
        Group("types", "mypy --strict", [["mypy", *CODE]]),
        Group(
            "checks",
            "Django and migrations",
            [[*manage, "check", "--fail-level", "WARNING"], [*manage, "makemigrations", "--check", "--dry-run"]],
        ),
        Group(
            "browser",
            "Chromium against a live server",
            [[*PYTEST, "-m", "browser", *naming("browser")]],
            local,
            beside=True,
        ),
        Group(
            "faults",
            "processes killed, what was lost",
            [[*PYTEST, "-s", "-m", "faults", *naming("faults")]],
            local,
            beside=True,
        ),
        Group("rules", "pure rules: readers, writers, transforms", [[*PYTEST, *PURE]], local),
        Group(
            "sqlite",
            "suite on SQLite, embedded Valkey, real worker",
            [[*everyday, *(f"--ignore={path}" for path in PURE)]],
            local,
        ),
        Group(
            "postgres",
            "the gateways again on PostgreSQL and Redis",
            [[*everyday, *DATABASE]],
            skipped=f"{' and '.join(missing)} not set: nothing was run on PostgreSQL and Redis" if missing else "",
        ),
    ]


def naming(marker: str) -> list[str]:
    """The test files that speak of a marker. Importing all others to find that they do not takes seconds."""
    files = sorted(Path("tests").rglob("test_*.py"))
    return [str(path) for path in files if f"mark.{marker}" in path.read_text(encoding="utf-8")]


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Ours, with compiled Python kept: each of the many processes would spend seconds on compiling it again.

    Where the tree must stay free of it (PYTHONDONTWRITEBYTECODE), it is kept in the virtual environment.
    """
    kept = dict(environ)
    if kept.pop("PYTHONDONTWRITEBYTECODE", ""):
        kept["PYTHONPYCACHEPREFIX"] = str(Path(sys.prefix) / "pycache")
    return kept


def run_all(chosen: list[Group]) -> None:
    """Run the groups, those marked `beside` in a lane of their own."""
    ours = [group for group in chosen if not group.beside and not group.skipped]
    theirs = [group for group in chosen if group.beside and not group.skipped]
    if not ours:
        ours, theirs = theirs, []
    lines: list[str] = []
    running: list[Future[None]] = []
    with ThreadPoolExecutor(max_workers=1) as lane:
        for group in theirs:
            print(f"\n=== {group.name} runs beside the next groups; its output follows at the end", flush=True)
            running.append(lane.submit(run, group, lines.append))
        for group in ours:
            run(group)
    _show("".join(lines))
    for done in running:
        done.result()  # an error in the lane is ours


def _show(text: str) -> None:
    print(text, end="", flush=True)


def run(group: Group, say: Callable[[str], None] = _show) -> None:
    """Run a group, handing its output to `say` and keeping pytest's summary and skip lines."""
    started = time.monotonic()
    for command in group.commands:
        argv = command if command[0] == PY else [PY, "-m", *command]
        say(f"\n=== {group.name}: {' '.join(command).replace(PY, 'python')}\n")
        group.code = _stream(argv, {**environment(os.environ), **group.env}, group, say)
        if group.code:
            break
    group.seconds = time.monotonic() - started


def _stream(argv: list[str], env: dict[str, str], group: Group, say: Callable[[str], None]) -> int:
    process = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        say(line)
        if SUMMARY.match(line):
            group.summary = line.strip(" =\n")
        if line.startswith("SKIPPED "):
            group.skips.append(line.strip())
    return process.wait()


def report(done: list[Group], seconds: float) -> int:
    """Print skips, seconds by group and pytest's summaries. Returns 1 where a group failed."""
    skips = [f"{group.name}: {line}" for group in done for line in group.skips]
    skips += [f"{group.name}: WHOLE GROUP SKIPPED: {group.skipped}" for group in done if group.skipped]
    print("\n=== skipped, and why" if skips else "\n=== nothing was skipped")
    print("\n".join(skips))
    print(f"\n=== seconds by group ({sum(group.seconds for group in done):.0f} s of work in {seconds:.0f} s)")
    for group in done:
        state = "skipped" if group.skipped else "FAILED" if group.code else "ok"
        print(f"{group.name:9} {state:8} {group.seconds:6.1f} s  {group.what:46} {group.summary}")
    failed = [group.name for group in done if group.code]
    print(f"\n{'FAILED: ' + ', '.join(failed) if failed else 'all green'}", flush=True)
    return 1 if failed else 0


def main(arguments: list[str]) -> int:
    """Run all groups or the named ones; go on after a failure so that one run tells everything."""
    known = groups(os.environ)
    parser = argparse.ArgumentParser(prog="python -m tests.suite", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(group.name for group in known))
    wanted = parser.parse_args(arguments).groups
    if unknown := set(wanted) - {group.name for group in known}:
        parser.error(f"no such group: {', '.join(sorted(unknown))}")
    chosen = [group for group in known if not wanted or group.name in wanted]
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="askonce-run-") as folder:
        os.environ[run_folder.VARIABLE] = folder
        run_all(chosen)
    return report(chosen, time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
