"""One child process of the supervisor: start it in a group of its own, see it die, wait longer each time, stop it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FIRST_WAIT, LONGEST_WAIT, STEADY_AFTER = 0.5, 30.0, 30.0
LOG_LIMIT = 5 * 1024 * 1024
PR_SET_PDEATHSIG = 1


def wait_before_restart(quick_deaths: int) -> float:
    """Seconds to wait after the n-th death in a row (from 1): 0.5, 1, 2 … 30."""
    return float(min(LONGEST_WAIT, FIRST_WAIT * 2 ** max(0, quick_deaths - 1)))


@dataclass
class Child:
    """A named command that should run as long as the supervisor does."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    log_path: Path
    say: Callable[[str], None]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    quick_deaths: int = 0
    restarts: int = field(default=0)

    def start(self) -> None:
        """Start it in its own session, so that Ctrl-C reaches the supervisor alone, which then stops all in order."""
        _turn_over(self.log_path)
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 (the supervisor's own fixed commands)
                list(self.argv),
                env=dict(self.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 (the supervisor has one thread)
            )
        self.started_at = time.monotonic()

    def watch(self) -> None:
        """Called a few times a second: notice a death, clear its group, start it again when its wait is over."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due_at:
                self.restarts += 1
                self.start()
                self.say(f"{self.name} started again (restart {self.restarts}, pid {self._pid()})")
            return
        code = self.process.poll()
        if code is None:
            return
        self._kill_group()
        self.quick_deaths = 1 if now - self.started_at > STEADY_AFTER else self.quick_deaths + 1
        wait = wait_before_restart(self.quick_deaths)
        self.process, self.due_at = None, now + wait
        self.say(f"{self.name} {_how_it_ended(code)}; restart in {wait:g} s; its log: {self.log_path}")

    def ask_to_stop(self) -> None:
        """SIGTERM to the child alone: each of ours stops its own helpers, finishing what is in flight."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def wait_until_stopped(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic), then kill what is left of its group."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.say(f"{self.name} did not stop in time and is killed")
        self._kill_group()
        self.process.wait()
        self.process = None

    def _pid(self) -> int:
        return self.process.pid if self.process else 0

    def _kill_group(self) -> None:
        """Helpers of a killed child (gunicorn workers, pool processes, Valkey) must not live on without it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid(), signal.SIGKILL)


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"was ended by signal {-code}"
    return f"ended with code {code}"


def _turn_over(path: Path) -> None:
    """Keep one older log beside the current one, so that a long run does not fill the disk."""
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_name(path.name + ".1"))


def _end_with_parent() -> None:
    """In the child, before exec: ask Linux for SIGTERM should the supervisor itself be killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
