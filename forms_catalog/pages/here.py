"""Who else is on a program's review: the page tells what a curator has open and gets back what others have."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from forms_catalog import access, presence
from forms_catalog.pages import chosen as choosing
from sites.access import require_roles, user_of

LONGEST_PATH = 250


@require_POST
@require_roles(*access.CURATORS)
def mapping_here(request: HttpRequest, code: str) -> HttpResponse:
    """Keep what this curator has open for a moment; answer with the others."""
    program, now = access.program_or_404(user_of(request), code, *access.CURATORS), timezone.now()
    path = request.POST.get("path", "").replace("\x00", "")[:LONGEST_PATH]
    presence.here(program, user_of(request), path, at=now)
    busy = presence.others(program, user_of(request), at=now)
    context = {"program": program, "busy": busy, "chosen": choosing.of(request.POST)}
    return render(request, "forms_catalog/review_here.html", context)
