"""backtest_forecast: the forecast of a past day beside two naive ones, held against what was then spent."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from capture.plan import rewinding
from capture.plan.rewinding import BackTest, NothingKnown
from sites.burden import backtesting, dashboards
from sites.models import Site

REFUSED = 2
NAMES = {"ours": "this forecast", "last_week": "last week repeated", "defaults": "plan at default times"}


class Command(BaseCommand):
    help = "Forecast a site as of a past day and compare with its ledger and two naive forecasts. Exit 2 if impossible."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", required=True, help="code of the site")
        parser.add_argument("--as-of", required=True, type=date.fromisoformat, help="a past day, as 2026-03-01")
        parser.add_argument("--weeks", type=int, default=12, choices=range(1, 54), metavar="N", help="weeks (12)")
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(code=options["site"]).first()
        if site is None:
            raise CommandError(f"There is no site {options['site']}.", returncode=REFUSED)
        try:
            today = dashboards.today_at(site)
            found = rewinding.back_test(site, options["as_of"], weeks=options["weeks"], today=today)
        except NothingKnown as error:
            raise CommandError(str(error), returncode=REFUSED) from error
        self.stdout.write(json.dumps(_json(found), indent=1) if options["json"] else "\n".join(_table(found)))


def _h(centiseconds: float) -> float:
    return round(centiseconds / 360_000, 2)


def _json(found: BackTest) -> dict[str, Any]:
    figures = ("spent", "ours", "low", "high", "last_week", "defaults")
    return {
        "site": found.site,
        "made_on": found.made_on.isoformat(),
        "release": found.release,
        "open_visits": found.open_visits,
        "submitted": found.submitted,
        "timed": found.timed,
        "mean_absolute_error_hours": {way: _h(found.score.error(way)) for way in backtesting.WAYS},
        "inside_range": round(found.score.coverage, 3),
        "weeks": [
            {"monday": w.monday.isoformat(), **{f"{name}_hours": _h(getattr(w, name)) for name in figures}}
            for w in found.score.weeks
        ],
        "limits": list(rewinding.LIMITS),
    }


def _table(found: BackTest) -> list[str]:
    head = f"{'week from':12} {'spent h':>8} {'forecast':>8} {'range':>15} {'last week':>9} {'defaults':>8}"
    rows = [
        f"{w.monday.isoformat():12} {_h(w.spent):8.2f} {_h(w.ours):8.2f} {_h(w.low):6.2f} to {_h(w.high):5.2f} "
        f"{_h(w.last_week):9.2f} {_h(w.defaults):8.2f}"
        for w in found.score.weeks
    ]
    errors = [f"{NAMES[way]:24} {_h(found.score.error(way)):6.2f} h" for way in backtesting.WAYS]
    return [
        f"{found.site}, made on {found.made_on} by release {found.release}: {found.open_visits} visits were open; "
        f"{found.submitted} were then submitted, {found.timed} of them timed.",
        head,
        *rows,
        "Mean absolute error a week:",
        *errors,
        f"{found.score.coverage:.0%} of the weeks lie inside the 80 % range.",
        *(f"- {limit}" for limit in rewinding.LIMITS),
    ]
