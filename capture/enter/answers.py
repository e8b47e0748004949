"""Writes responses and records of a submission, and corrections. The only writer of Response and Occurrence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.db.models import Max

from capture.ask import marks
from capture.ask import sheet as sheets
from capture.ask.asksheet import AskSheet
from capture.ask.entered import answer_of, latest_as_of, precision_of
from capture.ask.facts import Answer, Entered, EnteredRecord, Entry, VisitFacts
from capture.models import Occurrence, Response, Submission, Visit, sealed
from capture.query import marking
from forms_catalog import publishing
from forms_catalog.models import Release
from forms_catalog.specs import ElementSpec
from sites import trail
from sites.trail import Actor


def write(submission: Submission, final: AskSheet, entered: Entered, facts: VisitFacts, *, actor: Actor) -> None:
    """Every given answer of a visible question, and every typed record of a group asked here, as current responses."""
    needs = sheets.needs_of(facts)
    visible = [q for q in final.visible if q.kind != "field"]
    typed = [
        (answer_of(e, needs[q.key], facts), e)
        for q in visible
        if (e := entered.answers.get(q.key)) is not None and e.given
    ]
    held = _current(submission.visit.patient_id, [a.context for a, _ in typed])
    for answer, entry in typed:
        before = held.get((answer.element, answer.qualifier, answer.context))
        _append(submission, answer, entry, before, facts.release.elements.get(answer.element), actor=actor)
    groups = asked_groups(final)
    for record in entered.records:
        if record.group in groups:
            _record(submission, record, facts, actor=actor)


def asked_groups(final: AskSheet) -> set[str]:
    """The record groups whose "anything new?" is asked at this visit."""
    return {q.group for q in final.visible if q.kind == "gate"}


def _current(patient_id: int, contexts: list[str]) -> Mapping[tuple[str, str, str], Response]:
    rows = Response.objects.filter(patient=patient_id, is_current=True, context__in=contexts)
    return {(r.element, r.qualifier, r.context): r for r in rows}


def kept(element: ElementSpec | None, value: str) -> str:
    """A value as it is stored: ciphertext where it names the person."""
    return sealed.Sealed(value) if element is not None and element.identifier else value


def _append(
    submission: Submission,
    answer: Answer,
    entry: Entry,
    before: Response | None,
    spec: ElementSpec | None,
    *,
    actor: Actor,
    reason: str = "",
) -> Response:
    if before is not None:
        Response.objects.filter(pk=before.pk, is_current=True).update(is_current=False)
    return Response.objects.create(
        patient_id=submission.visit.patient_id,
        visit=submission.visit,
        submission=submission,
        element=answer.element,
        qualifier=answer.qualifier,
        context=answer.context,
        value=kept(spec, answer.value),
        as_entered=kept(spec, entry.value),
        unit=answer.unit,
        missing=answer.missing,
        precision=answer.precision,
        observed_on=answer.observed_on,
        covers_from=answer.covers_from,
        covers_to=answer.covers_to,
        source=answer.source,
        replaces=before,
        reason=reason or ("asked again at a later visit" if before else ""),
        author=actor.name,
        recorded_at=actor.now,
        simulated=actor.simulated,
    )


def _record(submission: Submission, record: EnteredRecord, facts: VisitFacts, *, actor: Actor) -> None:
    given = {element: e for element, e in record.values.items() if e.given}
    if not given:
        return
    occurrence = _occurrence(submission.visit, record, actor=actor)
    context = f"o{occurrence.pk}"
    held = _current(submission.visit.patient_id, [context])
    reasons = marking.reasons(record, facts)
    for name, entry in given.items():
        if name.startswith(f"{marks.REASON}~"):  # it stands with the mark it is about
            continue
        element, _, program = name.partition("~") if name in reasons else (name, "", "")
        answer = Answer(
            element,
            program,
            context,
            entry.value,
            entry.missing,
            observed_on=latest_as_of(facts),
            precision=precision_of(entry.value),
            source="chart",
        )
        spec, before = facts.release.elements.get(element), held.get((element, program, context))
        _append(submission, answer, entry, before, spec, actor=actor, reason=reasons.get(name, ""))


def add_record(
    patient_id: int,
    group: str,
    values: Mapping[str, Entry],
    elements: Mapping[str, ElementSpec],
    *,
    on: date,
    source: str,
    elsewhere: bool = False,
    actor: Actor,
) -> Occurrence:
    """A record that belongs to no visit, with its values as known on the day `on`. The caller locks the patient."""
    occurrence = _next(patient_id, group, actor=actor, elsewhere=elsewhere)
    add_values(patient_id, f"o{occurrence.pk}", values, elements, on=on, source=source, actor=actor)
    return occurrence


def add_values(
    patient_id: int,
    context: str,
    values: Mapping[str, Entry],
    elements: Mapping[str, ElementSpec],
    *,
    on: date,
    source: str,
    actor: Actor,
) -> None:
    """Answers without a visit, in one context that holds none of these yet."""
    for element, entry in values.items():
        value = kept(elements.get(element), entry.value)
        Response.objects.create(
            patient_id=patient_id,
            element=element,
            context=context,
            value=value,
            as_entered=value,
            unit=entry.unit,
            missing=entry.missing,
            precision=precision_of(entry.value),
            observed_on=entry.observed_on or on,
            source=source,
            author=actor.name,
            recorded_at=actor.now,
            simulated=actor.simulated,
        )


def _occurrence(visit: Visit, record: EnteredRecord, *, actor: Actor) -> Occurrence:
    """The record's identity: an existing one of this patient, or the next of its group."""
    if not record.id.startswith("new"):
        return Occurrence.objects.get(pk=int(record.id), patient=visit.patient_id, group=record.group)
    return _next(visit.patient_id, record.group, actor=actor)


