"""manage.py retrain_matcher: let the matcher learn from the decisions people made here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_catalog import retraining
from forms_catalog.learning.adapting import TooFewDecisions
from sites import trail


class Command(BaseCommand):
    """Exit 0; exit 1 where the adapted weights are no better and so are not taken; exit 2 where there is too little to
    learn from or the reason is missing."""

    help = (
        "Draw the matcher's weights towards the decisions people made here. Says what the shipped and the adapted "
        "weights are worth on own decisions held out, and takes the adapted ones where they are better."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do with what was found."""
        parser.add_argument("--reason", default="", help="why; needed unless --dry-run")
        parser.add_argument("--dry-run", action="store_true", help="say the figures; write nothing")
        parser.add_argument("--shipped", action="store_true", help="go back to the shipped weights")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Learn, say, take."""
        actor = trail.system("retrain_matcher", channel="cli")
        if not options["dry_run"] and not options["reason"].strip():
            raise CommandError("Say why with --reason, or look first with --dry-run.", returncode=2)
        if options["shipped"]:
            if not options["dry_run"]:
                retraining.take(None, actor=actor, reason=options["reason"])
            self.stdout.write("The shipped weights count from now on.")
            return
        try:
            found = retraining.retrain()
        except TooFewDecisions as error:
            raise CommandError(str(error), returncode=2) from error
        told = {**found.figures, "better": found.better}
        self.stdout.write(json.dumps(told) if options["json"] else "\n".join(_lines(told)))
        if options["dry_run"]:
            return
        if not found.better:
            raise CommandError("The adapted weights are no better here; the ones in use stay.", returncode=1)
        retraining.take(found, actor=actor, reason=options["reason"])


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"{told['decisions']} decisions with an element, {told['nothing fits']} without; {told['held out']}"
    for name in ("before", "after"):
        one = told[name]
        yield (
            f"  {name:7} top-1 {one['top1']:.3f}  top-5 {one['top5']:.3f}  mrr {one['mrr']:.3f}  "
            f"calibration error {one['calibration error']:.3f}"
        )
    yield "better" if told["better"] else "not better"
