"""The one-command run for real: it starts, mends what dies, refuses a second run, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import children, embedded
from tests.processes import ServiceProcess, free_port, wait_until


class Run(ServiceProcess):
    """A supervisor without demo data on a folder and port of its own."""

    def __init__(self, folder: Path) -> None:
        self.port, self.var = free_port(), folder / "var"
        clean = {name: "" for name in os.environ if name.startswith("ASKONCE_")}
        env = {**clean, "ASKONCE_VAR": str(self.var), "PORT": str(self.port)}
        super().__init__("supervisor", [sys.executable, "-m", "config.supervisor", "run"], env, folder)

    def health(self) -> dict[str, Any]:
        """What /healthz says; {} while nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=3) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            return dict(json.load(error))
        except OSError:
            return {}

    def is_well(self) -> bool:
        return self.health().get("status") == "ok"

    def pids(self, words: str = "") -> list[int]:
        """The supervisor's children and their helpers whose command line holds `words`, oldest first."""
        found = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
        rows = [line.split(None, 2) for line in found.stdout.splitlines()]
        family = {self.pid}
        for pid, parent, _ in sorted(rows, key=lambda row: int(row[0])):
            if int(parent) in family:
                family.add(int(pid))
        return sorted(int(pid) for pid, _, args in rows if int(pid) in family - {self.pid} and words in args)


def living(pids: list[int]) -> list[int]:
    """Those of `pids` that still run."""
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def all_parts(run: Run) -> list[int]:
    """Broker and Valkey, web and worker with 2 helpers each, beat: 9 processes, once all of them are up."""
    wait_until(lambda: len(run.pids()) == 9, 30, "all 9 processes run")
    return run.pids()


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with tempfile.TemporaryDirectory(prefix="ao-") as folder:
        started = Run(Path(folder))
        started.start()
        wait_until(lambda: started.is_well() or not started.is_running(), 60, "the run is ready")
        assert started.is_running(), started.log
        yield started
        if started.is_running():
            started.stop(30)


@pytest.mark.faults
@pytest.mark.parametrize("words", ["valkey-server", "config.broker", "gunicorn", "celery"])
def test_a_killed_part_is_started_again(run: Run, words: str) -> None:
    victims = run.pids(words)
    os.kill(min(victims), signal.SIGKILL)
    wait_until(lambda: set(run.pids(words)) - set(victims) and run.is_well(), 40, f"{words} is back")
    assert "restart in" in run.log


@pytest.mark.faults
def test_a_second_run_on_the_same_folder_is_refused(run: Run) -> None:
    second = Run(run.log_path.parent)
    second.start()
    assert second.process is not None
    assert second.process.wait(30) == 2
    assert "already runs on" in second.log


@pytest.mark.faults
def test_a_port_in_use_is_refused_with_advice(run: Run, tmp_path: Path) -> None:
    other = Run(tmp_path)
    other.env["PORT"] = str(run.port)
    other.start()
    assert other.process is not None
    assert other.process.wait(30) == 2
    assert "Choose another, as in: PORT=8001 make demo" in other.log


@pytest.mark.faults
def test_sigterm_stops_everything_and_a_second_start_keeps_the_keys(run: Run) -> None:
    key = (run.var / "secret-key").read_text()
    everyone = all_parts(run)
    assert run.stop(30) == 0
    assert living(everyone) == []
    run.start()
    wait_until(run.is_well, 60, "the second start is ready")
    assert (run.var / "secret-key").read_text() == key


@pytest.mark.faults
def test_a_killed_supervisor_takes_its_children_along(run: Run) -> None:
    everyone = all_parts(run)
    os.kill(run.pid, signal.SIGKILL)
    wait_until(lambda: living(everyone) == [], 40, "no orphan is left")


def test_waits_grow_and_end_at_half_a_minute() -> None:
    assert [children.wait_before_restart(n) for n in (1, 2, 3, 7, 50)] == [0.5, 1.0, 2.0, 30.0, 30.0]


def test_a_key_is_made_once_and_private(tmp_path: Path) -> None:
    first = embedded.kept_key(tmp_path / "key")
    assert embedded.kept_key(tmp_path / "key") == first
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_a_long_folder_name_gets_a_short_socket() -> None:
    short, long = Path("/tmp/var"), Path("/tmp") / ("deep/" * 30)
    assert embedded.broker_socket(short) == short / "valkey.sock"
    assert len(str(embedded.broker_socket(long))) < 100
    assert embedded.broker_socket(long) == embedded.broker_socket(long)


def test_a_folder_of_someone_else_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("/usr")
    with pytest.raises(PermissionError, match="belongs to someone else"):
        embedded.private_folder(link)
