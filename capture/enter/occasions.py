"""Safety records: a serious event, malignancy, pregnancy or death saved at once, with its time of awareness.

The only writer of SafetyRecord and OccurrenceMark. Nothing waits in a draft: one transaction keeps the record, opens
the occasions that programs demand of it, and queues what goes out. Cancelling marks the record as entered in error;
what had left says so in a new revision. Called by the safety page and tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from capture.ask.facts import Entry
from capture.ask.records import latest_day
from capture.deliver import outbox
from capture.enter import answers, happenings
from capture.enter.happenings import HappeningError
from capture.models import Occurrence, OccurrenceMark, Patient, PatientEvent, SafetyRecord, Treatment, Visit, sealed
from capture.models.safety import marked
from capture.plan import scheduling
from capture.query import checks
from forms_catalog import publishing, serial
from forms_catalog.specs import ReleaseSpec
from forms_catalog.specs.triggers import DEATH
from sites import trail
from sites.clock import local_day
from sites.trail import Actor

SOURCE = "safety record"
AWARENESS = "ae-awareness-date"
DEATH_DATE = "death-date"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of safety record: the record group it is kept in ('' for a death) and what it says by itself."""

    code: str
    label: str
    group: str = ""
    says: tuple[tuple[str, str], ...] = ()


KINDS: Mapping[str, Kind] = {
    k.code: k
    for k in (
        Kind("serious-event", "Serious adverse event", "adverse-event", (("ae-serious", "yes"),)),
        Kind("malignancy", "New malignancy", "malignancy"),
        Kind("pregnancy", "Pregnancy", "pregnancy"),
        Kind(DEATH, "Death"),
    )
}


