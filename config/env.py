"""Read settings from the environment, loudly: a wrong value raises with its name. `X_FILE` names a file holding `X`."""

from __future__ import annotations

import base64
import os
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    """The value of `name`, or the content of the file that `name`_FILE points to, or `default`."""
    if file := os.environ.get(f"{name}_FILE"):
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE points to {file!r}, which cannot be read: {error}") from error
    return os.environ.get(name, default)


def require(*names: str) -> None:
    """Refuse to start while any of these is unset, naming all of them at once."""
    if missing := [name for name in names if not text(name)]:
        listed = ", ".join(missing)
        raise ImproperlyConfigured(f"Set {listed} (or the same names with _FILE). docs/operations.md explains each.")


def boolean(name: str, default: bool = False) -> bool:
    """True or False; anything but 1/true/yes/on and 0/false/no/off is refused."""
    raw = text(name, str(default)).strip().lower()
    if raw not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be true or false, not {raw!r}.")
    return raw in TRUE


def integer(name: str, default: int) -> int:
    """A whole number."""
    raw = text(name, str(default))
    try:
        return int(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}.") from error


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list without blanks."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def fernet_keys(name: str, value: str) -> str:
    """One or more keys with commas, the newest first; each is 32 bytes in URL-safe base64."""
    for key in value.split(","):
        try:
            good = len(base64.urlsafe_b64decode(key.strip())) == 32
        except ValueError:
            good = False
        if not good:
            raise ImproperlyConfigured(f"{name} needs keys of 32 bytes in URL-safe base64, the newest first.")
    return value


def database(url: str) -> dict[str, object]:
    """`postgres://user:password@host:port/name` or `sqlite:///path` as a Django DATABASES entry."""
    parts = urlsplit(url)
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    if parts.scheme == "sqlite":
        return sqlite(parts.path[1:] if parts.path.startswith("//") else parts.path)
    raise ImproperlyConfigured(f"ASKONCE_DATABASE must start with postgres:// or sqlite:///, not {parts.scheme!r}.")


def test_folder() -> Path:
    """This test process's own folder for database, mail and files; tests/infra.py removes it."""
    folder = Path(tempfile.gettempdir()) / f"askonce-test-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    return folder


def test_database(url: str) -> dict[str, object]:
    """The database of the tests: the PostgreSQL one that `url` names (its name must end in _test), else a SQLite file.

    A file, not memory: a real Celery worker and a real web process read the same one.
    """
    if not url:
        # Not ":memory:" even before the tests begin: pytest-django's live server would share one connection
        # between threads, which crashes SQLite.
        name = str(test_folder() / "test.sqlite3")
        return {**sqlite(name, synchronous="OFF"), "TEST": {"NAME": name}}
    found = database(url)
    if not str(found["NAME"]).endswith("_test"):
        raise ImproperlyConfigured(f"ASKONCE_TEST_POSTGRES names {found['NAME']!r}; tests only touch names in _test.")
    return {**found, "CONN_MAX_AGE": 0, "TEST": {"NAME": found["NAME"]}}


def sqlite(path: str, synchronous: str = "FULL") -> dict[str, object]:
    """SQLite that several processes may write: WAL and IMMEDIATE, else Django's default loses writes to locks."""
    pragmas = (
        f"PRAGMA journal_mode=WAL;PRAGMA synchronous={synchronous};PRAGMA busy_timeout=20000;PRAGMA foreign_keys=ON;"
    )
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": pragmas},
    }
