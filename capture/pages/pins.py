"""Pinning a visit to a day and letting it go, from the patient's page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from capture import access
from capture.enter import pinning
from capture.plan.worklist import local_today
from sites.access import acting_as, require_roles, user_of
from sites.trail import ReasonMissing


@require_POST
@require_roles(*access.WRITERS)
def visit_pin(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The visit stays on the given day."""
    try:
        on = date.fromisoformat(request.POST.get("on", ""))
    except ValueError:
        visit = access.visit_or_404(user_of(request), uuid, *access.WRITERS)
        messages.error(request, "Give the day the visit is to stay on.")
        return redirect("patient", uuid=visit.patient.uuid)
    return _done(request, uuid, lambda visit, **who: pinning.pin(visit, on, **who), f"The visit stays on {on}.")


@require_POST
@require_roles(*access.WRITERS)
def visit_unpin(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The visit's day is planned again."""
    return _done(request, uuid, pinning.unpin, "The pin is released; the visit is planned again.")


def _done(request: HttpRequest, uuid: UUID, act: Callable[..., object], words: str) -> HttpResponse:
    """Act on the visit in the person's name, say how it went, and go back to the patient."""
    visit = access.visit_or_404(user_of(request), uuid, *access.WRITERS)
    actor = acting_as(request, *access.WRITERS)
    try:
        act(visit, actor=actor, reason=request.POST.get("reason", ""), today=local_today(visit.site))
        messages.success(request, words)
    except (pinning.PinError, ReasonMissing) as error:
        messages.error(request, str(error))
    return redirect("patient", uuid=visit.patient.uuid)
