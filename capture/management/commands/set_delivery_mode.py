"""manage.py set_delivery_mode PROGRAM SITE MODE --reason …: how a site's deliveries to a program leave from now on."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from capture.enter import delivering
from capture.enter.delivering import DeliveringError
from capture.plan.worklist import local_today
from sites.models import Participation
from sites.trail import ReasonMissing, system


class Command(BaseCommand):
    help = "Change how a site's deliveries to a program leave; what waits follows, what has left stays as it went."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("program", help="the program's code")
        parser.add_argument("site", help="the site's code")
        parser.add_argument("mode", help=", ".join(Participation.Mode.values))
        parser.add_argument("--reason", default="", help="why; it is written to the trail")

    def handle(self, *args: Any, **options: Any) -> None:
        found = Participation.objects.filter(program__code=options["program"], site__code=options["site"])
        row = found.order_by("-valid_from").first()
        if row is None:
            raise CommandError(f"{options['site']} does not take part in {options['program']}.", returncode=2)
        actor = system("set_delivery_mode", channel="cli")
        try:
            count = delivering.change_mode(
                row, options["mode"], actor=actor, reason=options["reason"], today=local_today(row.site, actor.now)
            )
        except (DeliveringError, ReasonMissing) as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(f"{row}: {row.Mode(options['mode']).label}. What waits of {count} patients was settled.")
