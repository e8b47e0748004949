"""`python -m config.prepare [demo]`: the supervisor's step before web, worker and beat. One process, since most of its
time is starting Django: brings the database up to date and fills an empty one with the demo."""

from __future__ import annotations

import io
import os
import sys

import django
from django.core.management import call_command


def prepare(demo: bool) -> None:
    """Migrate; for the demo also load it where nobody is in the database yet."""
    call_command("migrate", interactive=False, verbosity=0)
    if demo:
        call_command("load_demo", if_empty=True, stdout=io.StringIO())  # the supervisor prints the accounts at the end


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    prepare(demo="demo" in sys.argv[1:])
