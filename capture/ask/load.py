"""Fills the facts of many visits at once with a fixed number of queries. One visit is a batch of one.

Called by pages, submit, deliveries and estimates; the rules in this folder get frozen facts only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from capture.ask import applicable, contexts, narrowing, reconsent
from capture.ask.facts import (
    Answer,
    EventFact,
    Occasion,
    PatientFacts,
    Record,
    TreatmentFact,
    VisitFacts,
    field_key,
)
from capture.models import Occurrence, PatientEvent, Response, Timepoint, Visit
from capture.models.safety import standing
from forms_catalog import merging, publishing, triggering
from forms_catalog.specs import AskSpec, ReleaseSpec, ScheduleSpec
from sites.models import Program

CLOSING = "DEATH"  # the occasion an event opens where no scheduled report is left to carry it


def for_visits(ids: Iterable[int], *, today: date, own_answers: bool = False) -> dict[int, VisitFacts]:
    """Visit id → its facts. Answers given at the visit itself are left out unless `own_answers`.

    Uses 9 queries whatever the number of visits (releases come from a cache). A visit that was opened has the form of
    the release it was opened with, any other one the newest.
    """
    visits = list(
        Visit.objects.filter(pk__in=list(ids)).select_related("release", "treatment").defer("release__content")
    )
    if not visits:
        return {}
    patients = {v.patient_id for v in visits}
    timepoints, expecting = _timepoints(patients), without_balance(patients)
    facts = for_patients(patients)
    newest, result = publishing.current_spec(), {}
    for visit in visits:
        release = publishing.spec_of(visit.release) if visit.release else newest
        own = [t for t in timepoints[visit.patient_id] if t.visit_id == visit.pk]
        occasions = [
            occasion_of(t, timepoints[visit.patient_id], release, today=today, expecting=expecting)
            for t in own
            if t.state != "closed"
        ]
        made = VisitFacts(
            visit_id=visit.pk,
            visit_uuid=str(visit.uuid),
            kind=visit.kind,
            planned_on=visit.planned_on,
            patient=facts[visit.patient_id] if own_answers else _before(facts[visit.patient_id], visit.pk, release),
            occasions=tuple(sorted(occasions, key=lambda o: o.program)),
            release=release,
            visits=_said(timepoints[visit.patient_id]),
        )
        result[visit.pk] = made if visit.submitted_at else at_release(made, release, newest)
    return result


def at_release(facts: VisitFacts, release: ReleaseSpec, newest: ReleaseSpec) -> VisitFacts:
    """The same visit on the form of `release`. Reports that only `newest` asks wait beside it."""
    every = sorted((*facts.occasions, *facts.waiting), key=lambda o: o.program)
    wait = {o.uuid for o in every if not _asks(release, o) and _asks(newest, o)}
    here = tuple(
        replace(o, asks=asks_of(release, o.program, o.entry_code, o.contact)) if facts.release is not release else o
        for o in every
        if o.uuid not in wait
    )
    return replace(facts, release=release, occasions=here, waiting=tuple(o for o in every if o.uuid in wait))


def _asks(release: ReleaseSpec, occasion: Occasion) -> bool:
    """Whether the release has what the report is about."""
    if triggering.named(release.programs.get(occasion.program), occasion.entry_code):
        return True
    try:
        return bool(_entry(release, occasion.program, occasion.entry_code))
    except merging.ProjectionError:
        return False


def for_patients(ids: Iterable[int]) -> dict[int, PatientFacts]:
    """Patient id → everything known of them, with undone events left out. 4 queries, 5 where a guardian consented."""
    wanted = list(ids)
    answers: dict[int, list[Answer]] = defaultdict(list)
    in_records: dict[str, dict[str, Answer]] = defaultdict(dict)
    for row in Response.objects.filter(patient__in=wanted, is_current=True):
        answer = answer_of(row)
        if row.context.startswith("o"):
            in_records[row.context][field_key(row.element, row.qualifier)] = answer
        else:
            answers[row.patient_id].append(answer)
    records: dict[int, list[Record]] = defaultdict(list)
    for one in standing(Occurrence.objects.filter(patient__in=wanted)):
        records[one.patient_id].append(Record(str(one.pk), one.group, in_records[f"o{one.pk}"]))
    events = _events(wanted)
    consents = reconsent.facts_of(wanted, answers)
    return {
        pk: PatientFacts(pk, tuple(answers[pk]), tuple(records[pk]), tuple(events[pk]), tuple(consents[pk]))
        for pk in wanted
    }


def _before(patient: PatientFacts, visit_id: int, release: ReleaseSpec) -> PatientFacts:
    """What is known beside one visit; answers that a correction ruled out are not."""
    return applicable.of(without_visit(patient, visit_id), release.elements)


def without_visit(patient: PatientFacts, visit_id: int) -> PatientFacts:
    """The patient's facts as they were without the answers given at one visit."""
    kept = tuple(a for a in patient.answers if a.visit_id != visit_id)
    return PatientFacts(patient.id, kept, patient.records, patient.events, patient.consents)


