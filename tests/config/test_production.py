"""Production refuses to start half set up, and is tight when it starts; run in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.processes import ROOT

COMPLETE = {
    "ASKONCE_EMBEDDED": "false",
    "ASKONCE_SECRET_KEY": "k8Vt0mQpXz3LrW7nYb5cHd2JfGs9TeUa4RiKoNxB6wZqMvPyEl1hDj",
    "ASKONCE_IDENTITY_KEY": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
    "ASKONCE_DATABASE": "postgres://askonce@db/askonce",
    "ASKONCE_BROKER": "redis://redis:6379/0",
    "ASKONCE_HOSTS": "askonce.example",
}


def check(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`manage.py check --deploy` with only these of our variables."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ASKONCE_", "DJANGO_"))}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, env={**clean, **env}, cwd=ROOT, capture_output=True, text=True, check=False)


def test_it_starts_without_a_warning_when_complete() -> None:
    done = check(COMPLETE)
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (1 silenced).\n"), done.stderr


def test_it_names_everything_that_is_missing_at_once() -> None:
    done = check({"ASKONCE_EMBEDDED": "false", "ASKONCE_HOSTS": "askonce.example"})
    assert done.returncode != 0
    assert "Set ASKONCE_SECRET_KEY, ASKONCE_IDENTITY_KEY, ASKONCE_DATABASE, ASKONCE_BROKER (or" in done.stderr


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(COMPLETE["ASKONCE_SECRET_KEY"] + "\n")
    env = {**COMPLETE, "ASKONCE_SECRET_KEY": "", "ASKONCE_SECRET_KEY_FILE": str(secret)}
    assert check(env).returncode == 0


def test_a_secret_file_that_cannot_be_read_stops_it() -> None:
    done = check({**COMPLETE, "ASKONCE_SECRET_KEY_FILE": "/nowhere/secret"})
    assert "ASKONCE_SECRET_KEY_FILE points to '/nowhere/secret'" in done.stderr


def test_a_boolean_that_is_none_is_refused_by_name() -> None:
    assert "ASKONCE_DEBUG must be true or false, not 'maybe'" in check({**COMPLETE, "ASKONCE_DEBUG": "maybe"}).stderr