def _next(patient_id: int, group: str, *, actor: Actor, elsewhere: bool = False) -> Occurrence:
    last = Occurrence.objects.filter(patient=patient_id, group=group).aggregate(n=Max("ordinal"))["n"]
    return Occurrence.objects.create(
        patient_id=patient_id,
        group=group,
        ordinal=(last or 0) + 1,
        created_by=actor.name,
        created_at=actor.now,
        elsewhere=elsewhere,
    )


def element_of(response: Response) -> ElementSpec | None:
    """The element as it was when the answer was submitted; of an answer without a submission, as it is now."""
    if response.submission_id is None:
        return publishing.current_spec().elements.get(response.element)
    release = Release.objects.defer("content").get(submission=response.submission_id)
    return publishing.spec_of(release).elements.get(response.element)


@transaction.atomic
def replace(locked: Response, *, value: str, missing: str, actor: Actor, reason: str, on: date | None) -> Response:
    """A correction: the old row stays and stops being current; the new one says why. Called by correcting, which has
    locked `locked` and seen that it is current."""
    why = trail.require_reason(reason)
    Response.objects.filter(pk=locked.pk).update(is_current=False)
    stored = kept(element_of(locked), value)
    if isinstance(locked.value, sealed.Sealed):
        stored = sealed.Sealed(value)
    return Response.objects.create(
        patient_id=locked.patient_id,
        visit_id=locked.visit_id,
        submission_id=locked.submission_id,
        element=locked.element,
        element_version=locked.element_version,
        qualifier=locked.qualifier,
        context=locked.context,
        value=stored,
        as_entered=stored,
        unit=locked.unit,
        missing=missing,
        precision=precision_of(value),
        observed_on=on or locked.observed_on,
        covers_from=locked.covers_from,
        covers_to=locked.covers_to,
        source="correction",
        replaces=locked,
        reason=why,
        author=actor.name,
        recorded_at=actor.now,
        simulated=actor.simulated,
    )