def answer_of(row: Response) -> Answer:
    """A stored response as a fact."""
    return Answer(
        row.element,
        row.qualifier,
        row.context,
        row.value,
        row.missing,
        row.observed_on,
        row.covers_from,
        row.covers_to,
        row.unit,
        row.precision or "day",
        row.source,
        row.visit_id,
        str(row.uuid),
    )


def without_balance(patients: Iterable[int]) -> frozenset[int]:
    """Enrolments that expect an opening balance and have none: a follow-up window ended before they owed. 1 query.

    The state is looked at here: SQLite without statistics would read every report of that state of the network.
    """
    rows = Timepoint.objects.filter(enrollment__treatment__patient__in=list(patients), enrollment__balances=None)
    found = rows.order_by().values_list("enrollment", "kind", "state").distinct()
    return frozenset(pk for pk, *what in found if what == ["followup", Timepoint.State.NOT_OWED])


def occasion_of(
    timepoint: Timepoint,
    siblings: Sequence[Timepoint],
    release: ReleaseSpec,
    *,
    today: date,
    expecting: Container[int] = (),
) -> Occasion:
    """A timepoint as an occasion: its interval starts after the program's last report, or with the infusion.

    A survival-only report told nothing of its period, so the next full one starts where the last full one ended.
    """
    enrollment, treatment = timepoint.enrollment, timepoint.enrollment.treatment
    as_of = timepoint.as_of or default_as_of(timepoint, today=today)
    earlier = [
        t.as_of
        for t in siblings
        if t.enrollment_id == enrollment.pk
        and t.state in ("submitted", "elsewhere")
        and t.as_of
        and t.as_of < as_of
        and (t.kind == "followup" or t.entry_code == CLOSING)
        and t.contact_type != "survival"
        and t.pk != timepoint.pk
    ]
    program: Program = enrollment.program
    return Occasion(
        uuid=str(timepoint.uuid),
        program=program.code,
        program_title=program.title,
        entry_code=timepoint.entry_code,
        label=timepoint.label,
        kind=timepoint.kind,
        enrollment_id=enrollment.pk,
        treatment=TreatmentFact(treatment.pk, treatment.infusion_date, treatment.product),
        visit_id=timepoint.visit_id or 0,
        as_of=as_of,
        after=max(earlier, default=treatment.infusion_date - timedelta(days=1)),
        window_start=timepoint.window_start,
        window_end=timepoint.window_end,
        reported_on=today,
        enrolled_on=enrollment.enrolled_on,
        asks=asks_of(release, program.code, timepoint.entry_code, timepoint.contact_type),
        contact=timepoint.contact_type,
        told_at=_told_at(timepoint, siblings, as_of),
        fixed_end=_fixed_end(release, program.code, treatment.infusion_date, timepoint.window_start),
        balance_missing=timepoint.kind == "followup" and enrollment.pk in expecting,
        record=timepoint.opened_by[1:] if timepoint.opened_by.startswith("o") else "",
        number=_number(timepoint),
    )


