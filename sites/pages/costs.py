"""How minutes are estimated at a site: each default with its source, what was measured, what holds now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from sites import access
from sites.access import user_of
from sites.burden import profiles
from sites.burden.profiles import Profile
from sites.models import Site
from sites.pages import csv_file
from sites.pages.burden import READERS
from sites.pages.csv_file import Table

HEAD = (
    *("site", "measured_at", "kind", "name", "unit", "default", "default_low", "default_high", "source"),
    *("n", "measured", "now", "now_low", "now_high"),
)


@require_GET
@access.require_roles(*READERS)
def burden_costs(request: HttpRequest, code: str) -> HttpResponse:
    """The cost model of one site, or its table as CSV."""
    site = access.site_or_404(user_of(request), code, *READERS)
    profile = profiles.of_site(site)
    if request.GET.get("format") == "csv":
        return csv_file.answer(f"costs-{site.code}", table(site, profile))
    context = {
        "site": site,
        "profile": profile,
        "others": profiles.unmeasured(),
        "example": next(line for line in profile.lines if line.assumed.kind == "effort"),
        "link": request.build_absolute_uri(reverse("burden_costs", args=[site.code])),
    }
    return render(request, "sites/burden_costs.html", context)


def table(site: Site, profile: Profile) -> Table:
    """One row an assumption, in its own unit; those that cannot be measured hold as they are."""
    at = profile.measured_at.isoformat() if profile.measured_at else ""
    rows: list[tuple[object, ...]] = []
    for line in profile.lines:
        a, now = line.assumed, line.now
        said = "" if line.measured is None else line.measured / 100
        figures = (line.n, said, now.mid / 100, now.low / 100, now.high / 100)
        rows.append((site.code, at, a.kind, a.name, a.unit, a.value, a.low, a.high, a.source, *figures))
    for a in profiles.unmeasured():
        rows.append(
            (site.code, at, "", a.name, a.unit, a.value, a.low, a.high, a.source, "", "", a.value, a.low, a.high)
        )
    return HEAD, rows
