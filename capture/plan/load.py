"""Step 4: fills the facts of planning with a fixed number of queries, for one patient or many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q

from capture.models import (
    Draft,
    Enrollment,
    OpeningBalance,
    Patient,
    PatientEvent,
    PlanPin,
    Stay,
    Timepoint,
    Treatment,
    Visit,
)
from capture.plan import openers, triggered
from capture.plan.arranged import Arranged
from capture.plan.delta import EnrolmentPlan, Held, Hold, PatientPlan, Slot, VisitFact, slot_key
from capture.plan.elsewhere import Balance, Days, told_by
from capture.plan.events import EnrolmentFact, EventFact
from capture.plan.slots import recall_ends, slots_of
from capture.plan.triggered import Opener
from capture.plan.workdays import Calendar, DaysOff
from forms_catalog import publishing
from forms_catalog.specs import ProgramSpec, ReleaseSpec
from sites.models import Program

PLANNED_STATES = (Program.State.LIVE, Program.State.CLOSED)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Loaded:
    """The facts of one patient, and the rows that applying a plan changes: timepoints by slot key, visits by id."""

    plan: PatientPlan
    enrolments: Mapping[int, Enrollment]
    rows: Mapping[str, Timepoint]
    visits: Mapping[int, Visit]
    stays: tuple[tuple[date, int], ...]  # (from day, site id), earliest first


def of_patient(patient: Patient, release: ReleaseSpec) -> Loaded:
    """What plans a patient: enrolments, visits, reports, pins, events, openers: 6 to 8 queries."""
    return of_patients([patient.pk], release)[patient.pk]


def of_patients(ids: Collection[int], release: ReleaseSpec, *, also: Collection[str] = ()) -> dict[int, Loaded]:
    """Patient id → their facts, for many at once; `also` names programs as if they were accepted. 6 to 8 queries."""
    counted = Q(program__state__in=PLANNED_STATES) | Q(program__code__in=list(also))
    enrolments = {
        e.pk: e
        for e in Enrollment.objects.filter(counted, treatment__patient__in=list(ids))
        .select_related("program", "treatment")
        .order_by("pk")
        if e.program.code in release.programs
    }
    patient_of = {pk: e.treatment.patient_id for pk, e in enrolments.items()}
    points = Timepoint.objects.filter(enrollment__in=list(enrolments)).order_by("pk")
    visits = _by(_visits(ids), lambda v: v.patient_id)
    happened = PatientEvent.objects.filter(patient__in=list(ids)).select_related("undoes", "patient__site")
    events = _by(happened, lambda e: e.patient_id)
    opened = openers.of_patients(ids, release, events)
    stays = _by(
        Stay.objects.filter(patient__in=list(ids)).select_related("site").order_by("valid_from", "pk"),
        lambda s: s.patient_id,
    )
    pins = _by(_pins(ids), lambda p: p.visit.patient_id)
    rows = _by(points, lambda t: patient_of[t.enrollment_id])
    balances = _balances(enrolments)
    mine = _by(enrolments.values(), lambda e: patient_of[e.pk])
    asked = {code: _Asked.of(release, code) for code in {e.program.code for e in enrolments.values()}}
    return {
        pk: _loaded(
            mine[pk],
            rows[pk],
            visits[pk],
            pins[pk],
            events[pk],
            opened.get(pk, ()),
            stays[pk],
            asked,
            balances,
        )
        for pk in ids
    }


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one program's release says for every patient, read once for many."""

    release: ReleaseSpec
    program: ProgramSpec
    recall_ends: Mapping[str, int]

    @classmethod
    def of(cls, release: ReleaseSpec, code: str) -> _Asked:
        program = release.programs[code]
        return cls(release, program, recall_ends(program, release))


def _by(found: Iterable[Row], patient: Callable[[Row], int]) -> Mapping[int, list[Row]]:
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in found:
        groups[patient(row)].append(row)
    return groups


