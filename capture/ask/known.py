"""Is a source of an ask already known, derived, or still to be asked? Rules 2 and 3, one function a reuse class.

Called by sheet.build with facts that do not hold what is typed at this visit. Every settled source says why in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from capture.ask import combine, marks, reasons, records, series
from capture.ask.contexts import CLOSES_THE_PERIOD, context_of, own_context, period_of
from capture.ask.facts import GATE, Answer, Occasion, Record, VisitFacts, field_key, question_key
from capture.ask.periods import Interval, covers, minus, uncovered
from capture.ask.standing import follows_parent, last_given, since_infusion, turned
from forms_catalog.specs import ElementSpec, RecordGroupSpec, Source
from forms_catalog.transforms.select import PLAIN, Selection

Periods = Mapping[str, Sequence[Interval]]


@dataclass(frozen=True, slots=True)
class Need:
    """One question a source still needs. kind: plain, gate ("anything new since?") or field (of a record)."""

    element: str
    qualifier: str
    context: str
    kind: str = "plain"
    group: str = ""
    covers: Interval | None = None

    @property
    def key(self) -> str:
        return question_key(self.element, self.qualifier, self.context)


@dataclass(frozen=True, slots=True)
class Resolution:
    """How a source stands: ask (with its needs), known or derived; `why` is one sentence for people."""

    how: str
    why: str
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A source of an ask as the rules look at it. `periods`: every asker's periods, by element."""

    element: ElementSpec
    source: Source
    occasion: Occasion
    facts: VisitFacts
    periods: Periods
    selection: Selection = PLAIN

    @property
    def answers(self) -> tuple[Answer, ...]:
        return self.facts.patient.answers


def resolve(
    source: Source, occasion: Occasion, facts: VisitFacts, periods: Periods, selection: Selection = PLAIN
) -> Resolution:
    """Whether `source` is settled for `occasion`, or the questions it needs. `selection` is the request's own rule."""
    element = facts.release.elements[source.element]
    if death := records.of_death(element.id, facts.patient.events, occasion.as_of):
        return Resolution("derived", f"Follows from the death recorded for {death.on}.")
    if source.qualifier and records.reported(facts.patient.records, occasion.record, element.summary_of):
        return _about_one(element, source, occasion, facts)
    asked = Asked(element, source, occasion, facts, periods, selection)
    found = _by_rule(asked)
    if occasion.balance_missing and found.needs and element.reuse in ("record", "period"):
        return Resolution("ask", reasons.balance_missing(occasion), found.needs)
    return found


def _by_rule(asked: Asked) -> Resolution:
    """One function a reuse class; an extra question has a rule of its own."""
    element = asked.element
    if asked.source.qualifier:
        return _period(asked) if element.reuse == "period" else _extra(asked)
    if element.summary_of or element.reuse == "record":
        return _records(asked)
    return RULES[element.reuse](asked)


def period_key(source: Source) -> str:
    """The key under which the askers' periods of a source are collected."""
    return f"{source.element}~{source.qualifier}"


def group_of(element: ElementSpec, selection: Selection = PLAIN) -> str:
    """The record group whose "anything new?" answers for an ask, '' where it is a question of its own."""
    if element.summary_of:
        return element.summary_of
    return element.group if element.reuse == "record" or selection.over_period else ""


def _ask(asked: Asked, why: str, context: str = "") -> Resolution:
    place = context or context_of(asked.element, asked.occasion, asked.facts.patient.id)
    return Resolution("ask", why, (Need(asked.element.id, asked.source.qualifier, place),))


def _extra(asked: Asked) -> Resolution:
    return _ask(asked, f"An extra question of {asked.occasion.program}, for its report of {asked.occasion.as_of}.")


