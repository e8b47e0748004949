"""Step 4: plans a patient's timepoints into the fewest visits and applies the difference. Called by every writer above.

Planning twice changes nothing and writes nothing. Visits with a draft, a submission or a pin keep their identity.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from capture.models import Patient
from capture.plan import apply, delta, load, owed
from capture.remind import notices
from forms_catalog import publishing
from sites import trail
from sites.trail import Actor


@transaction.atomic
def plan_patient(patient_id: int, *, actor: Actor, reason: str, today: date) -> int:
    """Re-plan one patient from the current release, their enrolments and events. Gives the number of rows written.

    The site's load (sites.LoadPeriod) follows with the next sweep: it is summed a site, not a patient.
    """
    patient = Patient.objects.select_for_update().get(pk=patient_id)
    owed.settle(patient, actor=actor)
    loaded = load.of_patient(patient, publishing.current_spec())
    wanted = delta.decide(loaded.plan)
    written = apply.patient(patient, loaded, wanted, actor=actor, reason=reason).counts()
    if written:
        trail.record(actor, "plan", f"patient:{patient.uuid}", reason=reason, details=written)
    notices.refresh(patient_id, today=today)
    return sum(written.values())
