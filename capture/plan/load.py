"""Step 4: fills the facts of planning for one patient with a fixed number of queries. Called by scheduling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Subquery

from capture.models import Draft, Enrollment, Patient, PatientEvent, PlanPin, Stay, Timepoint, Treatment, Visit
from capture.plan.delta import EnrolmentPlan, Held, Hold, PatientPlan, Slot, VisitFact, slot_key
from capture.plan.events import EnrolmentFact, EventFact
from forms_catalog.specs import ProgramSpec, ReleaseSpec, ScheduleSpec
from sites.models import Program

FIXED_RECALL_END = {"day-0-to-100": 100}  # recall period → the day it ends, before which it cannot be answered
PLANNED_STATES = (Program.State.LIVE, Program.State.CLOSED)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The facts of one patient, and the rows that applying a plan changes: timepoints by slot key, visits by id."""

    plan: PatientPlan
    enrolments: Mapping[int, Enrollment]
    rows: Mapping[str, Timepoint]
    visits: Mapping[int, Visit]
    stays: tuple[tuple[date, int], ...]  # (from day, site id), earliest first


def of_patient(patient: Patient, release: ReleaseSpec) -> Loaded:
    """The patient's enrolments in accepted programs, timepoints, visits, events and stays. 5 queries."""
    enrolments = {
        e.pk: e
        for e in Enrollment.objects.filter(treatment__patient=patient, program__state__in=PLANNED_STATES)
        .select_related("program", "treatment")
        .order_by("pk")
        if e.program.code in release.programs
    }
    points = Timepoint.objects.filter(enrollment__in=list(enrolments)).order_by("pk")
    rows = {slot_key(t.enrollment_id, t.entry_code, t.cycle): t for t in points}
    visits = {v.pk: v for v in _visits(patient)}
    plan = PatientPlan(
        enrolments=tuple(_enrolment(e, release, rows) for e in enrolments.values()),
        held={key: _held(row) for key, row in rows.items()},
        visits=tuple(VisitFact(str(v.pk), v.kind, v.planned_on.toordinal(), _hold(v)) for v in visits.values()),  # type: ignore[arg-type]
        events=tuple(_event(e) for e in PatientEvent.objects.filter(patient=patient).select_related("undoes")),
    )
    stays = Stay.objects.filter(patient=patient).order_by("valid_from", "pk").values_list("valid_from", "site_id")
    return Loaded(plan, enrolments, rows, visits, tuple(stays))


def site_on(stays: Sequence[tuple[date, int]], day: date) -> int | None:
    """The site responsible on a day: of the latest stay begun by then, the one recorded last; before all, the first."""
    begun = [site for start, site in stays if start <= day]
    return begun[-1] if begun else next((site for _, site in stays), None)


def treatment_of(keys: Iterable[str], loaded: Loaded, slots: Mapping[str, Slot]) -> Treatment:
    """The treatment a visit is filed under: the latest of those it reports on."""
    found = (loaded.enrolments[slots[key].enrolment].treatment for key in keys)
    return max(found, key=lambda t: (t.infusion_date, t.pk))


def _visits(patient: Patient) -> Iterable[Visit]:
    last_pin = PlanPin.objects.filter(visit=OuterRef("pk")).order_by("-at", "-pk").values("released")[:1]
    return Visit.objects.filter(patient=patient).annotate(
        drafted=Exists(Draft.objects.filter(visit=OuterRef("pk"))), let_go=Subquery(last_pin)
    )


def _hold(visit: Visit) -> Hold:
    if visit.submitted_at:
        return "submitted"
    pinned = visit.let_go is False  # type: ignore[attr-defined]  # annotated; None where it was never pinned
    return "open" if pinned or visit.drafted else "free"  # type: ignore[attr-defined]


def _held(row: Timepoint) -> Held:
    as_of = row.as_of.toordinal() if row.as_of else None
    return Held(row.state, str(row.visit_id) if row.visit_id else None, as_of)  # type: ignore[arg-type]


def _event(row: PatientEvent) -> EventFact:
    undoes = str(row.undoes.uuid) if row.undoes else None
    return EventFact(str(row.uuid), row.kind, row.effective_on.toordinal(), row.program or None, undoes)


def _enrolment(enrolment: Enrollment, release: ReleaseSpec, rows: Mapping[str, Timepoint]) -> EnrolmentPlan:
    program = release.programs[enrolment.program.code]
    fact = EnrolmentFact(
        program=program.code,
        anchor=enrolment.treatment.infusion_date.toordinal(),
        owed_from=enrolment.owed_from.toordinal(),
        retrospective=enrolment.program.retrospective,
        rules=program.rules,
    )
    ends = recall_ends(program, release)
    slots = {s.key: s for e in entries(program, enrolment.track) for s in [_slot(enrolment.pk, fact, e, ends)]}
    mine = ((key, row) for key, row in rows.items() if row.enrollment_id == enrolment.pk and key not in slots)
    return EnrolmentPlan(enrolment.pk, fact, (*slots.values(), *(_stored(k, r, program.code) for k, r in mine)))


def _slot(enrolment: int, fact: EnrolmentFact, entry: ScheduleSpec, ends: Mapping[str, int]) -> Slot:
    """A schedule entry in the patient's own days. A baseline form may be done from the anchor until it is due."""
    start = fact.anchor + (entry.window_start_day or 0)
    end = fact.anchor + (entry.due_day if entry.window_end_day is None else entry.window_end_day)
    return Slot(
        key=slot_key(enrolment, entry.code),
        enrolment=enrolment,
        program=fact.program,
        code=entry.code,
        label=entry.label,
        kind=entry.kind,
        start=min(start, end),
        end=end,
        due=fact.anchor + entry.due_day,
        target=fact.anchor + (entry.target_day or 0),
        not_before=fact.anchor + ends[entry.code] if entry.code in ends else None,
    )


def _stored(key: str, row: Timepoint, program: str) -> Slot:
    """A row that no entry of the schedule stands for: a triggered form, or an entry that is gone or off the track."""
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
        scheduled=row.kind == Visit.Kind.TRIGGERED,
    )


def entries(program: ProgramSpec, track: str) -> list[ScheduleSpec]:
    """The schedule entries of a track (all without one); baseline entries belong to every track."""
    chosen = next((set(t.codes) for t in program.tracks if t.code == track), None) if track else None
    return [
        e
        for e in program.entries
        if e.kind == "baseline" or (e.kind == "followup" and (chosen is None or e.code in chosen))
    ]


def recall_ends(program: ProgramSpec, release: ReleaseSpec) -> dict[str, int]:
    """Entry code → the day before which one of its fields cannot be answered (days to day 100: from day 100 on)."""
    by_form: dict[str, int] = {}
    for ask in program.asks:
        for source in ask.mapping.sources if ask.mapping else ():
            element = release.elements.get(source.element)
            end = FIXED_RECALL_END.get(element.recall, 0) if element else 0
            if end:
                by_form[ask.field.form] = max(end, by_form.get(ask.field.form, 0))
    found = {}
    for entry in program.entries:
        end = max((by_form.get(form, 0) for form in entry.forms), default=0)
        if end and entry.window_end_day is not None and (entry.window_start_day or 0) < end <= entry.window_end_day:
            found[entry.code] = end
    return found
