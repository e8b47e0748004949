"""Is a source of an ask already known, derived, or still to be asked? Rules 2 and 3, one function a reuse class.

Called by sheet.build with facts that do not hold what is typed at this visit. Every settled source says why in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from capture.ask import combine, records
from capture.ask.contexts import context_of, first_day_before, period_of
from capture.ask.facts import GATE, Answer, Occasion, VisitFacts, question_key
from capture.ask.periods import Interval, covers, minus, uncovered
from forms_catalog.specs import ElementSpec, RecordGroupSpec, Source

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


def resolve(source: Source, occasion: Occasion, facts: VisitFacts, periods: Periods) -> Resolution:
    """Whether `source` is settled for `occasion`, or the questions it needs. `periods`: every asker's, by element."""
    element = facts.release.elements[source.element]
    if source.qualifier:
        return (
            _plain(element, source, occasion, facts)
            if element.reuse not in ("period",)
            else _period(element, source, occasion, facts, periods)
        )
    if element.summary_of or element.reuse == "record":
        return _records(element, occasion, facts, periods)
    return RULES[element.reuse](element, source, occasion, facts, periods)


def period_key(source: Source) -> str:
    """The key under which the askers' periods of a source are collected."""
    return f"{source.element}~{source.qualifier}"


def latest(answers: Sequence[Answer], element: str, prefix: str, occasion: Occasion) -> Answer | None:
    """The newest answer with a value to `element` whose context starts with `prefix`, up to the occasion's as-of."""
    found = [
        a
        for a in answers
        if a.element == element
        and not a.qualifier
        and a.context.startswith(prefix)
        and a.value
        and (a.observed_on is None or a.observed_on <= occasion.as_of)
    ]
    return max(found, key=lambda a: (a.observed_on or occasion.after, a.id), default=None)


def _ask(element: ElementSpec, source: Source, occasion: Occasion, facts: VisitFacts, why: str) -> Resolution:
    context = context_of(element, occasion, facts.patient.id)
    return Resolution("ask", why, (Need(element.id, source.qualifier, context),))


def _plain(element: ElementSpec, source: Source, occasion: Occasion, facts: VisitFacts) -> Resolution:
    return _ask(element, source, occasion, facts, "Asked at each visit.")


def _static(
    element: ElementSpec, source: Source, occasion: Occasion, facts: VisitFacts, periods: Periods
) -> Resolution:
    context = context_of(element, occasion, facts.patient.id)
    found = next((a for a in facts.patient.answers if a.element == element.id and a.context == context), None)
    if found and found.value:
        when = f" on {found.observed_on}" if found.observed_on else ""
        return Resolution("known", f"Already given{when} ({found.source}); it does not change.")
    return _ask(element, source, occasion, facts, "Not given yet; asked once.")


def _derived(
    element: ElementSpec, source: Source, occasion: Occasion, facts: VisitFacts, periods: Periods
) -> Resolution:
    return Resolution("derived", DERIVED[element.reuse])


def _measured(
    element: ElementSpec, source: Source, occasion: Occasion, facts: VisitFacts, periods: Periods
) -> Resolution:
    found = measured_in_window(element, occasion, facts.patient.answers)
    if found:
        return Resolution("known", f"Measured on {found.observed_on}, inside this program's window.")
    return _ask(element, source, occasion, facts, "A new measurement is needed in this window.")


def measured_in_window(element: ElementSpec, occasion: Occasion, answers: Sequence[Answer]) -> Answer | None:
    """The measurement of another visit nearest to the as-of date, inside the window and after the last report."""
    start = max(occasion.window_start, first_day_before(occasion))
    found = [
        a
        for a in answers
        if a.element == element.id
        and a.value
        and a.observed_on
        and max(start, occasion.after) < a.observed_on <= occasion.as_of
    ]
    return min(
        found, key=lambda a: (abs((occasion.as_of - (a.observed_on or occasion.as_of)).days), a.id), default=None
    )


def _each_visit(
    element: ElementSpec, source: Source, occasion: Occasion, facts: VisitFacts, periods: Periods
) -> Resolution:
    why = "Belongs to its own day." if element.reuse == "never" else "May have changed; kept with one key if not."
    return _ask(element, source, occasion, facts, why)


