"""Undo on the review page: a person's own last press, one field or a whole batch, with a reason."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from forms_catalog import access, efforts, undoing
from forms_catalog.mapping import MappingConflict, MappingError
from forms_catalog.pages import chosen as choosing
from sites.access import acting_as, require_roles, user_of
from sites.trail import ReasonMissing


@require_POST
@require_roles(*access.CURATORS)
def mapping_undo(request: HttpRequest, code: str) -> HttpResponse:
    """Send what the person's last press decided back to review, all or none, and open the first of it."""
    program = access.program_or_404(user_of(request), code, *access.CURATORS)
    actor = acting_as(request, *access.CURATORS)
    reason = request.POST.get("reason", "").replace("\x00", "")
    try:
        done = undoing.undo(program, _press(request), actor=actor, reason=reason)
    except (MappingError, MappingConflict, ReasonMissing) as error:
        messages.error(request, f"Nothing was undone. {error}")
        return redirect(choosing.of(request.POST).address(program))
    efforts.record(program, "undo", done, actor=actor, keys=request.POST.get("keys", ""))
    first = done[0].path
    messages.success(request, f"{first if len(done) == 1 else f'{len(done)} fields'}: undone.")
    return redirect(choosing.of(request.POST).address(program, first))


def _press(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("press", ""))
    except ValueError as error:
        raise MappingError("Choose what to undo on the review page.") from error
