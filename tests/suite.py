"""`python -m tests.suite [GROUP …]`: all checks in order, seconds by group, loud skips. `make test` and CI call it."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

PY = sys.executable
CODE = ["config", "sites", "forms_catalog", "capture", "tests", "manage.py"]
PYTEST = [PY, "-m", "pytest", "-rs", "--color=no"]
SUMMARY = re.compile(
    r"^=*\s*(?:\d+ (?:passed|failed|skipped|deselected|errors?|warnings?|xfailed|xpassed)[^=]*|no tests ran.*) in \d"
)
EVERYDAY = "not browser and not faults"


@dataclass
class Group:
    """One line of the final table: commands that run one after another, stopping at the first that fails."""

    name: str
    what: str
    commands: list[list[str]]
    env: dict[str, str] = field(default_factory=dict)
    skipped: str = ""
    seconds: float = 0.0
    code: int = 0
    summary: str = ""
    skips: list[str] = field(default_factory=list)


def groups(environ: Mapping[str, str]) -> list[Group]:
    """Every group in order; one that cannot run here carries its reason in `skipped`."""
    local = {"ASKONCE_TEST_POSTGRES": "", "ASKONCE_TEST_REDIS": ""}
    everyday = [*PYTEST, "-m", EVERYDAY, "-n", "2", "--dist", "loadgroup"]
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
        Group("sqlite", "suite on SQLite, embedded Valkey, real worker", [everyday], local),
        Group("faults", "processes killed, what was lost", [[*PYTEST, "-s", "-m", "faults"]], local),
        Group("browser", "Chromium against a live server", [[*PYTEST, "-m", "browser"]], local),
        Group(
            "postgres",
            "suite again on PostgreSQL and Redis",
            [everyday],
            skipped=f"{' and '.join(missing)} not set: nothing was run on PostgreSQL and Redis" if missing else "",
        ),
    ]


def run(group: Group) -> None:
    """Run a group with its output passed through, keeping pytest's summary and skip lines."""
    started = time.monotonic()
    for command in group.commands:
        argv = command if command[0] == PY else [PY, "-m", *command]
        print(f"\n=== {group.name}: {' '.join(command).replace(PY, 'python')}", flush=True)
        group.code = _stream(argv, {**os.environ, **group.env}, group)
        if group.code:
            break
    group.seconds = time.monotonic() - started


def _stream(argv: list[str], env: dict[str, str], group: Group) -> int:
    process = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        if SUMMARY.match(line):
            group.summary = line.strip(" =\n")
        if line.startswith("SKIPPED "):
            group.skips.append(line.strip())
    return process.wait()


def report(done: list[Group]) -> int:
    """Print skips, seconds by group and pytest's summaries. Returns 1 where a group failed."""
    skips = [f"{group.name}: {line}" for group in done for line in group.skips]
    skips += [f"{group.name}: WHOLE GROUP SKIPPED: {group.skipped}" for group in done if group.skipped]
    print("\n=== skipped, and why" if skips else "\n=== nothing was skipped")
    print("\n".join(skips))
    print(f"\n=== seconds by group (total {sum(group.seconds for group in done):.0f} s)")
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
    for group in chosen:
        if not group.skipped:
            run(group)
    return report(chosen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
