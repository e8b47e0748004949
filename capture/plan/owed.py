"""Step 4: from when on an enrolment owes reports: acceptance or consent, the later. Called by planning and enrol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from capture.models import Acceptance, Consent, Enrollment, Patient
from sites import trail
from sites.clock import local_day
from sites.models import Program, Site
from sites.trail import Actor


def live_from(program: Program, site: Site) -> date | None:
    """The site's own date on which the program was accepted first; None while it is not."""
    at = _accepted_at(program.pk)
    return _local(at, site) if at else None


def settle(patients: Iterable[Patient], *, actor: Actor) -> None:
    """Move the start of enrolments that were made before their program was accepted to the day it was.

    Only where they owed from consent: a day that somebody set (an opening balance) stays.
    """
    for enrolment, at in _waiting(patients):
        live = _local(at, enrolment.treatment.patient.site)
        if live <= enrolment.owed_from:
            continue
        details = {"owed_from": [enrolment.owed_from.isoformat(), live.isoformat()], "program": enrolment.program.code}
        enrolment.owed_from = live
        enrolment._change_reason = "program accepted"  # type: ignore[attr-defined]
        enrolment.save()
        trail.record(
            actor, "owed_from", f"enrollment:{enrolment.uuid}", reason="program accepted later", details=details
        )


def if_accepted(program: Program, today: date) -> dict[int, date]:
    """Enrolment id → from when it would owe, had the program been accepted today: what `settle` would move. 2 queries.

    Empty where the program was accepted before.
    """
    if _accepted_at(program.pk):
        return {}
    rows = Consent.objects.filter(enrollment__program=program, enrollment__timepoints=None)
    first: dict[int, tuple[date, date]] = {}
    for pk, given, owed in rows.order_by("recorded_at", "pk").values_list(
        "enrollment", "valid_from", "enrollment__owed_from"
    ):
        first.setdefault(pk, (given, owed))
    return {pk: today for pk, (given, owed) in first.items() if given == owed < today}


def _waiting(patients: Iterable[Patient]) -> Iterator[tuple[Enrollment, datetime]]:
    """Enrolments without any timepoint yet, made before their program was accepted, that owe from consent; with when.

    2 queries where there are some, and 1 a program.
    """
    unplanned = Enrollment.objects.filter(
        treatment__patient__in=[p.pk for p in patients], program__state=Program.State.LIVE, timepoints=None
    )
    rows = list(unplanned.select_related("program", "treatment__patient__site").order_by("pk"))
    if not rows:
        return
    given: dict[int, Consent] = {}
    for consent in Consent.objects.filter(enrollment__in=rows).order_by("recorded_at", "pk"):
        given.setdefault(consent.enrollment_id, consent)
    accepted = {program: _accepted_at(program) for program in {r.program_id for r in rows}}
    for row in rows:
        first, at = given.get(row.pk), accepted[row.program_id]
        if first and at and first.recorded_at < at and first.valid_from == row.owed_from:
            yield row, at


def _accepted_at(program_id: int) -> datetime | None:
    rows = Acceptance.objects.filter(version__program=program_id, accepted=True)
    return rows.order_by("decided_at").values_list("decided_at", flat=True).first()


def _local(at: datetime, site: Site) -> date:
    return local_day(at, site.time_zone)
