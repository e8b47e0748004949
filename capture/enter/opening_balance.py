"""Opening balances: what programs were told before the site worked here. The only writer of OpeningBalance.

Called by the balance page, the file (balance_file) and tests. It is marked "reported elsewhere": it counts for
what is known and for where the next period starts, and is never delivered as such. Loading twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction

from capture.ask.facts import Entry
from capture.ask.records import latest_day
from capture.deliver import outbox
from capture.enter import answers
from capture.models import Enrollment, Occurrence, OpeningBalance, Patient, Response, Timepoint
from capture.plan import scheduling
from capture.query import checks
from forms_catalog import publishing
from forms_catalog.specs import ElementSpec, ProgramSpec, ReleaseSpec
from sites import trail
from sites.trail import Actor

SOURCE = "reported elsewhere"
OWN_ID = "subject-id"


class BalanceError(ValueError):
    """A balance that cannot be; `field` names the column, the message says what to do."""

    code = "balance_refused"
    about: object = None  # the opening, answer or record that is refused

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Opening:
    """One program's balance. Without a `last_entry` nothing was reported before; `own_id` '' = not said."""

    last_entry: str = ""
    last_as_of: date | None = None
    still_owed: tuple[str, ...] = ()
    own_id: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """A static answer that a program was told: the element, its value, and when it was told."""

    element: str
    value: str
    on: date


@dataclass(frozen=True, slots=True)
class Ongoing:
    """A record that was reported and still goes on: its group and values by element."""

    group: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Done:
    """What a load wrote; all 0 where it was loaded before."""

    balances: int = 0
    answers: int = 0
    events: int = 0

    @property
    def nothing(self) -> bool:
        return not (self.balances or self.answers or self.events)


@transaction.atomic
def load(
    patient: Patient,
    openings: Mapping[int, Opening],
    given: Sequence[Given] = (),
    ongoing: Sequence[Ongoing] = (),
    *,
    actor: Actor,
    today: date,
    reason: str = "",
    file_name: str = "",
) -> Done:
    """Load a patient's balance: enrolment id → opening, static answers, open events. All of it or nothing.

    A balance that differs from the one loaded before is a correction: it needs a reason and becomes the next revision.
    Raises BalanceError, ReasonMissing.
    """
    locked = Patient.objects.select_for_update().get(pk=patient.pk)
    release, done = publishing.current_spec(), Done()
    for pk, opening in openings.items():
        with _about(opening):
            enrolment = _enrolment(locked, pk)
            done.balances += _open(enrolment, opening, release, actor=actor, today=today, reason=reason, file=file_name)
            done.answers += _own_id(enrolment, opening, release, actor=actor)
    for one in given:
        with _about(one):
            done.answers += _give(locked, one, release, actor=actor, today=today)
    for record in ongoing:
        with _about(record):
            done.events += _go_on(locked, record, release, actor=actor, today=today)
    if not done.nothing:
        details = {"balances": done.balances, "answers": done.answers, "events": done.events, "file": file_name}
        trail.record(actor, "opening_balance", f"patient:{locked.uuid}", reason=reason, details=details)
        scheduling.plan_patient(locked.pk, actor=actor, reason=reason or "opening balance loaded", today=today)
        outbox.prepare(locked.pk, actor=actor, today=today, reason="opening balance loaded")
    return done


@contextmanager
def _about(part: object) -> Iterator[None]:
    """A refusal inside says which part it is about."""
    try:
        yield
    except BalanceError as error:
        error.about = part
        raise


def newest(enrolment: Enrollment) -> OpeningBalance | None:
    """The balance that counts; None where none was loaded."""
    return OpeningBalance.objects.filter(enrollment=enrolment).order_by("-revision").first()


def own_id_element(program: ProgramSpec | None) -> str:
    """The element of the program's own number of a person: what its first field, or a field of that meaning, reads."""
    asks = sorted(program.asks, key=lambda a: a.field.order) if program else []
    sources = [[s.element for s in a.mapping.sources] if a.mapping else [] for a in asks]
    return OWN_ID if any(OWN_ID in found for found in sources) else next(iter(sources[0]), "") if sources else ""


def _enrolment(patient: Patient, pk: int) -> Enrollment:
    found = Enrollment.objects.select_for_update().filter(pk=pk, treatment__patient=patient)
    row = found.select_related("program", "treatment").first()
    if row is None:
        raise BalanceError(f"{patient} is not followed there. Choose one of the patient's programs.", "program")
    return row


def _open(
    enrolment: Enrollment,
    opening: Opening,
    release: ReleaseSpec,
    *,
    actor: Actor,
    today: date,
    reason: str,
    file: str,
) -> int:
    before = newest(enrolment)
    if before and _same(before, opening):
        return 0
    _check(enrolment, opening, release, today)
    OpeningBalance.objects.create(
        enrollment=enrolment,
        revision=before.revision + 1 if before else 1,
        last_entry=opening.last_entry,
        last_as_of=opening.last_as_of,
        still_owed=sorted(opening.still_owed),
        file_name=file[:200],
        reason=trail.require_reason(reason) if before else reason.strip(),
        entered_by=actor.name,
        entered_at=actor.now,
        simulated=actor.simulated,
    )
    _owe_from(enrolment, opening, release, reason=reason)
    return 1


def _same(before: OpeningBalance, now: Opening) -> bool:
    then = (before.last_entry, before.last_as_of, before.still_owed)
    return then == (now.last_entry, now.last_as_of, sorted(now.still_owed))


