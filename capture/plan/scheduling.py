"""Step 4: plans patients' timepoints into the fewest visits and applies the difference. Called by every writer above.

Planning twice changes nothing and writes nothing. Visits with a draft, a submission or a pin keep their identity.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from django.db import transaction

from capture.models import Patient
from capture.plan import apply, delta, load, owed
from capture.remind import notices
from forms_catalog import publishing
from sites import trail
from sites.trail import Actor


def plan_patient(patient_id: int, *, actor: Actor, reason: str, today: date) -> int:
    """Re-plan one patient from the current release, their enrolments and events. Gives the number of rows written.

    The site's load (sites.LoadPeriod) follows with the next sweep: it is summed a site, not a patient.
    """
    return plan_patients([patient_id], actor=actor, reason=reason, today=today)[patient_id]


@transaction.atomic
def plan_patients(ids: Collection[int], *, actor: Actor, reason: str, today: date) -> Mapping[int, int]:
    """Re-plan several patients in one transaction, all or none. Gives the number of rows written by patient.

    As many queries for many as for one; the patients are locked in the order of their ids.
    """
    rows = list(Patient.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk"))
    owed.settle(rows, actor=actor)
    facts = load.of_patients([p.pk for p in rows], publishing.current_spec())
    batch = [(p, facts[p.pk], delta.decide(facts[p.pk].plan)) for p in rows]
    found = [w.counts() for w in apply.patients(batch, actor=actor, reason=reason)]
    written = {p: counts for p, counts in zip(rows, found, strict=True) if counts}
    trail.record_each(actor, "plan", {f"patient:{p.uuid}": n for p, n in written.items()}, reason=reason)
    notices.refresh([p.pk for p in rows], today=today)
    return {p.pk: sum(counts.values()) for p, counts in zip(rows, found, strict=True)}
