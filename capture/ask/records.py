"""Dated records: which belong to an interval, and the summaries (any, count, sum, days, last) that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from capture.ask.facts import GATE, Answer, EventFact, Record
from capture.ask.periods import Interval, covers
from forms_catalog.specs import RecordGroupSpec, SummaryRule
from forms_catalog.transforms.answers import Refusal
from forms_catalog.transforms.dates import placed

DEATH_SAYS = ("vital-status", "death-date")


@dataclass(frozen=True, slots=True)
class Summary:
    """A derived summary: a value or a missing code or neither, and the ids of the answers it rests on."""

    value: str = ""
    missing: str = ""
    used: tuple[str, ...] = ()


def day_of(record: Record, group: RecordGroupSpec) -> date | None:
    """The day that places a record in time; the last possible day where only month or year is known."""
    return latest_day(record.value(group.date))


def latest_day(text: str) -> date | None:
    """The day of an ISO date, or the last day of a known month or year; None where there is none."""
    try:
        return placed(text)
    except (Refusal, ValueError):
        return None


def of_group(records: Iterable[Record], group: RecordGroupSpec) -> list[tuple[date, Record]]:
    """The group's records with their days, oldest first; records without a day are left out."""
    dated = [(day, r) for r in records if r.group == group.id and (day := day_of(r, group))]
    return sorted(dated, key=lambda pair: (pair[0], pair[1].id))


def in_period(records: Iterable[Record], group: RecordGroupSpec, period: Interval) -> list[tuple[date, Record]]:
    """The group's records whose day lies in the interval, oldest first."""
    return [(day, r) for day, r in of_group(records, group) if period.contains(day)]


def of_death(element: str, events: Iterable[EventFact], upto: date) -> EventFact | None:
    """The recorded death that answers an element by that day; None where there is none, or it answers another."""
    if element not in DEATH_SAYS:
        return None
    return next((e for e in events if e.kind == "death" and e.on <= upto), None)


def reported(records: Iterable[Record], record: str, group: str) -> Record | None:
    """The record that a triggered report is about, where it is one of this group."""
    return next((r for r in records if record and r.id == record and r.group == group), None)


def of_one(rule: SummaryRule, record: Record) -> Summary:
    """The summary of one record alone: whether and how it counts."""
    chosen, maybe = matching(rule, [(date.min, record)])
    used = tuple(a.id for a in record.values.values() if a.id)
    if maybe:
        return Summary(missing="unknown", used=used)
    if rule.op in ("any", "count"):
        return Summary(("yes" if chosen else "no") if rule.op == "any" else str(len(chosen)), used=used)
    return Summary(record.value(rule.of) if rule.of and chosen else "", used=used)


def gate_coverage(answers: Iterable[Answer], group: str) -> list[Interval]:
    """The time for which somebody said whether anything new of this group happened."""
    return [
        Interval(a.covers_from, a.covers_to)
        for a in answers
        if a.element == GATE and a.qualifier == group and a.value and a.covers_from and a.covers_to
    ]


def summarise(
    rule: SummaryRule, group: RecordGroupSpec, records: Sequence[Record], answers: Sequence[Answer], period: Interval
) -> Summary:
    """The summary of one interval. Without a matching record it is "no" or 0 only where every day was asked about."""
    if rule.op == "days":
        chosen, maybe = [(d, r) for d, r in of_group(records, group) if d <= period.upto], False
    else:
        chosen, maybe = matching(rule, in_period(records, group, period))
    used = tuple(a.id for _, r in chosen for a in r.values.values() if a.id)
    if not covers(period, gate_coverage(answers, group.id)) and not (rule.op == "any" and chosen):
        return Summary(missing=_gate_missing(answers, group.id, period), used=used)
    if maybe and not (rule.op == "any" and chosen):
        return Summary(missing="unknown", used=used)
    return Summary(value=_value(rule, group, chosen, period), used=used)


def _gate_missing(answers: Iterable[Answer], group: str, period: Interval) -> str:
    found = [a for a in answers if a.element == GATE and a.qualifier == group and a.missing]
    return next((a.missing for a in found if a.covers_to and a.covers_to >= period.upto), "")


def matching(rule: SummaryRule, dated: list[tuple[date, Record]]) -> tuple[list[tuple[date, Record]], bool]:
    """The records that match `where`, and whether one might match whose field is unknown."""
    chosen, maybe = [], False
    for day, record in dated:
        verdicts = [_verdict(record, element, codes) for element, codes in rule.where.items()]
        if all(v is True for v in verdicts):
            chosen.append((day, record))
        elif all(v is not False for v in verdicts):
            maybe = True
    return chosen, maybe


def _verdict(record: Record, element: str, codes: tuple[str, ...]) -> bool | None:
    value = record.value(element)
    return None if value in ("", "unknown") else value in codes


def _value(rule: SummaryRule, group: RecordGroupSpec, chosen: list[tuple[date, Record]], period: Interval) -> str:
    if rule.op == "any":
        return "yes" if chosen else "no"
    if rule.op == "count":
        return str(len(chosen))
    if rule.op == "sum":
        return str(sum(int(r.value(rule.of) or 0) for _, r in chosen))
    if rule.op == "last":
        return chosen[-1][1].value(rule.of) if chosen else ""
    stays = (_days(start, latest_day(r.value(group.end)), period) for start, r in chosen)
    days = len(set().union(*stays))  # two stays of one day, such as ward and intensive care, are one day in hospital
    return str(min(days, rule.within[1] - rule.within[0]) if rule.within else days)


def _days(start: date, end: date | None, period: Interval) -> range:
    """Days of one stay inside the interval, as ordinals: the day of admission counts, the day of discharge does not.

    A window from day 0 to day 100 has 100 such days: who stays through it is counted in on day 0 and out on day 100.
    """
    last = (end or period.upto).toordinal() - (1 if end and end > start else 0)
    first = max(start.toordinal(), period.after.toordinal() + 1)
    return range(first, min(last, period.upto.toordinal()) + 1)
