"""Step 4: plans a patient's timepoints into the fewest visits and applies the difference. Called by every writer above.

Planning twice changes nothing and writes nothing. Visits with a draft, a submission or a pin keep their identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from capture.models import Patient, Visit
from capture.plan import apply, load
from capture.plan.events import Decision, FoldResult, fold
from capture.plan.load import Owing, TreatmentPlan
from capture.plan.windows import Fixed, Window, plan
from capture.remind import notices
from forms_catalog import publishing
from forms_catalog.specs import ReleaseSpec
from sites.trail import Actor


@dataclass(frozen=True, slots=True)
class Wanted:
    """One timepoint as it should be: who owes it, the decision, and its place in a planned visit."""

    owing: Owing
    entry_code: str
    label: str
    kind: str
    decision: Decision

    @property
    def key(self) -> str:
        return f"{self.owing.program.code}:{self.entry_code}"


@dataclass(frozen=True, slots=True)
class WantedVisit:
    """One visit as it should be; `visit_id` is set where it keeps its identity."""

    on: date
    kind: str
    keys: tuple[str, ...]
    visit_id: int | None = None


@transaction.atomic
def plan_patient(patient_id: int, *, actor: Actor, reason: str, today: date) -> int:
    """Re-plan one patient from the current release, their enrolments and events. Gives the number of rows written."""
    patient = Patient.objects.select_for_update().get(pk=patient_id)
    release = publishing.current_spec()
    written = 0
    for treatment in load.of_patient(patient_id, release):
        wanted = list(_wanted(treatment))
        visits = _visits(treatment, wanted, release)
        written += apply.treatment(patient, treatment, wanted, visits, actor=actor, reason=reason)
    notices.refresh(patient_id, today=today)
    return written


def _wanted(treatment: TreatmentPlan) -> Iterable[Wanted]:
    for owing in treatment.owing:
        result = fold(owing.fact, owing.timepoints, treatment.events)
        labels = {e.code: e.label for e in owing.program.entries}
        for fact in owing.timepoints:
            decision = result.decisions[fact.key]
            yield Wanted(owing, fact.entry_code, labels.get(fact.entry_code, fact.entry_code), fact.kind, decision)
        yield from _triggered(owing, result)


def _triggered(owing: Owing, result: FoldResult) -> Iterable[Wanted]:
    """Occasions that an event opens where no timepoint is left to carry the report; submitted ones stay submitted."""
    for opening in (o for o in result.opens if o.key is None):
        row = owing.rows.get(opening.entry_code)
        state = "submitted" if row and row.state == "submitted" else "planned"
        decision = Decision(
            state,  # type: ignore[arg-type]
            opening.as_of,
            max(opening.as_of, opening.due),
            opening.as_of,
            opening.due,
            "death",
            opening.as_of,
            opening.event,
        )
        yield Wanted(owing, opening.entry_code, opening.entry_code.capitalize(), "triggered", decision)


def _visits(treatment: TreatmentPlan, wanted: list[Wanted], release: ReleaseSpec) -> list[WantedVisit]:
    open_ones = [w for w in wanted if w.decision.state == "planned"]
    followups = {w.key: w for w in open_ones if w.kind == "followup"}
    windows = _windows(treatment, followups, release)
    planned = plan(windows, _fixed(treatment, followups))
    visits = [
        WantedVisit(date.fromordinal(p.date), Visit.Kind.FOLLOWUP, p.keys, int(p.visit) if p.visit else None)
        for p in planned
        if p.keys
    ]
    anchor = treatment.treatment.infusion_date
    visits += [WantedVisit(anchor, Visit.Kind.BASELINE, (w.key,)) for w in open_ones if w.kind == "baseline"]
    triggered = [w for w in open_ones if w.kind == "triggered"]
    for day in sorted({w.decision.target for w in triggered}):
        keys = tuple(w.key for w in triggered if w.decision.target == day)
        visits.append(WantedVisit(date.fromordinal(day), Visit.Kind.TRIGGERED, keys))
    return visits


def _windows(treatment: TreatmentPlan, wanted: Mapping[str, Wanted], release: ReleaseSpec) -> list[Window]:
    ends = {o.program.code: load.recall_ends(o.program, release) for o in treatment.owing}
    anchor = treatment.treatment.infusion_date.toordinal()
    windows = []
    for key, w in wanted.items():
        limit = ends[w.owing.program.code].get(w.entry_code)
        not_before = anchor + limit if limit and not w.decision.reason else None
        d = w.decision
        windows.append(Window(key, w.owing.program.code, d.start, d.end, d.target, not_before))
    return windows


def _fixed(treatment: TreatmentPlan, wanted: Mapping[str, Wanted]) -> list[Fixed]:
    """Drafted and pinned visits stay on their day with those of their timepoints whose window still holds it."""
    held = {r.visit_id: set[str]() for o in treatment.owing for r in o.rows.values()}
    for owing in treatment.owing:
        for row in owing.rows.values():
            held[row.visit_id].add(f"{owing.program.code}:{row.entry_code}")
    fixed = []
    for visit in treatment.visits:
        if visit.pk in treatment.fixed_ids and visit.kind == Visit.Kind.FOLLOWUP:
            day = visit.planned_on.toordinal()
            keys = [k for k in held.get(visit.pk, ()) if k in wanted and _inside(wanted[k].decision, day)]
            fixed.append(Fixed(day, str(visit.pk), tuple(sorted(keys)), open=True))
    return fixed


def _inside(decision: Decision, day: int) -> bool:
    return decision.start <= day <= decision.end
