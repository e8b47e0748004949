"""manage.py flush: Django's own, which empties every table, also the append-only ones. Never on real data."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush
from django.db import connections

from sites import append_only


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "sqlite":  # others truncate, which no row trigger sees
            super().handle(**options)
            return
        with append_only.opened(connection):
            super().handle(**options)
