"""Sets a site's weekly budget from a day on, with a reason."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from sites import trail
from sites.models import Budget, Site
from sites.trail import Actor


class BudgetError(ValueError):
    """A budget that cannot be; the message says what to do."""

    code = "budget_refused"


@transaction.atomic
def put(site: Site, minutes_week: int, valid_from: date, *, actor: Actor, reason: str) -> Budget:
    """The budget in minutes a week from a day on. The same day again replaces its figure."""
    why = trail.require_reason(reason)
    if not 0 < minutes_week <= 7 * 24 * 60:
        raise BudgetError("Give the minutes a week, at least 1.")
    row = Budget.objects.select_for_update().filter(site=site, valid_from=valid_from).first()
    row = row or Budget(site=site, valid_from=valid_from)
    row.minutes_week = minutes_week
    row._change_reason = why  # type: ignore[attr-defined]
    row.save()
    trail.record(actor, "set_budget", f"site:{site.code}", reason=why, details={"minutes_week": minutes_week})
    return row
