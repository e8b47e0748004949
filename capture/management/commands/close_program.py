"""close_program: a program closes for every patient it follows, or opens again. Safe to stop and to run twice."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from capture.enter import closing
from sites import trail
from sites.clock import local_day
from sites.models import Program
from sites.trail import ReasonMissing


class Command(BaseCommand):
    help = "Close a program for every patient from a day on (or --reopen it). Run it again to go on where it stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("program", help="the program's code")
        parser.add_argument("--on", type=date.fromisoformat, help="the day it closes, YYYY-MM-DD; today without one")
        parser.add_argument("--reason", required=True, help="why, for the trail and every patient's history")
        parser.add_argument("--reopen", action="store_true", help="undo the closing for everybody it closed")

    def handle(self, *args: Any, **options: Any) -> None:
        program = Program.objects.filter(code=options["program"]).first()
        if program is None:
            codes = ", ".join(Program.objects.values_list("code", flat=True))
            raise CommandError(f"There is no program {options['program']!r}. It is one of: {codes}.")
        actor, reason = trail.system("close_program", channel="cli"), options["reason"]
        today = local_day(actor.now, "UTC")
        try:
            if options["reopen"]:
                done = sum(1 for _ in closing.reopen(program, actor=actor, reason=reason, today=today))
            else:
                on = options["on"] or today
                done = sum(1 for _ in closing.close(program, on, actor=actor, reason=reason, today=today))
        except (closing.ClosingError, ReasonMissing) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{program}: {done} patients {'follow it again' if options['reopen'] else 'closed'}.")
