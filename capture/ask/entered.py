"""Typed values laid over the facts of a visit, as if they were saved: what branching, previews and submit look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from capture.ask.facts import Answer, Entered, EnteredRecord, Entry, PatientFacts, Record, VisitFacts, field_key
from capture.ask.known import Need


def overlay(facts: VisitFacts, entered: Entered, needs: Mapping[str, Need]) -> VisitFacts:
    """`facts` with every given entry of a known question as an answer, and every typed record as a record."""
    every = [answer_of(e, needs[k], facts) for k, e in entered.answers.items() if e.given and k in needs]
    typed = [a for a in every if not in_record(a.context)]
    places = {(a.element, a.qualifier, a.context) for a in typed}
    kept = [a for a in facts.patient.answers if (a.element, a.qualifier, a.context) not in places]
    inside = [a for a in every if in_record(a.context)]
    records = _with_answers(_records(facts.patient, entered), inside)
    patient = replace(facts.patient, answers=(*kept, *typed), records=records)
    return replace(facts, patient=patient)


def answer_of(entry: Entry, need: Need, facts: VisitFacts) -> Answer:
    """The answer an entry would become. It speaks for its interval, or for the visit's latest as-of date."""
    as_of = latest_as_of(facts)
    return Answer(
        need.element,
        need.qualifier,
        need.context,
        value=entry.value,
        missing=entry.missing,
        observed_on=entry.observed_on or (need.covers.upto if need.covers else as_of),
        covers_from=need.covers.after if need.covers else None,
        covers_to=need.covers.upto if need.covers else None,
        unit=entry.unit,
        precision=precision_of(entry.value),
        source="confirmed" if entry.confirmed else "chart",
        visit_id=facts.visit_id,
    )


def with_dates(facts: VisitFacts, as_of: Mapping[str, date]) -> VisitFacts:
    """`facts` with the dates the reports speak for, by timepoint uuid, where a person gave them."""
    moved = tuple(replace(o, as_of=as_of.get(o.uuid, o.as_of)) for o in facts.occasions)
    return replace(facts, occasions=moved)


def latest_as_of(facts: VisitFacts) -> date:
    """The latest date any report of this visit speaks for."""
    return max((o.as_of for o in facts.occasions), default=facts.planned_on)


def precision_of(value: str) -> str:
    """year, month or day of an ISO date by its length; day for anything else."""
    parts = value.split("-")
    if all(p.isdigit() for p in parts) and len(parts[0]) == 4:
        return {1: "year", 2: "month"}.get(len(parts), "day")
    return "day"


def in_record(context: str) -> bool:
    """Whether a context is that of a record's field: o12."""
    return context.startswith("o")


def _with_answers(records: tuple[Record, ...], answers: list[Answer]) -> tuple[Record, ...]:
    """The records with what was typed about one of them at the report it is the subject of."""
    if not answers:
        return records
    new = {(a.context, field_key(a.element, a.qualifier)): a for a in answers}
    return tuple(
        replace(r, values={**r.values, **{e: a for (context, e), a in new.items() if context == f"o{r.id}"}})
        for r in records
    )


def _records(patient: PatientFacts, entered: Entered) -> tuple[Record, ...]:
    typed = {(r.group, r.id): r for r in entered.records}
    kept = [_filled(r, typed.pop((r.group, r.id), None)) for r in patient.records]
    return (*kept, *(_filled(Record(r.id, r.group, {}), r) for r in typed.values()))


def _filled(record: Record, typed: EnteredRecord | None) -> Record:
    if typed is None:
        return record
    new = {
        element: Answer(element, "", f"o{record.id}", e.value, e.missing, precision=precision_of(e.value))
        for element, e in typed.values.items()
        if e.given
    }
    return replace(record, values={**record.values, **new})
