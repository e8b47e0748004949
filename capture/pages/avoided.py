"""What an element saved: how often it was asked, shared, known or derived. A part of the catalog's element page."""

from __future__ import annotations

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from capture import access
from capture.ask import avoided
from forms_catalog.pages.catalog import READERS, seen_or_404
from sites.access import programs_for, require_roles, user_of

NEWEST = 400  # sheets that are read: about a third of a second


@require_GET
@require_roles(*READERS)
def element_avoided(request: HttpRequest, key: str) -> HttpResponse:
    """Asks of the element in the newest submitted visits, of the programs a person sees."""
    user = user_of(request)
    element = seen_or_404(user, key)
    titles = dict(programs_for(user).values_list("code", "title"))
    newest = access.submissions_for(user).order_by("-submitted_at", "-pk")
    sheets = list(newest.values_list(F("sheet__sheet__lines"), flat=True)[: NEWEST + 1])
    counts = avoided.count(sheets[:NEWEST], key, titles)
    context = {
        "element": element,
        "rows": [(titles[c.program], c) for c in counts],
        "total": avoided.total(counts),
        "visits": min(len(sheets), NEWEST),
        "more": len(sheets) > NEWEST,
        "whole": not request.headers.get("HX-Request"),
    }
    return render(request, "capture/avoided_page.html" if context["whole"] else "capture/avoided.html", context)
