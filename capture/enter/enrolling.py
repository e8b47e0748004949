"""Patients in: pseudonym, treatment, enrolment, consent. Each write re-plans the patient in the same transaction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q

from capture.deliver import outbox, slicing
from capture.enter import happenings, restarting
from capture.models import Consent, Enrollment, Patient, PatientEvent, Stay, Treatment
from capture.plan import owed, scheduling
from capture.plan.worklist import local_today
from forms_catalog import publishing
from sites import trail
from sites.models import Participation, Program, Site
from sites.trail import Actor

PSEUDONYM = re.compile(r"[A-Z]{2,8}-\d{2,8}")
DATE_LIKE = re.compile(r"[A-Z]+-(19|20)\d\d(0\d|1[0-2])([0-2]\d|3[01])")  # ABC-19640503 is a date of birth
DATA_CLASSES = (slicing.CLINICAL, slicing.IDENTIFIERS)
GIVERS = ("patient", "guardian", "representative")


class EnrollingError(ValueError):
    """An enrolment step that is refused; the message says what to do."""

    code = "enrolling_refused"


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """A consent as recorded: its version, the day it holds from (and to, both included), who gave it, to which data.

    Identifying data (a date of birth, a postal code) is delivered only where a consent of its own names it.
    """

    version: str
    valid_from: date
    given_by: str = "patient"
    valid_to: date | None = None
    data_class: str = slicing.CLINICAL
    carried_from: Consent | None = None


@transaction.atomic
def add_patient(site: Site, pseudonym: str, *, since: date, actor: Actor, reason: str = "") -> Patient:
    """A patient of a site by pseudonym (letters, a dash, digits: ATC-0001). Refuses names and dates of birth."""
    if not PSEUDONYM.fullmatch(pseudonym):
        raise EnrollingError(f"{pseudonym!r} is not a pseudonym. Use letters, a dash and digits, such as ATC-0001.")
    if DATE_LIKE.fullmatch(pseudonym):
        raise EnrollingError(f"{pseudonym} reads like a date. Use a running number, such as ATC-0001.")
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
    """An infusion; its date is day 0 of every schedule. A further one is an event for the schedules of earlier ones.

    Programs whose rules restart then follow it in an enrolment of its own, with the consents that hold on its day.
    """
    locked = Patient.objects.select_for_update().get(pk=patient.pk)
    today = local_today(locked.site, actor.now)
    _check_infusion(locked, infusion_date, product, today)
    treatment = Treatment(patient=locked, infusion_date=infusion_date, product=product.strip())
    treatment._change_reason = reason  # type: ignore[attr-defined]
    treatment.save()
    trail.record(actor, "add_treatment", f"treatment:{treatment.uuid}", reason=reason)
    _infused_again(locked, product, actor=actor, today=today)
    for restart in restarting.wanted(treatment):
        _restart(treatment, restart, actor=actor, today=today)
    return treatment


def _restart(treatment: Treatment, restart: restarting.Restart, *, actor: Actor, today: date) -> None:
    """The next enrolment in the program. A site that takes part no more makes none, and the trail says so."""
    program = restart.before.program
    try:
        with transaction.atomic():
            enrol(
                treatment,
                program,
                enrolled_on=restart.enrolled_on,
                consents=[_carried(c) for c in restart.consents],
                track=restart.before.track,
                owed_from=restart.owed_from,
                actor=actor,
                reason=f"{program} starts again with the new infusion",
                today=today,
            )
    except EnrollingError as error:
        trail.record(actor, "restart_refused", f"treatment:{treatment.uuid}", reason=str(error))


def _carried(consent: Consent) -> ConsentGiven:
    return ConsentGiven(
        consent.version, consent.valid_from, consent.given_by, consent.valid_to, consent.data_class, consent
    )


def _check_infusion(patient: Patient, on: date, product: str, today: date) -> None:
    if on > today:
        raise EnrollingError(f"The infusion date {on} is in the future. Enter it when it has happened.")
    if not product.strip():
        raise EnrollingError("Name the product that was given.")
    if Treatment.objects.filter(patient=patient, infusion_date=on).exists():
        raise EnrollingError(f"{patient} already has an infusion on {on}. Check the date.")
    death = happenings.standing(patient).filter(kind=PatientEvent.Kind.DEATH).first()
    if death and on > death.effective_on:
        raise EnrollingError(f"{patient} died on {death.effective_on}. Check the infusion date {on}.")


def _infused_again(patient: Patient, product: str, *, actor: Actor, today: date) -> None:
    """Each infusion after the first is an event on its day, once."""
    kind = PatientEvent.Kind.NEW_INFUSION
    told = set(happenings.standing(patient).filter(kind=kind).values_list("effective_on", flat=True))
    days = Treatment.objects.filter(patient=patient).order_by("infusion_date").values_list("infusion_date", flat=True)
    for day in [d for d in list(days)[1:] if d not in told]:
        happenings.record(patient, kind, day, actor=actor, reason=f"infusion of {product}", today=today)


@transaction.atomic
def enrol(
    treatment: Treatment,
    program: Program,
    *,
    enrolled_on: date,
    consents: Sequence[ConsentGiven],
    track: str = "",
    owed_from: date | None = None,
    retrospective: bool = False,
    actor: Actor,
    reason: str = "",
    today: date,
) -> Enrollment:
    """Follow a treatment in a program. It owes from acceptance or consent, the later, unless `owed_from` says other.

    `retrospective` owes everything since the infusion. Raises EnrollingError for what cannot be.
    """
    patient = Patient.objects.select_for_update().get(pk=treatment.patient_id)
    _check(patient, treatment, program, enrolled_on=enrolled_on, consents=consents, track=track, today=today)
    start = treatment.infusion_date if retrospective else owed_from or _owed_from(program, patient.site, consents)
    enrollment = Enrollment(treatment=treatment, program=program, track=track, owed_from=start, enrolled_on=enrolled_on)
    enrollment._change_reason = reason  # type: ignore[attr-defined]
    enrollment.save()
    for consent in consents:
        _consent(enrollment, consent, actor=actor)
    details = {"program": program.code, "owed_from": start.isoformat(), "track": track}
    trail.record(actor, "enrol", f"enrollment:{enrollment.uuid}", reason=reason, details=details)
    if Program.objects.filter(pk=program.pk, state=Program.State.LIVE).exists():
        scheduling.plan_patient(patient.pk, actor=actor, reason=reason or "enrolled", today=today)
    return enrollment


@transaction.atomic
def give_consent(enrollment: Enrollment, consent: ConsentGiven, *, actor: Actor, reason: str = "") -> Consent:
    """Record a further consent; it is never changed, an end is a later event (withdrawn) or the next consent.

    Reports that were held for want of it are prepared.
    """
    patient = Patient.objects.select_for_update().get(pk=enrollment.treatment.patient_id)
    row = _consent(enrollment, consent, actor=actor)
    details = {"version": consent.version, "from": consent.valid_from.isoformat(), "data": consent.data_class}
    trail.record(actor, "consent", f"enrollment:{enrollment.uuid}", reason=reason, details=details)
    today = local_today(patient.site, actor.now)
    outbox.prepare(patient.pk, actor=actor, today=today, reason=f"consent {consent.version} recorded")
    return row


def _consent(enrollment: Enrollment, consent: ConsentGiven, *, actor: Actor) -> Consent:
    if not consent.version.strip() or consent.given_by not in GIVERS:
        raise EnrollingError(f"A consent needs its version and who gave it: {', '.join(GIVERS)}.")
    if consent.data_class not in DATA_CLASSES:
        raise EnrollingError(f"A consent is to one kind of data: {', '.join(DATA_CLASSES)}.")
    if consent.valid_to and consent.valid_to < consent.valid_from:
        raise EnrollingError(f"The consent ends on {consent.valid_to}, before it begins on {consent.valid_from}.")
    return Consent.objects.create(
        enrollment=enrollment,
        version=consent.version.strip(),
        data_class=consent.data_class,
        valid_from=consent.valid_from,
        valid_to=consent.valid_to,
        given_by=consent.given_by,
        carried_from=consent.carried_from,
        recorded_by=actor.name,
        recorded_at=actor.now,
    )


def _owed_from(program: Program, site: Site, consents: Sequence[ConsentGiven]) -> date:
    """The first consent, or the day the program was accepted where that is later."""
    first, live = min(c.valid_from for c in consents if c.data_class == slicing.CLINICAL), owed.live_from(program, site)
    return max(first, live) if live else first


def _check(
    patient: Patient,
    treatment: Treatment,
    program: Program,
    *,
    enrolled_on: date,
    consents: Sequence[ConsentGiven],
    track: str,
    today: date,
) -> None:
    if not any(c.data_class == slicing.CLINICAL for c in consents):
        raise EnrollingError(f"No consent for {program} is given. Nobody is followed in a program without one.")
    if enrolled_on > today or any(c.valid_from > today for c in consents):
        raise EnrollingError("An enrolment or consent date is in the future. Enter it when it has happened.")
    if Program.objects.filter(pk=program.pk, state=Program.State.CLOSED).exists():
        raise EnrollingError(f"{program} has closed. Nobody is enrolled in it any more.")
    if Enrollment.objects.filter(treatment=treatment, program=program).exists():
        raise EnrollingError(f"{patient} is already followed in {program} for the infusion {treatment.infusion_date}.")
    takes_part = Q(valid_to__isnull=True) | Q(valid_to__gte=enrolled_on)
    if not Participation.objects.filter(takes_part, program=program, site=patient.site).exists():
        raise EnrollingError(f"{patient.site} does not take part in {program}. Ask the network admin to add it.")
    known = publishing.current_spec().programs.get(program.code)
    if track and known and track not in {t.code for t in known.tracks}:
        tracks = ", ".join(t.code for t in known.tracks) or "none"
        raise EnrollingError(f"{program} has no track {track!r}. It has: {tracks}.")
