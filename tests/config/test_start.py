"""How processes start: the light command loads no app, and Celery is found under the names that documents use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT

HEAVY = ("celery", "rest_framework", "redis", "odmlib", "pyxform", "fhir")
SHOWS_WHAT_IS_LOADED = (
    "import sys, manage; sys.argv = ['manage.py', 'inspect_dictionary', sys.argv[1]]\n"
    "try: manage.main()\n"
    "finally: print(*sys.modules, file=sys.stderr)"
)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_inspecting_a_file_loads_no_app_and_no_settings(tmp_path: Path) -> None:
    file = tmp_path / "no.csv"
    file.write_text("nothing, at, all\n")
    done = run("-c", SHOWS_WHAT_IS_LOADED, str(file))
    loaded = set(done.stderr.split())
    assert "forms_catalog.formats" in loaded
    assert loaded & {*HEAVY, "config.settings", "forms_catalog.models", "django.db.models"} == set()


def test_inspecting_a_file_ends_with_2_and_one_line_where_it_is_no_dictionary(tmp_path: Path) -> None:
    file = tmp_path / "no.csv"
    file.write_text("nothing, at, all\n")
    done = run("manage.py", "inspect_dictionary", str(file), "--json")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("name", ["config", "config.celery"])
def test_celery_finds_its_application_by_either_name(name: str) -> None:
    code = f"from celery.app.utils import find_app; print(find_app({name!r}).main)"
    assert run("-c", code).stdout == "askonce\n"
