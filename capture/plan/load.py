"""Fills the facts of planning for one treatment: what each program's schedule owes, what exists, what happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from capture.models import Enrollment, PatientEvent, Timepoint, Treatment, Visit
from capture.plan.events import EnrolmentFact, EventFact, TimepointFact
from forms_catalog.specs import ProgramSpec, ReleaseSpec, ScheduleSpec
from sites.models import Program

FIXED_RECALL_END = {"day-0-to-100": 100}  # recall period → the day it ends, before which it cannot be answered


@dataclass(frozen=True, slots=True)
class Owing:
    """One enrolment in an accepted program: its rows, its program's spec, and the facts to fold."""

    enrollment: Enrollment
    program: ProgramSpec
    fact: EnrolmentFact
    timepoints: tuple[TimepointFact, ...]
    rows: Mapping[str, Timepoint]  # by entry code


@dataclass(frozen=True, slots=True)
class TreatmentPlan:
    """Everything needed to plan one treatment."""

    treatment: Treatment
    owing: tuple[Owing, ...]
    events: tuple[EventFact, ...]
    visits: tuple[Visit, ...]
    fixed_ids: frozenset[int]


def of_patient(patient_id: int, release: ReleaseSpec) -> list[TreatmentPlan]:
    """One plan a treatment. 6 queries for a patient, however many visits."""
    enrollments = Enrollment.objects.filter(
        treatment__patient=patient_id, program__state__in=[Program.State.LIVE, Program.State.CLOSED]
    ).select_related("program", "treatment")
    rows = list(Timepoint.objects.filter(enrollment__treatment__patient=patient_id))
    events = tuple(_event(e) for e in PatientEvent.objects.filter(patient=patient_id).select_related("undoes"))
    visits = list(Visit.objects.filter(patient=patient_id))
    fixed = frozenset(_fixed(visits))
    plans = []
    for treatment in Treatment.objects.filter(patient=patient_id):
        mine = [e for e in enrollments if e.treatment_id == treatment.pk and e.program.code in release.programs]
        owing = tuple(_owing(e, release, [r for r in rows if r.enrollment_id == e.pk]) for e in mine)
        own = tuple(v for v in visits if v.treatment_id == treatment.pk)
        plans.append(TreatmentPlan(treatment, owing, events, own, fixed))
    return plans


def _fixed(visits: Sequence[Visit]) -> Iterable[int]:
    """Visits with a draft or an active pin: they keep their date and may take more timepoints."""
    ids = [v.pk for v in visits if v.submitted_at is None]
    drafted = Visit.objects.filter(pk__in=ids, drafts__isnull=False).values_list("pk", flat=True)
    pinned = [v.pk for v in Visit.objects.filter(pk__in=ids, pins__isnull=False).prefetch_related("pins") if _pinned(v)]
    return {*drafted, *pinned}


def _pinned(visit: Visit) -> bool:
    pins = sorted(visit.pins.all(), key=lambda p: (p.at, p.pk))
    return bool(pins) and not pins[-1].released


def _event(row: PatientEvent) -> EventFact:
    undoes = str(row.undoes.uuid) if row.undoes else None
    return EventFact(str(row.uuid), row.kind, row.effective_on.toordinal(), row.program or None, undoes)


def _owing(enrollment: Enrollment, release: ReleaseSpec, rows: Sequence[Timepoint]) -> Owing:
    program = release.programs[enrollment.program.code]
    anchor = enrollment.treatment.infusion_date.toordinal()
    by_code = {r.entry_code: r for r in rows}
    facts = tuple(
        _fact(entry, program.code, anchor, by_code.get(entry.code)) for entry in entries(program, enrollment.track)
    )
    fact = EnrolmentFact(
        program=program.code,
        anchor=anchor,
        owed_from=enrollment.owed_from.toordinal(),
        retrospective=enrollment.program.retrospective,
        rules=program.rules,
    )
    return Owing(enrollment, program, fact, facts, by_code)


def entries(program: ProgramSpec, track: str) -> list[ScheduleSpec]:
    """The schedule entries of a track (all without one); baseline entries belong to every track."""
    chosen = next((set(t.codes) for t in program.tracks if t.code == track), None) if track else None
    return [e for e in program.entries if e.kind == "baseline" or chosen is None or e.code in chosen]


def _fact(entry: ScheduleSpec, program: str, anchor: int, row: Timepoint | None) -> TimepointFact:
    start = anchor + (entry.window_start_day or 0)
    end = anchor + (entry.window_end_day if entry.window_end_day is not None else max(entry.due_day, 0))
    return TimepointFact(
        key=f"{program}:{entry.code}",
        program=program,
        entry_code=entry.code,
        start=start,
        end=max(start, end),
        due=anchor + entry.due_day,
        target=anchor + (entry.target_day or 0),
        state="submitted" if row and row.state == Timepoint.State.SUBMITTED else "planned",
        kind=entry.kind,
        as_of=row.as_of.toordinal() if row and row.as_of and row.state == Timepoint.State.SUBMITTED else None,
    )


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