def _static(asked: Asked) -> Resolution:
    context = context_of(asked.element, asked.occasion, asked.facts.patient.id)
    found = next((a for a in asked.answers if a.element == asked.element.id and a.context == context), None)
    if found and found.value:
        return Resolution("known", reasons.settled_once(found, asked.facts))
    return _ask(asked, reasons.asked_once(asked.facts, found))


def _derived(asked: Asked) -> Resolution:
    return Resolution("derived", reasons.follows(asked.element, asked.occasion, asked.facts.patient.events))


def _measured(asked: Asked) -> Resolution:
    if group_of(asked.element, asked.selection):
        return _records(asked)
    known = series.of(asked.element, asked.facts.patient, asked.facts.release)
    found = series.pick(known, asked.occasion, asked.selection)
    if found and not asked.selection.over_period:
        return Resolution("known", reasons.taken(found, asked.occasion, asked.facts, asked.selection))
    return _ask(asked, reasons.to_measure(known, asked.occasion, asked.selection))


def _confirm(asked: Asked) -> Resolution:
    last = last_given(asked.element.id, asked.occasion, asked.answers)
    turn = turned(last.observed_on, asked.occasion, asked.facts.patient, asked.facts.release) if last else ""
    if asked.element.id != CLOSES_THE_PERIOD:
        return _ask(asked, reasons.may_have_changed(last, asked.facts, asked.occasion, turn))
    days = {p.upto for p in asked.periods.get(period_key(asked.source), ())}
    why = f"Closes the period of {asked.occasion.program}'s report, which speaks for {asked.occasion.as_of}."
    return _ask(asked, why, own_context(asked.occasion) if len(days) > 1 else "")


def _never(asked: Asked) -> Resolution:
    return _ask(asked, reasons.own_day(asked.occasion))


def _cumulative(asked: Asked) -> Resolution:
    found = since_infusion(asked.element, asked.occasion, asked.facts.patient, asked.facts.release)
    settled = found and (asked.element.datatype == "date" or found.value in ("yes", "previously"))
    if found and settled and not follows_parent(asked.element, asked.facts.release):
        return Resolution("known", reasons.once_true(found, asked.facts))
    return _ask(asked, reasons.not_settled(found, asked.facts, asked.occasion))


def _period(asked: Asked) -> Resolution:
    element, source = asked.element, asked.source
    mine = period_of(element, asked.occasion)
    same = [a for a in asked.answers if a.qualifier == source.qualifier and not asked.occasion.balance_missing]
    used = [a for a in combine.usable(element, same, mine) if a.value]
    if covers(mine, [combine.interval_of(a) for a in used]):
        return Resolution("known", reasons.answered_days(mine, used, asked.facts))
    yes = next((a for a in used if a.value == "yes" and combine.joins(element) == "any"), None)
    if yes and combine.interval_of(yes).inside(mine):
        return Resolution("known", reasons.settled_yes(mine, yes, asked.facts))
    every = [combine.interval_of(a) for a in same if a.element == element.id and a.value and a.covers_to]
    cut = uncovered(list(asked.periods.get(period_key(source), (mine,))), every)
    covered = [combine.interval_of(a) for a in used]
    parts = [p for p in cut if p.after < mine.upto and mine.after < p.upto] or minus(mine, covered)
    place = asked.facts.patient.id
    needs = tuple(
        Need(element.id, source.qualifier, context_of(element, asked.occasion, place, part.upto), covers=part)
        for part in parts
    )
    return Resolution("ask", reasons.open_days(parts), needs)


def _fixed(asked: Asked) -> Resolution:
    element, mine = asked.element, period_of(asked.element, asked.occasion)
    same = [a for a in asked.answers if a.element == element.id and a.qualifier == asked.source.qualifier and a.value]
    found = next((a for a in same if combine.interval_of(a) == mine), None)
    why = reasons.own_limits(mine, answered=found, facts=asked.facts)
    if found:
        return Resolution("known", why)
    context = context_of(element, asked.occasion, asked.facts.patient.id, mine.upto)
    return Resolution("ask", why, (Need(element.id, asked.source.qualifier, context, covers=mine),))


