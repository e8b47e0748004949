"""A patient with submitted visits as plain rows: fast, for tests of outbox, sending, receipts and pages.

The real release of the three CAR-T programs; visits, answers and records are written without the forms' gateways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from capture.deliver import outbox
from capture.enter import answers
from capture.models import (
    Consent,
    Delivery,
    Enrollment,
    Occurrence,
    Patient,
    Response,
    Submission,
    Timepoint,
    Treatment,
    Visit,
)
from forms_catalog import publishing
from forms_catalog.models import Release
from sites.models import Participation
from tests.releases import CAR, program_spec, release_of
from tests.world import AT, LONG_AGO, World

INFUSED = date(2025, 1, 1)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TODAY = NOW.date()


def day(number: int) -> date:
    """The date of a day number; the infusion is day 0."""
    return INFUSED + timedelta(days=number)


@dataclass
class Case:
    """One patient of North followed by the three programs, each with its own number of the person."""

    world: World
    patient: Patient
    treatment: Treatment
    release: Release
    enrolled: dict[str, Enrollment] = field(default_factory=dict)

    def visit(self, on: int, **entries: str) -> Submission:
        """A submitted visit on a day that serves these entries (program=code), each speaking for that day."""
        moment = datetime.combine(day(on), datetime.min.time(), UTC)
        visit = Visit.objects.create(
            patient=self.patient,
            treatment=self.treatment,
            site=self.patient.site,
            kind="followup",
            planned_on=day(on),
            release=self.release,
            submitted_at=moment,
        )
        for program, code in entries.items():
            self.timepoint(visit, program, code, on)
        return Submission.objects.create(
            client_uuid=uuid4(),
            visit=visit,
            release=self.release,
            content_sha256="0" * 64,
            sheet={},
            sheet_sha256="0" * 64,
            submitted_by="alice",
            submitted_at=moment,
        )

    def timepoint(self, visit: Visit, program: str, code: str, on: int) -> Timepoint:
        label = next(e.label for e in program_spec(program).entries if e.code == code)
        return Timepoint.objects.create(
            enrollment=self.enrolled[program],
            entry_code=code,
            kind="followup",
            label=label,
            visit=visit,
            target_on=day(on),
            window_start=day(on - 15),
            window_end=day(on + 15),
            due_on=day(on + 30),
            state="submitted",
            as_of=day(on),
        )

    def answer(self, element: str, value: str, context: str, **more: object) -> Response:
        """One current answer in a context."""
        return Response.objects.create(
            patient=self.patient, element=element, value=value, context=context, author="alice", recorded_at=NOW, **more
        )

    def at(self, submission: Submission, **values: str) -> None:
        """Answers whose place is the visit itself; names with _ for -."""
        for name, value in values.items():
            place = {"visit": submission.visit, "submission": submission, "observed_on": submission.visit.planned_on}
            self.answer(name.replace("_", "-"), value, f"v{submission.visit_id}", **place)

    def nothing_new(self, submission: Submission, group: str, after: int, upto: int, value: str = "no") -> None:
        """Every day of (after, upto] was asked about."""
        covers = {"covers_from": day(after), "covers_to": day(upto), "visit": submission.visit}
        self.answer("any-new", value, f"v{submission.visit_id}", qualifier=group, **covers)

    def record(self, group: str, **values: str) -> Occurrence:
        """A record with its fields."""
        ordinal = Occurrence.objects.filter(patient=self.patient, group=group).count() + 1
        made = Occurrence.objects.create(
            patient=self.patient, group=group, ordinal=ordinal, created_by="alice", created_at=NOW
        )
        for name, value in values.items():
            self.answer(name.replace("_", "-"), value, f"o{made.pk}")
        return made

    def prepare(self, submission: Submission | None) -> list[Delivery]:
        """What submit and correct do at their end."""
        return outbox.prepare(self.patient.pk, submission=submission, actor=AT, today=TODAY)


def case(
    world: World,
    mode: str = "file",
    *,
    numbers: bool = True,
    pseudonym: str = "NRT-0001",
    ends: Mapping[str, date] | None = None,
) -> Case:
    """The patient, enrolled and consented since the infusion (till the program's day in `ends`), with no visit yet."""
    versions = dict.fromkeys(CAR, 1)
    release = publishing.publish(release_of(*CAR), versions, actor=AT, reason="test")
    patient = Patient.objects.create(pseudonym=pseudonym, site=world.north)
    treatment = Treatment.objects.create(patient=patient, infusion_date=INFUSED, product="axi-cel")
    made = Case(world, patient, treatment, release)
    for number, code in enumerate(CAR):
        program = world.programs[code]
        Participation.objects.get_or_create(
            program=program, site=world.north, valid_from=LONG_AGO, defaults={"mode": mode}
        )
        enrolled = Enrollment.objects.create(
            treatment=treatment, program=program, owed_from=INFUSED, enrolled_on=INFUSED
        )
        Consent.objects.create(
            enrollment=enrolled,
            version="v1",
            valid_from=INFUSED,
            valid_to=(ends or {}).get(code),
            recorded_by="alice",
            recorded_at=NOW,
        )
        made.enrolled[code] = enrolled
        if numbers:
            made.answer("subject-id", f"{7000 + number}", f"e{enrolled.pk}")
    return made


def d100(made: Case) -> Submission:
    """The joint visit of day 100 with a few answers."""
    submission = made.visit(100, car_registry_na="D100", car_registry_eu="D100", car_pass_sponsor="M3")
    made.at(submission, vital_status="alive", contact_date=str(day(100)))
    return submission


def corrected(element: str, value: str = "", missing: str = "") -> None:
    """The current answer is replaced by another one; nothing is cut again yet."""
    before = Response.objects.get(element=element, is_current=True)
    answers.replace(before, value=value, missing=missing, actor=AT, reason="corrected for the test", on=None)


def of(program: str, revision: int = 1) -> Delivery:
    """The program's delivery of this revision."""
    return Delivery.objects.get(timepoint__enrollment__program__code=program, revision=revision)
