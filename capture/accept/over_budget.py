"""Which sites a request would take over their weekly budget: expected work of the coming year beside what it adds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from capture.accept.what_if import OverBudget
from sites.burden import load, totals
from sites.burden.figures import monday
from sites.models import Site

WEEKS = 52


def of_sites(sites: Collection[Site], hours: Mapping[str, Mapping[str, float]], today: date) -> tuple[OverBudget, ...]:
    """The sites that would be over, the most over first; also those that are over already. 2 queries.

    `hours` is site code → what the request adds in the coming year. A site without a budget is never over.
    """
    budgets = totals.budgets_of(sites)
    expected = load.minutes_a_week([s.code for s in sites], monday(today), WEEKS)
    found = []
    for site in sites:
        budget = totals.budget_on(budgets.get(site.pk, []), today)
        now = expected.get(site.code, 0.0)
        then = now + hours.get(site.code, {}).get("mid", 0.0) * 60 / WEEKS
        if budget is not None and then > budget:
            found.append(OverBudget(site.code, budget, round(now, 1), round(then, 1)))
    return tuple(sorted(found, key=lambda o: (o.budget - o.then, o.site)))
