"""History and correction of one submitted answer: reason required, both values shown where two people meet."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from capture import access
from capture.enter import answers, correcting
from capture.models import Response
from capture.pages import conflict
from capture.plan.worklist import local_today
from forms_catalog.transforms import MISSING_CODES
from sites.access import acting_as, require_roles, user_of
from sites.models import Role
from sites.trail import ReasonMissing

READERS = (*access.AT_SITE, Role.ADMIN, Role.AUDITOR)


@require_http_methods(["GET", "POST"])
@require_roles(*READERS)
def correct(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show every value this answer ever had; a post replaces the current one with a reason."""
    mine = access.patients_for(user_of(request), *READERS)
    response = get_object_or_404(Response.objects.filter(patient__in=mine), uuid=uuid)
    if request.method == "GET":
        return _page(request, correcting.standing(response))
    access.patient_or_404(user_of(request), response.patient.uuid, *access.WRITERS)
    new = correcting.Correction(
        "|".join(v for v in request.POST.getlist("value") if v), request.POST.get("missing", "")
    )
    actor = acting_as(request, *access.WRITERS)
    try:
        made = correcting.correct(
            response,
            new,
            actor=actor,
            reason=request.POST.get("reason", ""),
            today=local_today(response.patient.site),
        )
    except correcting.StaleResponse as error:
        return _page(request, error.theirs, new, str(error), status=409)
    except (correcting.CorrectionError, ReasonMissing) as error:
        return _page(request, response, new, str(error), status=422)
    messages.success(request, "Corrected. Every program that had the old value gets a new revision.")
    return redirect("visit", uuid=made.visit.uuid) if made.visit else redirect("correct", uuid=made.uuid)


def _page(
    request: HttpRequest,
    response: Response,
    new: correcting.Correction | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    element = answers.element_of(response)
    history = correcting.history_of(response)
    context = {
        "response": response,
        "element": element,
        "label": element.label if element else response.element,
        "history": [(row, conflict.words(element, row.value, row.missing)) for row in history],
        "new": new,
        "problem": problem,
        "missing_choices": list(MISSING_CODES.items()),
        "may_write": access.patients_for(user_of(request), *access.WRITERS).filter(pk=response.patient_id).exists(),
    }
    return render(request, "capture/visit/correct.html", context, status=status)
