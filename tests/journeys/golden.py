"""The golden files: program and field → the state of its ask at submit."""

from __future__ import annotations

import csv
from pathlib import Path

from capture.ask import charges
from capture.models import Submission

FOLDER = Path(__file__).resolve().parents[1] / "golden"
States = dict[tuple[str, str], str]


def expected(name: str) -> States:
    """What the file says."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as file:
        return {(row["program"], row["field"]): row["state"] for row in csv.DictReader(file)}


def found(submission: Submission) -> States:
    """What the submission froze."""
    return {(line.program, line.path): line.state for line in charges.thaw(submission.sheet)[0].lines}


def differences(name: str, submission: Submission) -> list[str]:
    """One line for each ask that ended otherwise; empty where all agree."""
    want, have = expected(name), found(submission)
    keys = sorted(want.keys() | have.keys())
    return [f"{k}: golden {want.get(k)}, found {have.get(k)}" for k in keys if want.get(k) != have.get(k)]
