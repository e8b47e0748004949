"""Pinning a visit to a day and letting it go, from the patient's page."""

from __future__ import annotations

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
    found = access.visit_or_404(user_of(request), uuid, *access.WRITERS)
    actor, reason = acting_as(request, *access.WRITERS), request.POST.get("reason", "")
    try:
        on = date.fromisoformat(request.POST.get("on", ""))
    except ValueError:
        messages.error(request, "Give the day the visit is to stay on.")
        return redirect("patient", uuid=found.patient.uuid)
    try:
        pinning.pin(found, on, actor=actor, reason=reason, today=local_today(found.site))
        messages.success(request, f"The visit stays on {on}.")
    except (pinning.PinError, ReasonMissing) as error:
        messages.error(request, str(error))
    return redirect("patient", uuid=found.patient.uuid)


@require_POST
@require_roles(*access.WRITERS)
def visit_unpin(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The visit's day is planned again."""
    found = access.visit_or_404(user_of(request), uuid, *access.WRITERS)
    actor, reason = acting_as(request, *access.WRITERS), request.POST.get("reason", "")
    try:
        pinning.unpin(found, actor=actor, reason=reason, today=local_today(found.site))
        messages.success(request, "The pin is released; the visit is planned again.")
    except (pinning.PinError, ReasonMissing) as error:
        messages.error(request, str(error))
    return redirect("patient", uuid=found.patient.uuid)
