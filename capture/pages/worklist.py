"""The worklist of a site: overdue, due, coming. The page a coordinator starts the day with."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from capture import access
from capture.plan import worklist as lists
from sites.access import require_roles, site_or_404, sites_for, user_of
from sites.models import Participation, Role, Site

READERS = (*access.AT_SITE, Role.ADMIN, Role.AUDITOR)


@require_GET
@require_roles(*READERS)
def worklist(request: HttpRequest, code: str = "") -> HttpResponse:
    """Open visits of one site, by its own date; the home site where none is named."""
    user = user_of(request)
    mine = sites_for(user, *READERS)
    site = site_or_404(user, code, *READERS) if code else _home(request)
    if site is None:
        return render(request, "capture/worklist/none.html", {"sites": mine})
    today = lists.local_today(site)
    rows = lists.open_visits(site, today)
    chosen = {name: request.GET.get(name, "").strip() for name in ("bucket", "program", "search")}
    picked = lists.filtered(rows, today, **chosen).select_related("patient")
    page = Paginator(picked, 25).get_page(request.GET.get("page"))
    context = {
        "site": site,
        "sites": mine,
        "today": today,
        "page": page,
        "rows": lists.shown(list(page.object_list), today),
        "counts": lists.counts(rows, today),
        "chosen": chosen,
        "programs": Participation.objects.filter(site=site).values_list("program__code", "program__title").distinct(),
    }
    return render(request, "capture/worklist/list.html", context)


def _home(request: HttpRequest) -> Site | None:
    user = user_of(request)
    mine = sites_for(user, *READERS)
    return mine.filter(people=user).first() or mine.first()