class SafetyError(ValueError):
    """A safety record that is refused; `findings` is element → what to do."""

    code = "safety_refused"

    def __init__(self, message: str, findings: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.findings = dict(findings or {})


class OtherSafetyContent(SafetyError):
    """The same client id came with other content; nothing was written."""

    code = "other_content"


@dataclass(frozen=True, slots=True)
class Report:
    """What was typed: the kind, the values by element, when the site became aware, and the open form it came from."""

    client_uuid: UUID
    kind: str
    values: Mapping[str, Entry]
    aware_at: datetime
    visit: Visit | None = None

    @property
    def sha256(self) -> str:
        """Names the content, so that a repeat is told from a conflict."""
        said = {name: [e.value, e.missing] for name, e in sorted(self.values.items()) if e.given}
        return sealed.fingerprint(serial.digest([self.kind, said, self.aware_at.isoformat()]))


@transaction.atomic
def save(patient: Patient, report: Report, *, actor: Actor, today: date) -> SafetyRecord:
    """Keep the record, open its occasions and queue what goes out, at once. A repeat gives the same record back.

    Raises SafetyError with what to correct, OtherSafetyContent where the client id is taken by other content.
    """
    locked = Patient.objects.select_for_update().select_related("site").get(pk=patient.pk)
    if repeat := SafetyRecord.objects.filter(client_uuid=report.client_uuid).first():
        if repeat.content_sha256 != report.sha256 or repeat.patient_id != locked.pk:
            raise OtherSafetyContent("This report was already saved with other answers. Look at what is saved.")
        return repeat
    release = publishing.current_spec()
    _check(locked, report, release, actor=actor, today=today)
    kind = KINDS[report.kind]
    occurrence = _record(locked, report, release, actor=actor, today=today) if kind.group else None
    event = None if occurrence else _death(locked, report, actor=actor, today=today)
    made = SafetyRecord.objects.create(
        client_uuid=report.client_uuid,
        content_sha256=report.sha256,
        patient=locked,
        kind=report.kind,
        occurrence=occurrence,
        event=event,
        visit=report.visit,
        aware_at=report.aware_at,
        entered_by=actor.name,
        entered_at=actor.now,
        simulated=actor.simulated,
    )
    details = {"kind": report.kind, "record": _name(made), "aware_at": report.aware_at.isoformat()}
    trail.record(actor, "safety_record", f"patient:{locked.uuid}", details=details)
    _follow(locked, f"{kind.label} reported", actor=actor, today=today)
    return made


@transaction.atomic
def cancel(patient: Patient, occurrence: Occurrence, *, actor: Actor, reason: str, today: date) -> OccurrenceMark:
    """The record was entered in error: its occasions close, and what had left of it is taken back in a new revision.

    A death is cancelled by undoing its event (happenings.undo). Raises SafetyError, ReasonMissing.
    """
    return _mark(patient, occurrence, True, actor=actor, reason=reason, today=today)


@transaction.atomic
def reset(patient: Patient, occurrence: Occurrence, *, actor: Actor, reason: str, today: date) -> OccurrenceMark:
    """A record that was marked as entered in error stands again, and so does what it opened."""
    return _mark(patient, occurrence, False, actor=actor, reason=reason, today=today)


def _mark(
    patient: Patient, occurrence: Occurrence, in_error: bool, *, actor: Actor, reason: str, today: date
) -> OccurrenceMark:
    why = trail.require_reason(reason)
    locked = Patient.objects.select_for_update().get(pk=patient.pk)
    found = marked(Occurrence.objects.filter(pk=occurrence.pk, patient=locked)).first()
    if found is None:
        raise SafetyError("This record is not one of this patient. Reload the page.")
    if bool(found.in_error) == in_error:
        words = "is already marked as entered in error" if in_error else "stands already"
        raise SafetyError(f"This record {words}. Reload the page to see who did it.")
    mark = OccurrenceMark.objects.create(occurrence=found, in_error=in_error, reason=why, by=actor.name, at=actor.now)
    details = {"record": f"{found.group} {found.ordinal}"}
    action = "record_in_error" if in_error else "record_stands_again"
    trail.record(actor, action, f"patient:{locked.uuid}", reason=why, details=details)
    words = "entered in error" if in_error else "stands again"
    _follow(locked, f"{found.group} {found.ordinal} {words}: {why}", actor=actor, today=today)
    return mark


def _follow(patient: Patient, reason: str, *, actor: Actor, today: date) -> None:
    """What follows from a record that came, went or came back."""
    scheduling.plan_patient(patient.pk, actor=actor, reason=reason, today=today)
    outbox.prepare(patient.pk, actor=actor, today=today, reason=reason)


def _record(patient: Patient, report: Report, release: ReleaseSpec, *, actor: Actor, today: date) -> Occurrence:
    kind, aware_on = KINDS[report.kind], local_day(report.aware_at, patient.site.time_zone)
    group = release.groups[kind.group]
    values = {name: e for name, e in report.values.items() if e.given and name in group.fields}
    values |= {name: Entry(value) for name, value in kind.says}
    if AWARENESS in group.fields:
        values[AWARENESS] = Entry(aware_on.isoformat())
    return answers.add_record(patient.pk, group.id, values, release.elements, on=aware_on, source=SOURCE, actor=actor)


def _death(patient: Patient, report: Report, *, actor: Actor, today: date) -> PatientEvent:
    day = latest_day(report.values[DEATH_DATE].value)
    assert day is not None  # checked before
    try:
        return happenings.record(
            patient,
            PatientEvent.Kind.DEATH,
            day,
            details={"aware_at": report.aware_at.isoformat()},
            actor=actor,
            reason=SOURCE,
            today=today,
        )
    except HappeningError as error:
        raise SafetyError(str(error)) from error


def _check(patient: Patient, report: Report, release: ReleaseSpec, *, actor: Actor, today: date) -> None:
    kind = KINDS.get(report.kind)
    if kind is None or (kind.group and kind.group not in release.groups):
        raise SafetyError("Choose what happened: a serious event, a new malignancy, a pregnancy or a death.")
    if report.aware_at > actor.now:
        raise SafetyError("Awareness cannot lie in the future.", {"aware": "give the time you became aware of it."})
    dated = release.groups[kind.group].date if kind.group else DEATH_DATE
    aware_on = local_day(report.aware_at, patient.site.time_zone)
    found = _values(report, kind, release, aware_on)
    day = latest_day(report.values.get(dated, Entry()).value)
    first = Treatment.objects.filter(patient=patient).order_by("infusion_date").values_list("infusion_date", flat=True)
    infused = first.first()
    if day is None:
        found.setdefault(dated, "give the date, or year and month where the day is not known.")
    elif infused is None or day < infused:
        found[dated] = "is before the infusion. What was there before belongs to the baseline form."
    if found:
        raise SafetyError("Some answers need a look before this can be saved.", found)


def _values(report: Report, kind: Kind, release: ReleaseSpec, aware_on: date) -> dict[str, str]:
    """Element → what is wrong with its value."""
    known = release.groups[kind.group].fields if kind.group else (DEATH_DATE,)
    found = {}
    for name, entry in report.values.items():
        spec = release.elements.get(name)
        if spec is None or name not in known:
            found[name] = "is not asked here. Reload the page."
        elif entry.value and (wrong := checks.value_error(spec, entry.value, latest=aware_on)):
            found[name] = wrong.replace("the date this report speaks for", "the day you became aware of it")
    return found


def _name(made: SafetyRecord) -> str:
    return f"{made.occurrence.group} {made.occurrence.ordinal}" if made.occurrence else DEATH
