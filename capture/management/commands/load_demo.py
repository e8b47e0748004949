"""manage.py load_demo: invented people, sites and patients through the same gateways, with simulated times marked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from capture.enter import demo
from sites.models import User


class Command(BaseCommand):
    help = "Fill an empty database with the demo: 4 sites, 8 live programs, 40 patients. Names are invented."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there are people already")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            self.stdout.write("The database is not empty; the demo was not loaded.")
            return
        with transaction.atomic():
            made = demo.load(timezone.now())
        accounts = "\n".join(["Demo accounts (password: " + demo.PASSWORD + ")", *made.accounts]) + "\n"
        folder = Path(settings.VAR)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "demo-accounts.txt").write_text(accounts, encoding="utf-8")
        summary = {"patients": made.patients, "accounts": made.accounts}
        self.stdout.write(json.dumps(summary) if options["json"] else f"{made.patients} patients. {accounts}")
