"""manage.py unit_table [--out FILE]: which unit may become which in the shipped catalog and programs. No database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from forms_catalog import formats, starter, unit_table


class Command(BaseCommand):
    """Print the tables of docs/units.md."""

    help = "Tables of the unit conversions that are allowed, with what each rests on, and of those refused, with why."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """--out."""
        parser.add_argument("--out", metavar="FILE", help="write the tables there instead of printing them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print or write them."""
        made = unit_table.text(starter.elements(), unit_table.known_units(shipped_units()))
        if options["out"]:
            Path(options["out"]).write_text(made, encoding="utf-8")
        else:
            self.stdout.write(made)


def shipped_units() -> set[str]:
    """Every unit as the shipped programs write it."""
    read = (formats.read(starter.program_csv(code), code) for code in starter.program_codes())
    return {field.unit for dictionary in read for field in dictionary.fields if field.unit}