def _records(asked: Asked) -> Resolution:
    """A record's field or a group's summary: derived where every day was asked about, else "anything new since?"."""
    facts, group = asked.facts, asked.facts.release.groups[group_of(asked.element, asked.selection)]
    if about := records.reported(facts.patient.records, asked.occasion.record, group.id):
        return _of_one(asked.element, group, about, asked.occasion)
    mine = asked_period(asked.element, asked.occasion, asked.selection)
    covered = [] if asked.occasion.balance_missing else records.gate_coverage(facts.patient.answers, group.id)
    kind = group.id.replace("-", " ")
    if covers(mine, covered):
        dates = [day.isoformat() for day, _ in records.in_period(facts.patient.records, group, mine)]
        return Resolution("derived", reasons.from_records(kind, mine, dates))
    wanted = list(asked.periods.get(f"{GATE}~{group.id}", (mine,)))
    gaps = uncovered(wanted, covered)
    since = Interval(min(g.after for g in gaps), max(g.upto for g in gaps)) if gaps else mine
    gate = Need(GATE, group.id, f"v{facts.visit_id}", "gate", group.id, since)
    going_on = marks.going_on(facts.patient.records, group, mine.upto)
    names = dict.fromkeys((*fields_needed(asked.element, group), *((group.end,) if going_on else ())))
    fields = tuple(Need(f, "", f"@{group.id}", "field", group.id) for f in names)
    over = asked.selection.over_period
    why = reasons.every_draw(since, asked.selection) if over else reasons.anything_new(kind, since)
    return Resolution("ask", why, (gate, *fields))


def asked_period(element: ElementSpec, occasion: Occasion, selection: Selection = PLAIN) -> Interval:
    """The time an ask is about: its rule's over a series, else the element's."""
    return series.span(occasion, selection) if selection.over_period else period_of(element, occasion)


def _of_one(element: ElementSpec, group: RecordGroupSpec, record: Record, occasion: Occasion) -> Resolution:
    """A report about one record: what is entered of it is known, what a summary says follows, the rest is asked."""
    open_fields = [f for f in fields_needed(element, group) if f not in record.values]
    if not open_fields:
        how = "derived" if element.id in group.summaries else "known"
        return Resolution(how, "Entered with the record that this report is about.")
    needs = tuple(Need(f, "", f"o{record.id}") for f in open_fields)
    return Resolution("ask", "Not entered yet for the record that this report is about.", needs)


def _about_one(element: ElementSpec, source: Source, occasion: Occasion, facts: VisitFacts) -> Resolution:
    """A program's extra question in a report about one record is asked of that record, once."""
    record = records.reported(facts.patient.records, occasion.record, element.summary_of)
    if record and field_key(element.id, source.qualifier) in record.values:
        return Resolution("known", "Answered for the record that this report is about.")
    need = Need(element.id, source.qualifier, f"o{occasion.record}")
    return Resolution("ask", "This program asks it of each record.", (need,))


def fields_needed(element: ElementSpec, group: RecordGroupSpec) -> tuple[str, ...]:
    """The record fields that an ask for `element` needs, the record's date first."""
    rule = group.summaries.get(element.id)
    if rule is None:
        return tuple(dict.fromkeys((group.date, element.id)))
    end = (group.end,) if rule.op == "days" else ()
    of = (rule.of,) if rule.of else ()
    return tuple(dict.fromkeys((group.date, *rule.where, *of, *end)))


Rule = Callable[[Asked], Resolution]
RULES: dict[str, Rule] = {
    "static": _static,
    "program": _static,
    "from-timepoint": _derived,
    "from-treatment": _derived,
    "from-events": _derived,
    "measured": _measured,
    "confirm": _confirm,
    "never": _never,
    "cumulative": _cumulative,
    "period": _period,
    "fixed-period": _fixed,
}
