"""Sets a site's weekly budget from a day on, with a reason. Called by the budget page; read by the burden pages."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from sites import trail
from sites.models import Budget, Site
from sites.trail import Actor

WEEK = 7 * 24 * 60


class BudgetError(ValueError):
    """A budget that cannot be; the message says what to do."""

    code = "budget_refused"


@transaction.atomic
def put(site: Site, *, minutes_week: int, valid_from: date, actor: Actor, reason: str) -> Budget:
    """The budget in minutes a week from a day on. The same day again replaces its figure and keeps the old in history.

    Raises BudgetError for impossible minutes and trail.ReasonMissing without a reason.
    """
    why = trail.require_reason(reason)
    if not 0 <= minutes_week <= WEEK:
        raise BudgetError(f"{minutes_week} minutes a week is not possible. Give 0 to {WEEK}.")
    locked = Site.objects.select_for_update().get(pk=site.pk)
    row = Budget.objects.filter(site=locked, valid_from=valid_from).first()
    before = row.minutes_week if row else None
    row = row or Budget(site=locked, valid_from=valid_from)
    row.minutes_week = minutes_week
    row._change_reason = why  # type: ignore[attr-defined]
    row.save()
    details = {"minutes_week": minutes_week, "before": before, "valid_from": valid_from.isoformat()}
    trail.record(actor, "set_budget", f"site:{site.uuid}", reason=why, details=details)
    return row