def _loaded(
    enrolments: Sequence[Enrollment],
    points: Sequence[Timepoint],
    visits: Sequence[Visit],
    pins: Sequence[PlanPin],
    events: Sequence[PatientEvent],
    openers: Sequence[Opener],
    stays: Sequence[Stay],
    asked: Mapping[str, _Asked],
    balances: Mapping[int, Balance],
) -> Loaded:
    opened = _asked_by(visits)
    rows = {slot_key(t.enrollment_id, t.entry_code, t.cycle): t for t in points}
    arranged = _arranged(pins, rows)
    keys = {str(row.uuid): key for key, row in rows.items()}
    plan = PatientPlan(
        enrolments=tuple(
            _enrolment(e, asked[e.program.code], rows, opened, openers, balances.get(e.pk)) for e in enrolments
        ),
        held={key: _held(row) for key, row in rows.items()},
        visits=tuple(_visit(v, arranged.get(v.pk)) for v in visits),
        events=tuple(_event(e, keys) for e in events),
        calendar=Calendar(tuple(_days_off(s) for s in stays)),
    )
    return Loaded(
        plan,
        {e.pk: e for e in enrolments},
        rows,
        {v.pk: v for v in visits},
        tuple((s.valid_from, s.site_id) for s in stays),
    )


def _days_off(stay: Stay) -> DaysOff:
    return DaysOff(
        since=stay.valid_from.toordinal(),
        weekdays=frozenset(int(digit) for digit in stay.site.closed_weekdays),
        days=frozenset(date.fromisoformat(day).toordinal() for day in stay.site.closed_on),
    )


def site_on(stays: Sequence[tuple[date, int]], day: date) -> int | None:
    """The site responsible on a day: of the latest stay begun by then, the one recorded last; before all, the first."""
    begun = [site for start, site in stays if start <= day]
    return begun[-1] if begun else next((site for _, site in stays), None)


def treatment_of(keys: Iterable[str], loaded: Loaded, slots: Mapping[str, Slot]) -> Treatment:
    """The treatment a visit is filed under: the latest of those it reports on."""
    found = (loaded.enrolments[slots[key].enrolment].treatment for key in keys)
    return max(found, key=lambda t: (t.infusion_date, t.pk))


def _visits(patients: Iterable[int]) -> Iterable[Visit]:
    """Each visit with whether it has a draft, and the release it was opened with."""
    light = Visit.objects.select_related("release").defer("release__content")
    drafts = Draft.objects.filter(visit=OuterRef("pk"))
    return light.filter(patient__in=list(patients)).annotate(drafted=Exists(drafts))


def _pins(patients: Iterable[int]) -> Iterable[PlanPin]:
    found = PlanPin.objects.filter(visit__patient__in=list(patients), visit__submitted_at=None)
    return found.select_related("visit").order_by("at", "pk")


def _arranged(pins: Iterable[PlanPin], rows: Mapping[str, Timepoint]) -> Mapping[int, Arranged]:
    """Visit id → what its newest pin says, where that is not released; a report belongs where it was put last."""
    last = {pin.visit_id: pin for pin in pins}
    named = {str(row.uuid): key for key, row in rows.items()}
    place = {key: p.visit_id for p in last.values() if not p.released for u in p.reports if (key := named.get(u))}
    return {
        pk: Arranged(
            on=pin.on.toordinal(),
            keys=frozenset(key for key, visit in place.items() if visit == pk),
            alone=pin.alone,
            seen=pin.kind not in (PlanPin.Kind.SPLIT, PlanPin.Kind.JOIN),
        )
        for pk, pin in last.items()
        if not pin.released
    }


def _visit(visit: Visit, arranged: Arranged | None) -> VisitFact:
    day, hold = visit.planned_on.toordinal(), _hold(visit, arranged)
    return VisitFact(str(visit.pk), visit.kind, day, hold, arranged)  # type: ignore[arg-type]


def _hold(visit: Visit, arranged: Arranged | None = None) -> Hold:
    if visit.submitted_at:
        return "submitted"
    if visit.drafted:  # type: ignore[attr-defined]  # annotated
        return "open"
    return "pinned" if arranged else "free"


