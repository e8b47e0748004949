"""How a site delivers to a program, and whether the program has locked a report: what waits follows at once.

Called by the delivery page. Answers are not touched here; `outbox.prepare` cuts and settles again.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from capture.deliver import outbox
from capture.enter import recording
from capture.models import Patient, Timepoint
from sites import trail
from sites.models import Participation
from sites.trail import Actor


class DeliveringError(ValueError):
    """A change that cannot be; the message says why and what to do."""

    code = "delivering_refused"


@transaction.atomic
def change_mode(participation: Participation, mode: str, *, actor: Actor, reason: str, today: date) -> int:
    """The site delivers to the program by `mode` from now on. Gives for how many patients what waits was settled."""
    why = trail.require_reason(reason)
    if mode not in Participation.Mode.values:
        raise DeliveringError(f"{mode!r} is no way to deliver. Choose one of: {', '.join(Participation.Mode.values)}.")
    row = Participation.objects.select_for_update().get(pk=participation.pk)
    if row.mode == mode:
        return 0
    before, row.mode = row.mode, mode
    row._change_reason = why  # type: ignore[attr-defined]
    row.save()
    subject = f"participation:{row.program.code}@{row.site.code}"
    trail.record(actor, "change_delivery_mode", subject, reason=why, details={"from": before, "to": mode})
    reported = {"visit__site": row.site, "enrollment__program": row.program, "state": Timepoint.State.SUBMITTED}
    patients = Patient.objects.filter(treatments__enrollments__timepoints__in=Timepoint.objects.filter(**reported))
    ids = list(patients.order_by("pk").values_list("pk", flat=True).distinct())
    for pk in ids:
        outbox.prepare(pk, actor=actor, today=today, reason=why)
    return len(ids)


def lock(timepoint: Timepoint, *, actor: Actor, reason: str, today: date) -> Timepoint:
    """The program has locked this report: nothing more leaves for it until it is unlocked."""
    return _set(timepoint, True, actor=actor, reason=reason, today=today)


def unlock(timepoint: Timepoint, *, actor: Actor, reason: str, today: date) -> Timepoint:
    """The program has unlocked this report: what was held for it is prepared."""
    return _set(timepoint, False, actor=actor, reason=reason, today=today)


@transaction.atomic
def _set(timepoint: Timepoint, locked: bool, *, actor: Actor, reason: str, today: date) -> Timepoint:
    why = trail.require_reason(reason)
    patient = Patient.objects.select_for_update().get(pk=timepoint.enrollment.treatment.patient_id)
    row = Timepoint.objects.select_for_update().get(pk=timepoint.pk)
    if row.locked == locked:
        raise DeliveringError(f"This report is {'already' if locked else 'not'} locked. Reload the page.")
    row.locked = locked
    row.save(update_fields=["locked"])
    words = ("open", "locked") if locked else ("locked", "open")
    recording.move(actor, "target", row.uuid, *words, reason=why)
    trail.record(actor, "lock_report" if locked else "unlock_report", f"timepoint:{row.uuid}", reason=why)
    outbox.prepare(patient.pk, actor=actor, today=today, reason=why)
    return row
