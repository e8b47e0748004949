"""The migrated SQLite database of a run of the suite: the first process that needs one makes it, the others copy it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import cast

from django.conf import settings
from django.db import connection

from tests import run_folder

NAME = "migrated.sqlite3"


def copied() -> bool:
    """Put the migrated database where this process will look for its own. False where there is none."""
    with run_folder.place(NAME) as made:
        if connection.vendor != "sqlite" or made is None or not made.exists():
            return False
        test = cast("dict[str, dict[str, str]]", settings.DATABASES["default"])["TEST"]
        shutil.copyfile(made, Path(test["NAME"]))
        return True


def hand_on() -> None:
    """Leave a copy of this process's database, which is migrated and has no rows of a test yet."""
    with run_folder.place(NAME) as made:
        if connection.vendor == "sqlite" and made is not None and not made.exists():
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(made)])