def _held(row: Timepoint) -> Held:
    as_of = row.as_of.toordinal() if row.as_of else None
    visit = str(row.visit_id) if row.visit_id else None
    return Held(row.state, visit, as_of, row.contact_type)  # type: ignore[arg-type]


def _event(row: PatientEvent, keys: Mapping[str, str]) -> EventFact:
    """`keys` gives the slot key of a timepoint's uuid, for events that concern one report."""
    undoes = str(row.undoes.uuid) if row.undoes else None
    report = keys.get(row.details.get("timepoint", ""))
    return EventFact(str(row.uuid), row.kind, row.effective_on.toordinal(), row.program or None, undoes, report, row.pk)


def _asked_by(visits: Iterable[Visit]) -> Mapping[int, ReleaseSpec]:
    """Open visit with a draft → the release it was opened with: its form goes on asking what that has."""
    return {v.pk: publishing.spec_of(v.release) for v in visits if v.release and _hold(v) == "open"}


def _enrolment(
    enrolment: Enrollment,
    asked: _Asked,
    rows: Mapping[str, Timepoint],
    asked_by: Mapping[int, ReleaseSpec],
    openers: Sequence[Opener],
    balance: Balance | None,
) -> EnrolmentPlan:
    program = asked.program
    fact = EnrolmentFact(
        program=program.code,
        anchor=enrolment.treatment.infusion_date.toordinal(),
        owed_from=enrolment.owed_from.toordinal(),
        retrospective=enrolment.program.retrospective,
        rules=program.rules,
    )
    found = slots_of(program, enrolment.pk, fact, enrolment.track, asked.release, asked.recall_ends)
    scheduled = _told(list(found), balance, rows)
    slots = {s.key: s for s in (*scheduled, *triggered.slots_of(program, enrolment.pk, fact, openers, rows))}
    mine = ((key, row) for key, row in rows.items() if row.enrollment_id == enrolment.pk and key not in slots)
    return EnrolmentPlan(
        enrolment.pk, fact, (*slots.values(), *(_stored(k, r, program.code, asked_by) for k, r in mine))
    )


def _balances(enrolments: Iterable[int]) -> dict[int, Balance]:
    """Enrolment id → its newest opening balance."""
    rows = OpeningBalance.objects.filter(enrollment__in=list(enrolments)).order_by("revision")
    return {b.enrollment_id: Balance(b.last_entry, b.last_as_of, frozenset(b.still_owed)) for b in rows}


def _told(found: Sequence[Slot], balance: Balance | None, rows: Mapping[str, Timepoint]) -> Sequence[Slot]:
    """The slots, with what was reported elsewhere marked so; what was submitted here stays that."""
    told = dict(told_by(balance, (Days(s.code, s.kind, s.end) for s in found)))
    here = {key for key, row in rows.items() if row.state == Timepoint.State.SUBMITTED}
    return [replace(s, elsewhere=told[s.code]) if s.code in told and s.key not in here else s for s in found]


def _stored(key: str, row: Timepoint, program: str, asked_by: Mapping[int, ReleaseSpec]) -> Slot:
    """A row that no entry of the schedule stands for: a triggered form, or an entry that is gone or off the track.

    What an open visit asks by the release it was opened with is owed until the visit is submitted or moved.
    """
    opened = asked_by.get(row.visit_id or 0)
    asked = row.state == Timepoint.State.PLANNED and opened is not None and _has(opened, program, row.entry_code)
    return Slot(
        key=key,
        enrolment=row.enrollment_id,
        program=program,
        code=row.entry_code,
        label=row.label,
        kind=row.kind,  # type: ignore[arg-type]
        start=row.window_start.toordinal(),
        end=row.window_end.toordinal(),
        due=row.due_on.toordinal(),
        target=row.target_on.toordinal(),
        cycle=row.cycle,
        scheduled=asked or (row.kind == Visit.Kind.TRIGGERED and not row.opened_by),
        opened_by=row.opened_by,
    )


def _has(release: ReleaseSpec, program: str, code: str) -> bool:
    found = release.programs.get(program)
    return found is not None and any(e.code == code for e in found.entries)
