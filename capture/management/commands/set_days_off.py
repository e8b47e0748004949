"""manage.py set_days_off SITE --weekdays sat,sun --closed 2026-12-25 --reason …: visits are planned on other days."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from capture.plan import runs
from sites import days_off
from sites.days_off import DaysOffError
from sites.models import Program, Site
from sites.trail import ReasonMissing, system


class Command(BaseCommand):
    help = "Say on which days a site is closed; its visits are planned again by the worker."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("site", help="the site's code")
        parser.add_argument("--weekdays", help="all weekdays on which it is closed: sat,sun ('' = none)")
        parser.add_argument("--closed", nargs="*", default=[], help="further single days, as 2026-12-25")
        parser.add_argument("--open", nargs="*", default=[], help="single days that are no longer off")
        parser.add_argument("--reason", default="", help="why; it is written to the trail")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(code=options["site"]).first()
        if site is None:
            raise CommandError(f"There is no site {options['site']}.", returncode=2)
        actor = system("set_days_off", channel="cli")
        try:
            with transaction.atomic():
                days_off.change(
                    site,
                    weekdays=None if options["weekdays"] is None else days_off.weekdays_of(options["weekdays"]),
                    closed=[days_off.day_of(text) for text in options["closed"]],
                    opened=[days_off.day_of(text) for text in options["open"]],
                    actor=actor,
                    reason=options["reason"],
                )
                live = Program.objects.filter(state=Program.State.LIVE, participations__site=site).distinct()
                made = [runs.enqueue(p, actor=actor, reason=f"days off of {site.code} changed") for p in live]
        except (DaysOffError, ReasonMissing) as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(f"{site}: saved. {len(made)} programs are planned again by the worker.")