def _check(enrolment: Enrollment, opening: Opening, release: ReleaseSpec, today: date) -> None:
    program = release.programs.get(enrolment.program.code)
    if program is None:
        raise BalanceError(f"{enrolment.program} is not accepted yet. Load its balance when it is.", "program")
    codes = {e.code for e in program.entries}
    wrong = next((c for c in (opening.last_entry, *opening.still_owed) if c and c not in codes), "")
    if wrong:
        column = "last_report" if wrong == opening.last_entry else "still_owed"
        raise BalanceError(f"{wrong!r} is no time point of {program.title}: {', '.join(sorted(codes))}.", column)
    if bool(opening.last_entry) != bool(opening.last_as_of):
        raise BalanceError("Give the last report and the day it spoke for, or neither.", "as_of")
    if opening.last_as_of and not enrolment.treatment.infusion_date <= opening.last_as_of <= today:
        text = f"{opening.last_as_of} is before the infusion or in the future. Give the day the last report spoke for."
        raise BalanceError(text, "as_of")
    _not_done_here(enrolment, opening)


def _not_done_here(enrolment: Enrollment, opening: Opening) -> None:
    """A report that was submitted here was not made elsewhere after it."""
    done = Timepoint.objects.filter(enrollment=enrolment, state="submitted", kind="followup")
    first = done.order_by("as_of").first()
    if first and first.as_of and opening.last_as_of and opening.last_as_of >= first.as_of:
        text = f"{first.label} was submitted here for {first.as_of}; what was reported elsewhere ended before that."
        raise BalanceError(text, "as_of")


def _owe_from(enrolment: Enrollment, opening: Opening, release: ReleaseSpec, *, reason: str) -> None:
    """From the day after the last report everything is owed here, and so is what it leaves open before."""
    if opening.last_as_of is None:
        return
    infused = enrolment.treatment.infusion_date
    ends = [
        infused + timedelta(days=e.window_end_day)
        for e in release.programs[enrolment.program.code].entries
        if e.code in opening.still_owed and e.window_end_day is not None
    ]
    start = min([opening.last_as_of + timedelta(days=1), *ends])
    if start != enrolment.owed_from:
        enrolment.owed_from = start
        enrolment._change_reason = reason or "opening balance"  # type: ignore[attr-defined]
        enrolment.save()


def _own_id(enrolment: Enrollment, opening: Opening, release: ReleaseSpec, *, actor: Actor) -> int:
    element = own_id_element(release.programs.get(enrolment.program.code))
    if not opening.own_id or not element:
        return 0
    on = opening.last_as_of or enrolment.enrolled_on
    given = Given(element, opening.own_id, on)
    return _write(enrolment.treatment.patient, f"e{enrolment.pk}", given, release, column="program_id", actor=actor)


def _give(patient: Patient, one: Given, release: ReleaseSpec, *, actor: Actor, today: date) -> int:
    spec = release.elements.get(one.element)
    if spec is None or spec.reuse != "static":
        text = f"{one.element!r} is no element that never changes. Only such answers belong to an opening balance."
        raise BalanceError(text, "field")
    if wrong := checks.value_error(spec, one.value, latest=today):
        raise BalanceError(f"{spec.label}: {wrong}", "value")
    treatment = patient.treatments.order_by("infusion_date").first()
    if spec.scope != "patient" and treatment is None:
        raise BalanceError(f"{patient} has no infusion yet.", "field")
    context = f"p{patient.pk}" if spec.scope == "patient" else f"t{treatment.pk if treatment else 0}"
    return _write(patient, context, one, release, column="value", actor=actor)


def _write(patient: Patient, context: str, one: Given, release: ReleaseSpec, *, column: str, actor: Actor) -> int:
    """Keep an answer unless it is there; one that says otherwise is corrected by a person, not by a balance."""
    there = Response.objects.filter(element=one.element, context=context, qualifier="", is_current=True).first()
    if there is not None and there.value == one.value:
        return 0
    if there is not None and not there.missing:
        text = f"{_label(release.elements, one.element)} was given otherwise already. Correct it at its answer."
        raise BalanceError(text, column)
    if there is not None:
        answers.replace(there, value=one.value, missing="", actor=actor, reason=SOURCE, on=one.on)
        return 1
    entry = {one.element: Entry(one.value, observed_on=one.on)}
    answers.add_values(patient.pk, context, entry, release.elements, on=one.on, source=SOURCE, actor=actor)
    return 1


def _go_on(patient: Patient, record: Ongoing, release: ReleaseSpec, *, actor: Actor, today: date) -> int:
    group = release.groups.get(record.group)
    if group is None:
        raise BalanceError(f"{record.group!r} is no kind of record of the catalog.", "record")
    for name, value in record.values.items():
        spec = release.elements.get(name)
        if spec is None or name not in group.fields:
            raise BalanceError(f"{name!r} is no field of {record.group}. It has {', '.join(group.fields)}.", "field")
        if wrong := checks.value_error(spec, value, latest=today):
            raise BalanceError(f"{spec.label}: {wrong}", "value")
    if latest_day(record.values.get(group.date, "")) is None:
        raise BalanceError(f"{_label(release.elements, group.date)}: every open event needs its date.", "field")
    if _there(patient, record):
        return 0
    values = {name: Entry(value) for name, value in record.values.items()}
    answers.add_record(
        patient.pk, group.id, values, release.elements, on=today, source=SOURCE, elsewhere=True, actor=actor
    )
    return 1


def _there(patient: Patient, record: Ongoing) -> bool:
    """Whether the same record was loaded before."""
    for one in Occurrence.objects.filter(patient=patient, group=record.group, elsewhere=True):
        rows = Response.objects.filter(context=f"o{one.pk}").order_by("pk")
        first = {r.element: str(r.value) for r in rows if r.replaces_id is None}
        if first == dict(record.values):
            return True
    return False


def _label(elements: Mapping[str, ElementSpec], element: str) -> str:
    return elements[element].label if element in elements else element
