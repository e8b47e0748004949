"""Consents as facts, and whose own consent is needed now that they are of age.

Read by ask.load, worklists, digests and the patient page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from capture.ask import majority
from capture.ask.facts import GUARDIAN, Answer, ConsentFact
from capture.models import Consent, Response, Timepoint
from forms_catalog import effects, publishing

CLINICAL = "clinical"


def facts_of(patients: Sequence[int], answers: Mapping[int, Sequence[Answer]]) -> dict[int, list[ConsentFact]]:
    """Patient id → their consents. 1 query, 2 where a guardian gave one."""
    rows = Consent.objects.filter(enrollment__treatment__patient__in=patients)
    found = list(rows.select_related("enrollment__treatment", "enrollment__program"))
    ages = _ages() if any(c.given_by == GUARDIAN for c in found) else {}
    made: dict[int, list[ConsentFact]] = defaultdict(list)
    for c in found:
        patient, age = c.enrollment.treatment.patient_id, ages.get(c.enrollment.program.code)
        of_age = majority.of_age_on(answers.get(patient, ()), age) if c.given_by == GUARDIAN else None
        fact = ConsentFact(c.enrollment_id, c.valid_from, c.valid_to, c.data_class, c.given_by, of_age)
        made[patient].append(fact)
    return made


def needed(patients: Iterable[int], today: date) -> dict[int, tuple[str, ...]]:
    """Patient id → the programs that wait for the patient's own consent, by code. 1 query where no guardian consented,
    else 5. Programs in which nothing is open any more do not wait.
    """
    guarded = Consent.objects.filter(
        enrollment__treatment__patient__in=list(patients), given_by=GUARDIAN, data_class=CLINICAL
    )
    ids = sorted(set(guarded.values_list("enrollment__treatment__patient", flat=True)))
    if not ids:
        return {}
    facts = facts_of(ids, _births(ids))
    points = Timepoint.objects.filter(
        enrollment__treatment__patient__in=ids
    ).order_by()  # the state: see without_balance
    states = points.values_list("enrollment", "enrollment__program__code", "state").distinct()
    open_ones = {pk: code for pk, code, state in states if state == Timepoint.State.PLANNED}
    waiting = {
        pk: sorted({open_ones[e] for e in {c.enrollment_id for c in mine} & set(open_ones) if _waits(e, mine, today)})
        for pk, mine in facts.items()
    }
    return {pk: tuple(codes) for pk, codes in waiting.items() if codes}


def _waits(enrolment: int, consents: Iterable[ConsentFact], today: date) -> bool:
    mine = [c for c in consents if c.enrollment_id == enrolment and c.data_class == CLINICAL]
    return any(c.outgrown(today) for c in mine) and not any(c.holds(today) for c in mine)


def _ages() -> dict[str, int | None]:
    return {code: effects.read(spec.rules).majority_age for code, spec in publishing.current_spec().programs.items()}


def _births(patients: Sequence[int]) -> dict[int, list[Answer]]:
    rows = Response.objects.filter(patient__in=patients, is_current=True, element__in=majority.BORN)
    found: dict[int, list[Answer]] = defaultdict(list)
    for r in rows:
        found[r.patient_id].append(Answer(r.element, r.qualifier, r.context, r.value))
    return found
