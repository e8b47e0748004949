"""A site says on which days it is closed: the only writer of Site.closed_weekdays and closed_on.

Called by the command set_days_off; planning reads both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from django.db import transaction

from sites import trail
from sites.models import Site
from sites.trail import Actor

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST = 1000  # single days a site may name: 15 years of holidays many times over


class DaysOffError(ValueError):
    """Days that cannot be; the message names the one at fault."""

    code = "bad_days_off"


def weekdays_of(text: str) -> str:
    """'sat,sun' → '67', as the site keeps it. Raises DaysOffError."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in WEEKDAYS]:
        raise DaysOffError(f"{unknown[0]!r} is not a weekday. Use {', '.join(WEEKDAYS)}.")
    if len(set(names)) == len(WEEKDAYS):
        raise DaysOffError("A site that is closed every day has no day for a visit. Leave one open.")
    return "".join(sorted({str(WEEKDAYS.index(name) + 1) for name in names}))


def day_of(text: str) -> date:
    """An ISO date. Raises DaysOffError."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise DaysOffError(f"{text!r} is not a date. Write it as 2026-12-25.") from error


@transaction.atomic
def change(
    site: Site,
    *,
    weekdays: str | None = None,
    closed: Iterable[date] = (),
    opened: Collection[date] = (),
    actor: Actor,
    reason: str,
) -> Site:
    """Close the site on these days too, open it on others; `weekdays` as weekdays_of gives them (None = as they are).

    Raises DaysOffError, and ReasonMissing without a reason.
    """
    why = trail.require_reason(reason)
    locked = Site.objects.select_for_update().get(pk=site.pk)
    before = {"weekdays": locked.closed_weekdays, "days": locked.closed_on}
    days = {date.fromisoformat(day) for day in locked.closed_on} | set(closed)
    if missing := sorted(day for day in opened if day not in days):
        raise DaysOffError(f"{site} is not closed on {missing[0]} alone. See its weekdays.")
    if len(days) > MOST:
        raise DaysOffError(f"{site} would name more than {MOST} single days. Take past ones out first.")
    locked.closed_on = sorted(day.isoformat() for day in days - set(opened))
    locked.closed_weekdays = locked.closed_weekdays if weekdays is None else weekdays
    locked._change_reason = why  # type: ignore[attr-defined]
    locked.save()
    after = {"weekdays": locked.closed_weekdays, "days": locked.closed_on}
    trail.record(actor, "days_off", f"site:{locked.uuid}", reason=why, details={"before": before, "after": after})
    return locked
