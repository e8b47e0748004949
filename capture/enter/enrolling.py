"""Patients in: pseudonym, treatment, enrolment, consent. Each write re-plans the patient in the same transaction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from capture.models import Acceptance, Consent, Enrollment, Patient, Stay, Treatment
from capture.plan import scheduling
from sites import trail
from sites.models import Participation, Program, Site
from sites.trail import Actor

PSEUDONYM = re.compile(r"[A-Z]{2,8}-\d{2,8}")


class EnrollingError(ValueError):
    """An enrolment step that is refused; the message says what to do."""

    code = "enrolling_refused"


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """A consent as recorded: its version, the day it holds from, who gave it."""

    version: str
    valid_from: date
    given_by: str = "patient"
    valid_to: date | None = None


@transaction.atomic
def add_patient(site: Site, pseudonym: str, *, since: date, actor: Actor, reason: str = "") -> Patient:
    """A patient of a site by pseudonym (letters, a dash, digits: ATC-0001). Refuses names and dates of birth."""
    if not PSEUDONYM.fullmatch(pseudonym):
        raise EnrollingError(f"{pseudonym!r} is not a pseudonym. Use letters, a dash and digits, such as ATC-0001.")
    if Patient.objects.filter(pseudonym=pseudonym).exists():
        raise EnrollingError(f"{pseudonym} is already in use. Choose the next number.")
    patient = Patient(pseudonym=pseudonym, site=site)
    patient._change_reason = reason  # type: ignore[attr-defined]
    patient.save()
    Stay.objects.create(patient=patient, site=site, valid_from=since, recorded_by=actor.name, reason=reason)
    trail.record(actor, "add_patient", f"patient:{patient.uuid}", reason=reason)
    return patient


@transaction.atomic
def add_treatment(patient: Patient, infusion_date: date, product: str, *, actor: Actor, reason: str = "") -> Treatment:
    """An infusion; its date is day 0 of every schedule."""
    if infusion_date > actor.now.date():
        raise EnrollingError(f"The infusion date {infusion_date} is in the future. Enter it when it has happened.")
    treatment = Treatment(patient=patient, infusion_date=infusion_date, product=product)
    treatment._change_reason = reason  # type: ignore[attr-defined]
    treatment.save()
    trail.record(actor, "add_treatment", f"treatment:{treatment.uuid}", reason=reason)
    return treatment


@transaction.atomic
def enrol(
    treatment: Treatment,
    program: Program,
    *,
    enrolled_on: date,
    consents: Sequence[ConsentGiven],
    track: str = "",
    owed_from: date | None = None,
    actor: Actor,
    reason: str = "",
    today: date,
) -> Enrollment:
    """Follow a treatment in a program. It owes from acceptance or consent, the later, unless `owed_from` says other."""
    site = treatment.patient.site
    if not Participation.objects.filter(program=program, site=site).exists():
        raise EnrollingError(f"{site} does not take part in {program}. Ask the network admin to add it.")
    if not consents:
        raise EnrollingError(f"No consent for {program} is given. Nobody is followed in a program without one.")
    start = owed_from or max(c.valid_from for c in consents[:1])
    accepted = Acceptance.objects.filter(version__program=program, accepted=True).order_by("decided_at").first()
    if owed_from is None and accepted:
        start = max(start, accepted.decided_at.date())
    enrollment = Enrollment(treatment=treatment, program=program, track=track, owed_from=start, enrolled_on=enrolled_on)
    enrollment._change_reason = reason  # type: ignore[attr-defined]
    enrollment.save()
    for consent in consents:
        give_consent(enrollment, consent, actor=actor)
    trail.record(actor, "enrol", f"enrollment:{enrollment.uuid}", reason=reason, details={"program": program.code})
    if Program.objects.filter(pk=program.pk, state=Program.State.LIVE).exists():
        scheduling.plan_patient(treatment.patient_id, actor=actor, reason="enrolled", today=today)
    return enrollment


def give_consent(enrollment: Enrollment, consent: ConsentGiven, *, actor: Actor) -> Consent:
    """Record a consent; it is never changed, an end is a later event or row."""
    return Consent.objects.create(
        enrollment=enrollment,
        version=consent.version,
        valid_from=consent.valid_from,
        valid_to=consent.valid_to,
        given_by=consent.given_by,
        recorded_by=actor.name,
        recorded_at=actor.now,
    )
