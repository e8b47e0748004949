"""One command runs everything: `python -m config.supervisor demo` (make demo). Prepares the data folder, then keeps
broker, web, worker and beat alive until Ctrl-C or SIGTERM. Hands on: a running AskOnce and its address."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO

import redis

from config import broker, embedded
from config.children import Child

ROOT = Path(__file__).resolve().parent.parent
STOP_SECONDS, READY_SECONDS = 20.0, 90.0


class CannotStartError(Exception):
    """A reason to give up before anything runs. `.code` is for programs, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def say(text: str) -> None:
    """One line for the person at the terminal."""
    sys.stdout.write(f"[askonce {time.strftime('%H:%M:%S')}] {text}\n")
    sys.stdout.flush()


class Supervisor:
    """Owns the children of one data folder. `run` returns the exit code."""

    def __init__(self, var: Path, port: int, bind: str, demo: bool) -> None:
        self.var, self.port, self.bind, self.demo = var, port, bind, demo
        self.address = f"http://{'127.0.0.1' if bind == '0.0.0.0' else bind}:{port}/"  # noqa: S104 (read, not bound)
        self.socket = embedded.broker_socket(var)
        self.env = {
            **os.environ,
            "ASKONCE_EMBEDDED": "true",
            "ASKONCE_VAR": str(var),
            "ASKONCE_BROKER": embedded.celery_url(self.socket),
            "PORT": str(port),
            "PYTHONUNBUFFERED": "1",
        }
        self.stopping = False  # a plain flag: setting a threading.Event in a signal handler can deadlock
        self.children: list[Child] = []

    def run(self) -> int:
        """Prepare, start, watch, stop. 0 after a stop that was asked for, 1 when the preparation fails."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        self._start("broker", [sys.executable, "-m", "config.broker", str(self.socket), str(self.var / "valkey")])
        try:
            if not self._prepare():
                return 0 if self.stopping else 1
            self._start_services()
            self._watch()
            return 0
        finally:
            self._stop_all()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _start(self, name: str, argv: list[str]) -> None:
        child = Child(name, argv, self.env, self.var / "log" / f"{name}.log", say)
        child.start()
        self.children.append(child)

    def _prepare(self) -> bool:
        """Bring the database up to date and, for the demo, fill an empty one; a signal meanwhile ends it."""
        self._wait_for_broker()
        say("preparing the database" + (" and the demo (a minute on the first start)" if self.demo else ""))
        command = [sys.executable, "-m", "config.prepare", *(["demo"] if self.demo else [])]
        process = subprocess.Popen(command, env=self.env, cwd=ROOT, start_new_session=True)  # noqa: S603 (fixed words)
        while process.poll() is None:
            time.sleep(0.05)
            if self.stopping:
                process.terminate()
        if process.returncode != 0 and not self.stopping:
            say(f"the database could not be prepared (code {process.returncode}); nothing was started")
        return process.returncode == 0 and not self.stopping

    def _wait_for_broker(self) -> None:
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and not self.stopping:
            with suppress(redis.RedisError), broker.client(self.env["ASKONCE_BROKER"]) as connection:
                connection.delete(broker.HEARTBEAT_KEY)  # that of an earlier run would say ready too soon
                return
            time.sleep(0.05)
        if not self.stopping:
            log = self.var / "log" / "broker.log"
            raise CannotStartError("broker", f"The embedded Valkey did not start. Its log: {log}")

    def _start_services(self) -> None:
        python, celery = sys.executable, [sys.executable, "-m", "celery", "--app", "config.celery"]
        gunicorn = [python, "-m", "gunicorn", "config.wsgi", "--worker-class", "gthread", "--workers", "2", "--preload"]
        gunicorn += ["--threads", "4", "--bind", f"{self.bind}:{self.port}", "--no-control-socket"]
        self._start("web", [*gunicorn, "--graceful-timeout", "10", "--timeout", "60"])
        worker = ["worker", "--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        self._start("worker", [*celery, *worker])
        schedule = str(self.var / "beat-schedule")
        self._start("beat", [*celery, "beat", "--loglevel", "INFO", "--schedule", schedule, "--pidfile="])

    def _watch(self) -> None:
        """Until a stop is asked for. Says once when everything is ready, and once when that takes too long."""
        started, told = time.monotonic(), False
        while not self.stopping:
            time.sleep(0.2)
            for child in self.children:
                child.watch()
            waited = time.monotonic() - started
            if not told and (self._is_ready() or waited > READY_SECONDS):
                told = True
                self._announce(waited)

    def _is_ready(self) -> bool:
        return self._health().get("status") == "ok"

    def _health(self) -> dict[str, object]:
        try:
            with urllib.request.urlopen(f"{self.address}healthz", timeout=2) as answer:  # noqa: S310 (always http)
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            with suppress(ValueError):
                return dict(json.load(error))
        except OSError:
            pass
        return {}

    def _announce(self, waited: float) -> None:
        if not self._is_ready():
            say(f"Not ready after {waited:.0f} s. /healthz says {self._health()}. Logs: {self.var / 'log'}")
            return
        say(f"AskOnce is ready: {self.address}   (data in {self.var}, stop with Ctrl-C)")
        accounts = self.var / "demo-accounts.txt"
        if accounts.exists():
            sys.stdout.write("\n" + accounts.read_text(encoding="utf-8").rstrip() + "\n\n")
            sys.stdout.flush()

    def _stop_all(self) -> None:
        """Services first, then the broker that they still need to hand back what they hold."""
        say("stopping")
        deadline = time.monotonic() + STOP_SECONDS
        services, brokers = self.children[1:], self.children[:1]
        for group in (services, brokers):
            for child in group:
                child.ask_to_stop()
            for child in group:
                child.wait_until_stopped(max(deadline, time.monotonic() + 5))
        say("stopped")


def hold_folder(var: Path) -> IO[str]:
    """Lock the data folder; keep the file open as long as the run lasts. The kernel frees it even after kill -9."""
    embedded.private_folder(var)
    lock = (var / "supervisor.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise CannotStartError("running", f"AskOnce already runs on {var}. Stop it or set ASKONCE_VAR.") from error
    return lock


def check_port(bind: str, port: int) -> None:
    """Refuse a port that someone else serves, before anything is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            message = f"Port {port} cannot be used ({error.strerror}). Choose another, as in: PORT=8001 make demo"
            raise CannotStartError("port", message) from error


def main(arguments: list[str]) -> int:
    """Parse, lock, run. Exit 2 when the run cannot start, with the reason and what to do."""
    parser = argparse.ArgumentParser(prog="python -m config.supervisor", description=__doc__)
    parser.add_argument("mode", choices=["demo", "run"], help="demo fills an empty database, run leaves it empty")
    mode = parser.parse_args(arguments).mode
    var = Path(os.environ.get("ASKONCE_VAR") or ROOT / "var").resolve()
    bind = os.environ.get("ASKONCE_BIND") or "127.0.0.1"
    try:
        port = int(os.environ.get("PORT") or 8000)
        check_port(bind, port)
        with hold_folder(var):
            (var / "log").mkdir(exist_ok=True)
            embedded.private_folder(embedded.broker_socket(var).parent)
            return Supervisor(var, port, bind, demo=mode == "demo").run()
    except (CannotStartError, PermissionError, ValueError) as error:
        say(f"Cannot start: {error}")
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