def _cumulative(
    element: ElementSpec, source: Source, occasion: Occasion, facts: VisitFacts, periods: Periods
) -> Resolution:
    found = latest(facts.patient.answers, element.id, f"t{occasion.treatment.id}/", occasion)
    if found and (element.datatype == "date" or found.value in ("yes", "previously")):
        return Resolution("known", f"Given for {found.observed_on}; once true it stays true.")
    return _ask(element, source, occasion, facts, "Since the infusion; not settled yet.")


def _period(
    element: ElementSpec, source: Source, occasion: Occasion, facts: VisitFacts, periods: Periods
) -> Resolution:
    mine = period_of(element, occasion)
    same = [a for a in facts.patient.answers if a.qualifier == source.qualifier]
    covered = [combine.interval_of(a) for a in combine.usable(element, same, mine) if a.value]
    if covers(mine, covered):
        return Resolution("known", f"Answered for all days up to {mine.upto}.")
    every = [combine.interval_of(a) for a in same if a.element == element.id and a.value and a.covers_to]
    asked = uncovered(list(periods.get(period_key(source), (mine,))), every)
    open_parts = [p for p in asked if p.after < mine.upto and mine.after < p.upto] or minus(mine, covered)
    needs = tuple(
        Need(
            element.id,
            source.qualifier,
            context_of(element, occasion, facts.patient.id, part.upto),
            covers=part,
        )
        for part in open_parts
    )
    return Resolution("ask", "What happened since the last report.", needs)


def _fixed(element: ElementSpec, source: Source, occasion: Occasion, facts: VisitFacts, periods: Periods) -> Resolution:
    mine = period_of(element, occasion)
    same = [a for a in facts.patient.answers if a.element == element.id and a.qualifier == source.qualifier and a.value]
    if any(combine.interval_of(a) == mine for a in same):
        return Resolution("known", f"Answered for exactly these days, up to {mine.upto}.")
    context = context_of(element, occasion, facts.patient.id, mine.upto)
    return Resolution(
        "ask", "A period with its own limits.", (Need(element.id, source.qualifier, context, covers=mine),)
    )


def _records(element: ElementSpec, occasion: Occasion, facts: VisitFacts, periods: Periods) -> Resolution:
    """A record's field or a group's summary: derived where every day was asked about, else "anything new since?"."""
    group = facts.release.groups[element.summary_of or element.group]
    mine = period_of(element, occasion)
    covered = records.gate_coverage(facts.patient.answers, group.id)
    if covers(mine, covered):
        return Resolution("derived", f"Follows from the dated records of every day up to {mine.upto}.")
    wanted = [p for key, ps in periods.items() if key == f"{GATE}~{group.id}" for p in ps] or [mine]
    gaps = uncovered(wanted, covered)
    since = Interval(min(g.after for g in gaps), max(g.upto for g in gaps)) if gaps else mine
    gate = Need(GATE, group.id, f"v{occasion.visit_id}", "gate", group.id, since)
    fields = tuple(Need(f, "", f"@{group.id}", "field", group.id) for f in fields_needed(element, group))
    return Resolution(
        "ask", "Entered once as dated records; each program gets those of its own period.", (gate, *fields)
    )


def fields_needed(element: ElementSpec, group: RecordGroupSpec) -> tuple[str, ...]:
    """The record fields that an ask for `element` needs, the record's date first."""
    rule = group.summaries.get(element.id)
    if rule is None:
        return tuple(dict.fromkeys((group.date, element.id)))
    end = (group.end,) if rule.op == "days" else ()
    of = (rule.of,) if rule.of else ()
    return tuple(dict.fromkeys((group.date, *rule.where, *of, *end)))


DERIVED = {
    "from-timepoint": "Follows from the time point itself; never typed.",
    "from-treatment": "Read from the treatment record; never typed.",
    "from-events": "Follows from recorded events and consents; never typed.",
}
Rule = Callable[[ElementSpec, Source, Occasion, VisitFacts, Periods], Resolution]
RULES: dict[str, Rule] = {
    "static": _static,
    "program": _static,
    "from-timepoint": _derived,
    "from-treatment": _derived,
    "from-events": _derived,
    "measured": _measured,
    "confirm": _each_visit,
    "never": _each_visit,
    "cumulative": _cumulative,
    "period": _period,
    "fixed-period": _fixed,
}