def _number(timepoint: Timepoint) -> int:
    """The cycle of a report that a record opened, which stays whatever is planned anew. Others are one a schedule
    entry; a death that was recorded again after it was undone is the second one.
    """
    again = timepoint.kind == "triggered" and timepoint.cycle > 1
    return timepoint.cycle if again or timepoint.opened_by.startswith("o") else 0


def _told_at(timepoint: Timepoint, siblings: Sequence[Timepoint], as_of: date) -> frozenset[int]:
    """The visits of this enrolment's earlier reports: what was given there, the program has had."""
    mine = [t for t in siblings if t.enrollment_id == timepoint.enrollment_id and t.pk != timepoint.pk]
    full = (t for t in mine if t.state == "submitted" and t.contact_type != "survival" and t.as_of and t.as_of < as_of)
    return frozenset(t.visit_id for t in full if t.visit_id)


def _fixed_end(release: ReleaseSpec, program: str, infusion: date, window_start: date) -> date | None:
    spec = release.programs.get(program)
    return contexts.fixed_end(spec.rules, infusion, window_start) if spec else None


def _said(timepoints: Sequence[Timepoint]) -> Mapping[int, str]:
    """Visit id → the reports it served, in words."""
    found: dict[int, list[str]] = defaultdict(list)
    for t in sorted(timepoints, key=lambda t: (t.enrollment.program.code, t.pk)):
        if t.visit_id:
            found[t.visit_id].append(f"{t.enrollment.program.code} {t.entry_code}")
    return {visit: ", ".join(said) for visit, said in found.items()}


def default_as_of(timepoint: Timepoint, *, today: date) -> date:
    """The date a report speaks for until a person says otherwise: the visit's date, not in the future.

    One that a record or a death opened speaks for the day the site became aware of it.
    """
    planned = timepoint.visit.planned_on if timepoint.visit else timepoint.target_on
    if timepoint.kind == "baseline":
        return timepoint.enrollment.treatment.infusion_date
    if timepoint.opened_by:
        return timepoint.window_start
    return min(planned, today) if today >= timepoint.window_start else planned


def asks_of(release: ReleaseSpec, program: str, entry_code: str, contact: str = "") -> tuple[AskSpec, ...]:
    """The program's asks on the forms of one schedule entry, in dictionary order, as far as its `contact` asks them.

    A closing report beside the schedule (a death after the last window) asks what the last follow-up asks; one that a
    record opened asks what its trigger says.
    """
    try:
        every = merging.fields_of(release, program, _entry(release, program, entry_code).code)
    except merging.ProjectionError:
        trigger = triggering.named(release.programs.get(program), entry_code)
        return triggering.asks_of(release, program, trigger) if trigger else ()
    return narrowing.of(every, contact, release.programs[program], release.elements)


def _entry(release: ReleaseSpec, program: str, entry_code: str) -> ScheduleSpec:
    code = _last_followup(release, program) if entry_code == CLOSING else entry_code
    return merging.entry_of(release, program, code)


def _last_followup(release: ReleaseSpec, program: str) -> str:
    spec = release.programs.get(program)
    entries = reversed(spec.entries if spec else ())
    return next((e.code for e in entries if e.kind == "followup"), "")


def _timepoints(patients: Iterable[int]) -> Mapping[int, list[Timepoint]]:
    rows = Timepoint.objects.filter(enrollment__treatment__patient__in=list(patients)).select_related(
        "visit", "enrollment__treatment", "enrollment__program"
    )
    found: dict[int, list[Timepoint]] = defaultdict(list)
    for row in rows:
        found[row.enrollment.treatment.patient_id].append(row)
    return found


def _events(patients: Sequence[int]) -> Mapping[int, list[EventFact]]:
    rows = list(PatientEvent.objects.filter(patient__in=patients))
    undone = {row.undoes_id for row in rows if row.undoes_id}
    found: dict[int, list[EventFact]] = defaultdict(list)
    for row in rows:
        if row.kind != "undo" and row.pk not in undone:
            found[row.patient_id].append(EventFact(row.kind, row.effective_on, row.program))
    return found
