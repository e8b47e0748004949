"""A new infusion starts a new enrolment where a program's rules say so; its consents are carried over, visibly.

Called by enrolling.add_treatment, after the infusion's event has closed or kept the earlier series.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from capture.enter import happenings
from capture.models import Consent, Enrollment, Patient, PatientEvent, Treatment
from forms_catalog import effects, publishing
from sites.models import Program

Kind = PatientEvent.Kind
ENDED = (Kind.WITHDRAWN, Kind.PROGRAM_CLOSED)


@dataclass(frozen=True, slots=True)
class Restart:
    """An enrolment to make for the new treatment: the earlier one it follows, and the consents that go on."""

    before: Enrollment
    consents: tuple[Consent, ...]
    owed_from: date
    enrolled_on: date


def wanted(treatment: Treatment) -> list[Restart]:
    """What the latest treatment starts, by program. Nothing where consent or the program has ended by then."""
    on, patient = treatment.infusion_date, treatment.patient
    if Treatment.objects.filter(patient=patient, infusion_date__gt=on).exists():
        return []
    made = []
    for before in _running(treatment):
        consents = _holding(before, on)
        if consents and not _ended(patient, before.program.code, on):
            since = max(before.owed_from, on)
            made.append(Restart(before, tuple(consents), since, max(before.enrolled_on, on)))
    return made


def _running(treatment: Treatment) -> Iterable[Enrollment]:
    """The latest earlier enrolment of each live program that restarts, unless the treatment is followed in it."""
    rules = {code: effects.read(spec.rules) for code, spec in publishing.current_spec().programs.items()}
    rows = Enrollment.objects.filter(treatment__patient=treatment.patient, program__state=Program.State.LIVE)
    rows = rows.filter(treatment__infusion_date__lt=treatment.infusion_date).select_related("program", "treatment")
    last = {e.program.code: e for e in rows.order_by("treatment__infusion_date")}
    followed = set(Enrollment.objects.filter(treatment=treatment).values_list("program__code", flat=True))
    return [e for code, e in sorted(last.items()) if code in rules and rules[code].restart and code not in followed]


def _holding(enrolment: Enrollment, on: date) -> list[Consent]:
    ends = Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    return list(Consent.objects.filter(ends, enrollment=enrolment).order_by("valid_from", "pk"))


def _ended(patient: Patient, program: str, on: date) -> bool:
    told = happenings.standing(patient).filter(program__in=("", program), effective_on__lte=on)
    last = told.filter(kind__in=(*ENDED, Kind.RECONSENTED)).last()
    return last is not None and last.kind in ENDED
