"""A made-up patient followed from infusion to the last report: every visit planned, asked and answered. Pure.

The same planning, ask sheet and slices as for a stored patient, without a database. Called by count_asks (what 15 years
ask) and by tests that re-import what was delivered. Whoever calls it gives the answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from capture.ask import sheet
from capture.ask.asksheet import AskSheet
from capture.ask.contexts import fixed_end
from capture.ask.entered import overlay
from capture.ask.facts import Answer, ConsentFact, Entered, Occasion, PatientFacts, Record, TreatmentFact, VisitFacts
from capture.ask.load import asks_of
from capture.plan.delta import EnrolmentPlan, PatientPlan, Slot, decide
from capture.plan.events import EnrolmentFact
from capture.plan.slots import slots_of
from forms_catalog.specs import ReleaseSpec

PATIENT, TREATMENT = 1, 1
PRODUCT = "Gene therapy product"
Answering = Callable[[VisitFacts], Entered]  # what a person types at a visit


@dataclass(frozen=True, slots=True)
class Done:
    """One submitted visit: its facts as they stood before, what was typed, the final sheet, and the patient after."""

    facts: VisitFacts
    entered: Entered
    sheet: AskSheet
    after: PatientFacts


def follow(
    release: ReleaseSpec, programs: Sequence[str], answering: Answering, *, infusion: date, product: str = PRODUCT
) -> Iterator[Done]:
    """Every visit of one patient enrolled in `programs` on the day of infusion, in order, each answered."""
    treatment = TreatmentFact(TREATMENT, infusion, product)
    patient = PatientFacts(PATIENT, consents=tuple(_consents(programs, infusion)))
    last: dict[str, date] = {}
    told: dict[str, frozenset[int]] = {}
    for number, (kind, day, slots) in enumerate(_visits(release, programs, infusion), 1):
        occasions = tuple(_told(_occasion(s, number, day, treatment, last, release), told) for s in slots)
        facts = VisitFacts(number, f"visit-{number}", kind, day, patient, occasions, release)
        entered = answering(facts)
        final = sheet.build(facts, entered, final=True)
        patient = _submitted(facts, entered, final)
        yield Done(facts, entered, final, patient)
        last |= {o.program: o.as_of for o in occasions if o.kind != "baseline"}
        told |= {o.program: o.told_at | {number} for o in occasions}


def _told(occasion: Occasion, told: Mapping[str, frozenset[int]]) -> Occasion:
    """The occasion with the visits of the program's earlier reports."""
    return replace(occasion, told_at=told.get(occasion.program, frozenset()))


def _consents(programs: Sequence[str], infusion: date) -> Iterator[ConsentFact]:
    """Consent to clinical and to identifying data, given before the infusion."""
    for number, _ in enumerate(programs, 1):
        for data_class in ("clinical", "identifiers"):
            yield ConsentFact(number, infusion - timedelta(days=30), data_class=data_class)


def _visits(
    release: ReleaseSpec, programs: Sequence[str], infusion: date
) -> Iterable[tuple[str, date, tuple[Slot, ...]]]:
    """(kind, day, reports) of each planned visit; baseline forms first, as they speak for the infusion."""
    anchor = infusion.toordinal()
    enrolments = []
    for number, code in enumerate(programs, 1):
        spec = release.programs[code]
        fact = EnrolmentFact(code, anchor, anchor, rules=spec.rules)
        enrolments.append(EnrolmentPlan(number, fact, tuple(slots_of(spec, number, fact, "", release))))
    delta = decide(PatientPlan(tuple(enrolments)))
    planned = sorted(delta.visits, key=lambda v: (v.kind != "baseline", v.date, v.keys))
    for visit in planned:
        slots = tuple(sorted((delta.slots[k] for k in visit.keys), key=lambda s: s.program))
        yield visit.kind, infusion if visit.kind == "baseline" else date.fromordinal(visit.date), slots


def _occasion(
    slot: Slot, visit: int, day: date, treatment: TreatmentFact, last: Mapping[str, date], release: ReleaseSpec
) -> Occasion:
    return Occasion(
        uuid=slot.key,
        program=slot.program,
        program_title=release.programs[slot.program].title,
        entry_code=slot.code,
        label=slot.label,
        kind=slot.kind,
        enrollment_id=slot.enrolment,
        treatment=treatment,
        visit_id=visit,
        as_of=day,
        after=last.get(slot.program, treatment.infusion_on - timedelta(days=1)),
        window_start=date.fromordinal(slot.start),
        window_end=date.fromordinal(slot.end),
        reported_on=day,
        enrolled_on=treatment.infusion_on,
        asks=asks_of(release, slot.program, slot.code),
        fixed_end=fixed_end(release.programs[slot.program].rules, treatment.infusion_on, date.fromordinal(slot.start)),
    )


def _submitted(facts: VisitFacts, entered: Entered, final: AskSheet) -> PatientFacts:
    """The patient after the visit: what visible questions were answered with, and the typed records, named for good."""
    shown = {q.key for q in final.visible}
    asked = {q.group for q in final.visible if q.kind == "gate"}
    kept = Entered(
        {key: entry for key, entry in entered.answers.items() if key in shown},
        tuple(r for r in entered.records if r.group in asked),
    )
    laid = overlay(facts, kept, sheet.needs_of(facts)).patient
    answers = tuple(_named(a, n) for n, a in enumerate(laid.answers, 1))
    return replace(laid, answers=answers, records=tuple(_stored(r, facts.visit_id) for r in laid.records))


def _named(answer: Answer, number: int) -> Answer:
    return answer if answer.id else replace(answer, id=f"{answer.context}-{answer.element}-{number}")


def _stored(record: Record, visit: int) -> Record:
    """A record typed as new-1 at visit 3 is 3.1 for good."""
    name = record.id.replace("new-", f"{visit}.")
    values = {e: a if a.id else replace(a, id=f"o{name}-{e}", context=f"o{name}") for e, a in record.values.items()}
    return replace(record, id=name, values=values)
