"""Corrections of submitted answers: reason, history, new delivery revisions. Called by the visit page and the demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from capture.ask.entered import in_record
from capture.deliver import outbox
from capture.enter import answers
from capture.models import Response, Visit
from capture.plan import scheduling
from capture.query import checks
from sites import trail
from sites.trail import Actor


class CorrectionError(Exception):
    """A correction that is refused, with what to do in words."""

    code = "invalid_correction"


class StaleResponse(Exception):
    """Somebody else corrected this answer meanwhile; `theirs` is the value that stands now."""

    code = "stale_response"

    def __init__(self, theirs: Response) -> None:
        super().__init__("Somebody else has corrected this answer. Both values are shown; choose and say why.")
        self.theirs = theirs


@dataclass(frozen=True, slots=True)
class Correction:
    """A new value, or a missing code, for one submitted answer."""

    value: str = ""
    missing: str = ""


@transaction.atomic
def correct(response: Response, new: Correction, *, actor: Actor, reason: str, today: date) -> Response:
    """Replace the answer, keep the old one, and prepare new revisions of every delivery it changes.

    Raises CorrectionError for an unfit value, StaleResponse where `response` is no longer the current one, and
    trail.ReasonMissing without a reason.
    """
    why = trail.require_reason(reason)
    if response.visit_id:
        Visit.objects.select_for_update().get(pk=response.visit_id)
    current = Response.objects.select_for_update().get(pk=response.pk)
    if not current.is_current:
        raise StaleResponse(standing(current))
    _check(current, new, today)
    made = answers.replace(current, value=new.value, missing=new.missing, actor=actor, reason=why, on=None)
    submission = current.submission
    if submission is not None:
        submission.visit.version += 1
        submission.visit.save(update_fields=["version"])
        _replan(current, actor=actor, why=why, today=today)
        outbox.prepare(current.patient_id, submission=submission, actor=actor, today=today)
    elif in_record(current.context):
        _replan(current, actor=actor, why=why, today=today)
        outbox.prepare(current.patient_id, actor=actor, today=today, reason=why)
    trail.record(actor, "correct", f"response:{made.uuid}", reason=why, details={"element": made.element})
    return made


def _replan(response: Response, *, actor: Actor, why: str, today: date) -> None:
    """A corrected record may open an occasion, or one that it opened may not be due any more."""
    if in_record(response.context):
        scheduling.plan_patient(response.patient_id, actor=actor, reason=f"record corrected: {why}", today=today)


def standing(response: Response) -> Response:
    """The answer that stands now in the place of `response`."""
    return Response.objects.get(
        element=response.element, qualifier=response.qualifier, context=response.context, is_current=True
    )


def history_of(response: Response) -> list[Response]:
    """Every answer given in this place, newest first."""
    rows = Response.objects.filter(
        patient=response.patient_id,
        element=response.element,
        qualifier=response.qualifier,
        context=response.context,
    )
    return list(rows.order_by("-recorded_at", "-id"))


def _check(response: Response, new: Correction, today: date) -> None:
    if bool(new.value) == bool(new.missing):
        raise CorrectionError("Give a new value, or say why it is missing; one of the two.")
    if (new.value, new.missing) == (response.value, response.missing):
        raise CorrectionError("The new value equals the old one; nothing to correct.")
    element = answers.element_of(response)
    if new.value and element is not None and not response.qualifier:
        error = checks.value_error(element, new.value, latest=response.covers_to or today)
        if error:
            raise CorrectionError(f"{element.label}: {error}")
