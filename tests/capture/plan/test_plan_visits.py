"""The command: the figures of the starter schedules, tracks, and one clear line for every unreadable input."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from forms_catalog import starter

CART = "car_registry_na,car_registry_eu,car_pass_sponsor"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def schedules_file(tmp_path: Path) -> Path:
    """All starter schedules in one file."""
    found = [json.loads(starter.schedule_json(p))["programs"] for p in starter.program_codes()]
    path = tmp_path / "schedules.json"
    path.write_text(json.dumps({"programs": {k: v for programs in found for k, v in programs.items()}}))
    return path


def run(path: Path, programs: str, *more: str, anchor: str = "2020-03-01") -> dict[str, Any]:
    out = StringIO()
    options = ["--schedules", str(path), "--programs", programs, "--anchor", anchor, *more, "--json"]
    call_command("plan_visits", *options, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.mark.parametrize(
    ("programs", "timepoints", "visits"),
    [
        (CART, 53, 19),
        ("hemo_registry_global,hemo_sponsor_aav", 35, 19),
        ("scd_gt_ltfu,payer_outcomes_scd", 24, 18),
        ("sma_registry", 18, 18),
    ],
)
def test_the_starter_programs_need_this_many_visits(
    schedules_file: Path, programs: str, timepoints: int, visits: int
) -> None:
    found = run(schedules_file, programs)
    assert (found["timepoints"], found["visits"], len(found["plan"])) == (timepoints, visits, visits)
    served = [key for row in found["plan"] for key in row["timepoints"]]
    assert len(set(served)) == len(served) == timepoints


def test_rows_go_by_date_and_name_their_timepoints_sorted(schedules_file: Path) -> None:
    rows = run(schedules_file, CART)["plan"]
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)
    assert rows[0] == {
        "date": "2020-06-09",
        "timepoints": ["car_pass_sponsor:M3", "car_registry_eu:D100", "car_registry_na:D100"],
    }


def test_a_track_keeps_only_its_timepoints(schedules_file: Path) -> None:
    assert run(schedules_file, CART, "--track", "car_registry_na=ted")["timepoints"] == 48
    assert run(schedules_file, "car_registry_na", "--track", "car_registry_na=none")["visits"] == 0


def test_a_program_named_twice_counts_once(schedules_file: Path) -> None:
    assert run(schedules_file, "sma_registry, sma_registry")["timepoints"] == 18


def test_without_json_it_prints_a_table(schedules_file: Path) -> None:
    out = StringIO()
    call_command("plan_visits", schedules=str(schedules_file), programs=CART, anchor="2020-03-01", stdout=out)
    assert "2020-06-09  car_pass_sponsor:M3" in out.getvalue()
    assert out.getvalue().endswith("53 timepoints in 19 visits\n")


@pytest.mark.parametrize(
    ("programs", "more", "anchor", "words"),
    [
        ("nope", [], "2020-03-01", "has no program nope"),
        (" , ", [], "2020-03-01", "names no program"),
        ("sma_registry", [], "2020-02-30", "not a date"),
        ("sma_registry", [], "9990-01-01", "cannot be planned"),
        ("sma_registry", ["--track", "sma_registry=x"], "2020-03-01", "has no track x"),
        ("sma_registry", ["--track", "ted"], "2020-03-01", "ted is not among"),
    ],
)
def test_a_wrong_option_ends_with_2_and_says_what_to_do(
    schedules_file: Path, programs: str, more: list[str], anchor: str, words: str
) -> None:
    with pytest.raises(CommandError, match=words) as caught:
        run(schedules_file, programs, *more, anchor=anchor)
    assert caught.value.returncode == 2
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"{", b'{"programs": {"p": {"timepoints": [{}]}}}'])
def test_an_unreadable_file_ends_with_2(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "s.json").write_bytes(data)
    with pytest.raises(CommandError) as caught:
        run(tmp_path / "s.json", "p")
    assert caught.value.returncode == 2


def test_the_shell_sees_exit_code_2_and_one_line_on_a_missing_file() -> None:
    command = [sys.executable, "manage.py", "plan_visits", "--schedules", "no.json", "--programs", "p"]
    done = subprocess.run([*command, "--anchor", "2020-01-01"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
