"""Fixtures and hooks under all tests: which database and broker, real processes on them, the browser, loud skips."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit

import pytest

from config import broker
from tests import migrated, processes

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Browser tests need Chromium; the suite must find the files of its groups."""
    _name_markers_in_full(items)
    skip = pytest.mark.skip(reason="Chromium is not installed (apt-get install chromium, or name it in CHROMIUM)")
    for item in items:
        if not CHROMIUM and item.get_closest_marker("browser"):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool, django_db_modify_db_settings: None) -> bool:
    """Whether pytest-django finds the test database: on SQLite as another process of the suite has migrated it."""
    return migrated.copied() or django_db_keepdb


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The test database, migrated; on SQLite the next process may copy it."""
    with django_db_blocker.unblock():
        migrated.hand_on()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Modules and tests stay until the end: the collector need not look through them again and again."""
    gc.collect()
    gc.freeze()


def _name_markers_in_full(items: list[pytest.Item]) -> None:
    """tests/suite.py finds the files of two groups by the words `mark.browser` and `mark.faults` in them."""
    for name in ("browser", "faults"):
        files = {item.path for item in items if item.get_closest_marker(name)}
        if unnamed := [str(file) for file in files if f"mark.{name}" not in file.read_text(encoding="utf-8")]:
            raise pytest.UsageError(f"write pytest.mark.{name} in {', '.join(unnamed)}")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove this run's folder (test database, mail, logs)."""
    shutil.rmtree(Path(tempfile.gettempdir()) / f"askonce-test-{os.getpid()}", ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix(request: pytest.FixtureRequest) -> None:
    """One database for each xdist worker; its name still ends in _test, the only names we touch."""
    from django.conf import settings

    worker = getattr(request.config, "workerinput", {}).get("workerid")
    test: dict[str, str] = cast("dict[str, dict[str, str]]", settings.DATABASES["default"])["TEST"]
    if worker and test["NAME"].endswith("_test"):
        test["NAME"] = f"{str(test['NAME']).removesuffix('_test')}_{worker}_test"


@pytest.fixture
def valkey() -> Iterator[processes.EmbeddedValkey]:
    """An embedded Valkey for this test alone; it may be killed."""
    server = processes.EmbeddedValkey()
    server.start()
    yield server
    server.close()


@pytest.fixture
def broker_url(request: pytest.FixtureRequest, settings: Any) -> Iterator[str]:
    """The broker of this test, empty: what ASKONCE_TEST_REDIS names, else an embedded Valkey. `.delay()` goes there."""
    named = os.environ.get("ASKONCE_TEST_REDIS", "")
    with _alone_on(named) if named else contextlib.nullcontext():
        url: str = named or request.getfixturevalue("valkey").url
        settings.BROKER_URL = url
        with _celery_on(url):
            yield url


@contextlib.contextmanager
def _alone_on(named: str) -> Iterator[None]:
    """The named broker, emptied, while every other test process on this machine waits that would use or empty it."""
    where = urlsplit(named)
    number = where.path.strip("/")
    assert number not in {"", "0"}, "ASKONCE_TEST_REDIS must name a database above 0"
    lock = Path(tempfile.gettempdir()) / f"askonce-broker-{os.getuid()}-{where.hostname}-{where.port}-{number}.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with broker.client(named) as connection:
            connection.flushdb()
        yield


@dataclass(frozen=True)
class AppEnv:
    """What a real process needs to work on this test's database and broker."""

    env: dict[str, str]
    folder: Path

    @property
    def mail(self) -> Path:
        """Where the file mailbox of the processes lies."""
        return self.folder / "var" / "mail"


@pytest.fixture
def app_env(transactional_db: None, broker_url: str) -> Iterator[AppEnv]:
    """Environment and folder for subprocesses on the test database. Quick recovery: a sweep every 2 seconds."""
    from django.conf import settings

    folder = Path(tempfile.mkdtemp(prefix="ao-"))
    env = {
        "ASKONCE_EMBEDDED": "true",
        "ASKONCE_VAR": str(folder / "var"),
        "ASKONCE_DATABASE": _database_url(),
        "ASKONCE_BROKER": broker_url,
        "ASKONCE_SECRET_KEY": settings.SECRET_KEY,
        "ASKONCE_IDENTITY_KEY": settings.IDENTITY_KEY,
        "ASKONCE_SWEEP_SECONDS": "2",
        "ASKONCE_VISIBILITY_SECONDS": "8",
    }
    (folder / "var").mkdir()
    yield AppEnv(env, folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def celery_worker_process(app_env: AppEnv) -> Iterator[Callable[..., processes.ServiceProcess]]:
    """Start real Celery workers: `worker = celery_worker_process()`, then `.kill()` or `.stop()`, and start again."""
    started: list[processes.ServiceProcess] = []

    def start(concurrency: int = 2, **env: str) -> processes.ServiceProcess:
        started.append(processes.celery_worker({**app_env.env, **env}, app_env.folder, concurrency))
        return started[-1]

    yield start
    _end(started)


@pytest.fixture
def celery_beat_process(app_env: AppEnv) -> Iterator[Callable[[], processes.ServiceProcess]]:
    """Start a real beat that sends a sweep every 2 seconds."""
    started: list[processes.ServiceProcess] = []

    def start() -> processes.ServiceProcess:
        started.append(processes.celery_beat(app_env.env, app_env.folder))
        return started[-1]

    yield start
    _end(started)


@pytest.fixture
def live_app(app_env: AppEnv) -> Iterator[Callable[..., processes.WebProcess]]:
    """Start real web servers on the test database: `web = live_app()`, `web.url`, `web.kill()`, `web.start()`."""
    started: list[processes.WebProcess] = []

    def start(workers: int = 1) -> processes.WebProcess:
        web = processes.WebProcess(app_env.env, app_env.folder, processes.free_port(), workers)
        started.append(web)
        return web.start()

    yield start
    _end(started)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, also as root and in a small container."""
    flags = ["--no-sandbox", "--disable-dev-shm-usage"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": flags}


@pytest.fixture
def quiet_page(page: Any) -> Iterator[Any]:
    """A browser page; the test fails on any console error, so also on a breach of the content security policy."""
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.problems = problems  # a test that wants an answer above 399 clears what it caused
    yield page
    assert not problems, problems


def _end(started: list[Any]) -> None:
    for process in reversed(started):
        if process.is_running():
            process.stop(10)


def _database_url() -> str:
    from django.db import connection

    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    account = f"{quote(str(found['USER']))}:{quote(str(found['PASSWORD']))}".rstrip(":")
    return f"postgres://{account}@{found['HOST']}:{found['PORT'] or 5432}/{found['NAME']}"


class _celery_on:
    """Point the Celery app of this process at a broker for a while, with fresh connections."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> None:
        self.before = _point_celery_at(self.url)

    def __exit__(self, *details: object) -> None:
        _point_celery_at(self.before)


def _point_celery_at(url: str) -> str:
    from kombu import pools

    from config.celery import app

    before: str = app.conf.broker_url
    app.conf.update(broker_url=url, broker_read_url=url, broker_write_url=url)
    app.pool.force_close_all()
    app._pool = app.amqp._producer_pool = None
    pools.reset()
    return before
