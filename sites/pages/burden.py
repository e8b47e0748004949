"""What data entry costs: per site and program, this week against the budget, and the same numbers as a table."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from sites import budgets
from sites.access import (
    acting_as,
    has_role,
    memberships,
    program_or_404,
    require_roles,
    site_or_404,
    sites_for,
    user_of,
)
from sites.burden import charts, cost, totals
from sites.burden.ledger import COUNTS
from sites.models import Program, Role, Site
from sites.trail import ReasonMissing

AT_SITE = (Role.COORDINATOR, Role.INVESTIGATOR, Role.SITE_MANAGER)
NETWORK = (Role.ADMIN, Role.AUDITOR)
READERS = (*AT_SITE, *NETWORK, Role.SPONSOR)
BUDGETERS = (Role.SITE_MANAGER, Role.ADMIN)


@require_GET
@require_roles(*READERS)
def burden(request: HttpRequest) -> HttpResponse:
    """Where to look: the own site, or a list of sites and programs."""
    user = user_of(request)
    mine = list(sites_for(user, *AT_SITE, *NETWORK))
    programs = Program.objects.filter(sponsor__in=[m.sponsor_id for m in memberships(user) if m.sponsor_id])
    if len(mine) == 1 and not programs:
        return redirect("burden_site", code=mine[0].code)
    start, end = _period(request, timezone.now().date())
    rows = [(site, totals.total(totals.lines([site.code], start, end))) for site in mine]
    return render(request, "sites/burden_list.html", {"rows": rows, "programs": programs, "start": start, "end": end})


@require_GET
@require_roles(*AT_SITE, *NETWORK)
def burden_site(request: HttpRequest, code: str) -> HttpResponse:
    """One site: ask states and minutes by program, this week and the next twelve against the budget."""
    site = site_or_404(user_of(request), code, *AT_SITE, *NETWORK)
    today = timezone.now().astimezone(ZoneInfo(site.time_zone)).date()
    start, end = _period(request, today)
    rows = totals.lines([site.code], start, end)
    if request.GET.get("format") == "csv":
        return _csv(rows, f"burden_{site.code}_{start}_{end}.csv")
    weeks, budget = totals.weeks([site.code], today), totals.budget_of(site, today)
    context = _figures(rows, weeks) | {
        "site": site,
        "budget": budget,
        "week": weeks[0],
        "spread": cost.spread(round(weeks[0].total * 6000)),
        "start": start,
        "end": end,
        "chart": charts.weekly(weeks, budget),
        "may_budget": _may_budget(request, site),
        "today": today,
    }
    return render(request, "sites/burden_site.html", context)


@require_GET
@require_roles(Role.SPONSOR, *NETWORK)
def burden_program(request: HttpRequest, code: str) -> HttpResponse:
    """What one program's asks cost all its sites together; no other program is named."""
    program = program_or_404(user_of(request), code)
    start, end = _period(request, timezone.now().date())
    sites = list(Site.objects.filter(participations__program=program).distinct().values_list("code", flat=True))
    rows = totals.lines(sites, start, end, program=program.code)
    if request.GET.get("format") == "csv":
        return _csv(rows, f"burden_{program.code}_{start}_{end}.csv")
    weeks = totals.weeks(sites, timezone.now().date(), program=program.code)
    context = _figures(rows, weeks) | {"program": program, "start": start, "end": end, "sites": len(sites)}
    return render(request, "sites/burden_program.html", context | {"chart": charts.weekly(weeks, None)})


@require_POST
@require_roles(*BUDGETERS)
def burden_budget(request: HttpRequest, code: str) -> HttpResponse:
    """Set the weekly budget from a day on."""
    site = site_or_404(user_of(request), code, *BUDGETERS)
    try:
        minutes = int(request.POST.get("minutes", "") or 0)
        start = date.fromisoformat(request.POST.get("valid_from", ""))
        actor = acting_as(request, *BUDGETERS)
        budgets.put(site, minutes, start, actor=actor, reason=request.POST.get("reason", ""))
        messages.success(request, f"Budget set: {minutes} minutes a week from {start}.")
    except (budgets.BudgetError, ReasonMissing, ValueError) as error:
        messages.error(request, str(error))
    return redirect("burden_site", code=code)


def _figures(rows: list[totals.Line], weeks: list[totals.Week]) -> dict[str, Any]:
    programs = sorted({p for w in weeks for p in w.minutes})
    table = [(w, [w.minutes.get(p, 0) for p in programs]) for w in weeks]
    return {"rows": rows, "total": totals.total(rows), "weeks": table, "week_programs": programs, "states": COUNTS}


def _may_budget(request: HttpRequest, site: Site) -> bool:
    user = user_of(request)
    return has_role(user, *BUDGETERS) and sites_for(user, *BUDGETERS).filter(pk=site.pk).exists()


def _period(request: HttpRequest, today: date) -> tuple[date, date]:
    """The period of a permanent link (?from=&to=); the last 12 months where none or a wrong one is given."""
    try:
        start, end = date.fromisoformat(request.GET["from"]), date.fromisoformat(request.GET["to"])
    except (KeyError, ValueError):
        return today - timedelta(days=365), today
    return (start, end) if start <= end else (end, start)


def _csv(rows: list[totals.Line], name: str) -> HttpResponse:
    """The table as a file."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerow(["program", *COUNTS, *(f"{k}_minutes" for k in totals.KINDS), "net_avoided_minutes"])
    for row in rows:
        counts = [row.counts[c] for c in COUNTS]
        writer.writerow([row.program, *counts, *(row.minutes[k] for k in totals.KINDS), row.net_avoided])
    return response
