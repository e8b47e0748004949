"""Why something is asked or not, in one sentence with its date, program and visit. Pure; called by known and sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from capture.ask.asksheet import Asker, Question
from capture.ask.facts import Answer, EventFact, Occasion, VisitFacts
from capture.ask.periods import Interval
from capture.ask.series import Measurement, span
from forms_catalog.specs import ElementSpec
from forms_catalog.transforms.answers import MISSING_CODES
from forms_catalog.transforms.select import PLAIN, Selection, in_words

SOURCES = {"confirmed": "kept with one key", "correction": "corrected later", "elsewhere": "reported elsewhere"}
FOLLOWS: Mapping[str, str] = {
    "from-timepoint": "Follows from the time point {entry} and its date {as_of}; never typed.",
    "from-treatment": "Read from the treatment of {infusion}; never typed.",
    "from-events": "Follows from the events and consents up to {as_of}{latest}; never typed.",
}


def given(answer: Answer, facts: VisitFacts) -> str:
    """When, where and how an answer was given: 'on 2025-04-11 at the visit for a program's D100'."""
    when = f"on {answer.observed_on}" if answer.observed_on else "before"
    where = facts.visits.get(answer.visit_id or 0, "")
    how = SOURCES.get(answer.source, "")
    return " ".join(
        part for part in (when, f"at the visit for {where}" if where else "", f"({how})" if how else "") if part
    )


def settled_once(answer: Answer, facts: VisitFacts) -> str:
    return f"Given {given(answer, facts)}; it does not change."


def asked_once(facts: VisitFacts, before: Answer | None) -> str:
    """For what is asked once: not given yet, or said to be missing at an earlier visit."""
    if before is None:
        return f"Not given yet at any visit up to {facts.planned_on}; asked once."
    return f"Said to be “{_missing(before)}” {given(before, facts)}; a missing reason is asked again."


def follows(element: ElementSpec, occasion: Occasion, events: Sequence[EventFact]) -> str:
    """For what is never typed."""
    mine = [e for e in events if e.program in ("", occasion.program) and e.on <= occasion.as_of]
    last = max(mine, key=lambda e: e.on, default=None)
    return FOLLOWS[element.reuse].format(
        entry=occasion.entry_code,
        as_of=occasion.as_of,
        infusion=occasion.treatment.infusion_on,
        latest=f", the latest of {last.on}" if last else "",
    )


def taken(found: Measurement, occasion: Occasion, facts: VisitFacts, selection: Selection = PLAIN) -> str:
    """For a measurement that serves: which one, from where, by which rule."""
    where = "in a dated draw" if found.record else given(found.answer, facts).partition(" at ")[2]
    at = where if found.record else f"at {where}" if where else ""
    rule = f" {in_words(selection)}" if selection.rule else ""
    words = f"Measured on {found.on} {at}".rstrip()
    inside = span(occasion, selection)
    return f"{words}, between {_after(inside)} and {inside.upto} as {occasion.program} wants it.{rule}"


def to_measure(series: Sequence[Measurement], occasion: Occasion, selection: Selection = PLAIN) -> str:
    """For a measurement that is needed: until when, and which is the last one."""
    inside = span(occasion, selection)
    before = [m for m in series if m.on <= occasion.as_of]
    last = f"the last one is of {before[-1].on}" if before else "there is none yet"
    rule = f" {in_words(selection)}" if selection.rule else ""
    return f"{occasion.program} needs one between {_after(inside)} and {inside.upto}; {last}.{rule}"


def every_draw(gaps: Interval, selection: Selection) -> str:
    """For a rule over a period: every draw of it has to be known."""
    return f"Every draw after {gaps.after} up to {gaps.upto} has to be known. {in_words(selection)}"


def own_day(occasion: Occasion) -> str:
    return f"Belongs to its own day, {occasion.as_of}; never taken from another."


def may_have_changed(last: Answer | None, facts: VisitFacts, occasion: Occasion, turn: str) -> str:
    """For what is offered, or asked anew because something happened since."""
    if last is None:
        return f"Not given at any visit up to {occasion.as_of}."
    if turn:
        return f"Last given {given(last, facts)}; {turn} since, so it is asked anew."
    return f"Last given {given(last, facts)}; it may have changed and is kept with one key if not."


def once_true(answer: Answer, facts: VisitFacts) -> str:
    return f"Given {given(answer, facts)}; once true it stays true."


def not_settled(last: Answer | None, facts: VisitFacts, occasion: Occasion) -> str:
    """For what is asked since the infusion until it is a date or a yes."""
    if last is None:
        return f"Since the infusion on {occasion.treatment.infusion_on}; not given yet."
    return f"Last given {given(last, facts)}; it may be otherwise since then and is offered."


def answered_days(mine: Interval, used: Sequence[Answer], facts: VisitFacts) -> str:
    """For a period that other answers cover."""
    last = max(used, key=lambda a: (a.covers_to or mine.upto, a.id), default=None)
    tail = f", last {given(last, facts)}" if last else ""
    return f"Every day after {mine.after} up to {mine.upto} is answered{tail}."


def settled_yes(mine: Interval, yes: Answer, facts: VisitFacts) -> str:
    return f"Yes was given {given(yes, facts)}, which settles the time after {mine.after} up to {mine.upto}."


def open_days(parts: Sequence[Interval]) -> str:
    """For a period question: the days nobody has answered."""
    return f"What happened after {parts[0].after} up to {parts[-1].upto}: nobody has answered these days."


def own_limits(mine: Interval, *, answered: Answer | None, facts: VisitFacts) -> str:
    """For a period with limits of its own."""
    if answered:
        return f"Answered for exactly the days after {mine.after} up to {mine.upto}, {given(answered, facts)}."
    return f"About exactly the days after {mine.after} up to {mine.upto}; no answer has these limits."


def from_records(kind: str, mine: Interval, dates: Sequence[str]) -> str:
    """For a summary or field that follows from records."""
    many = f"{len(dates)} dated {kind} record{'' if len(dates) == 1 else 's'}, the last of {dates[-1]}" if dates else ""
    basis = many or f"no {kind} record"
    return f"Follows from {basis}; every day after {mine.after} up to {mine.upto} was asked about."


def anything_new(kind: str, gap: Interval) -> str:
    return (
        f"Nobody has said whether there is a new {kind} after {gap.after} up to {gap.upto}; "
        f"entered once, each program gets those of its own period."
    )


def stands(answer: Answer | None, occasion: Occasion, facts: VisitFacts) -> str:
    """For an earlier answer that a question hidden by its parent keeps."""
    if answer is None:
        return f"Nothing new up to {occasion.as_of}, so what was given before stands."
    return f"Given {given(answer, facts)}; nothing new since, so it stands."


def from_others(answer: Answer | None, occasion: Occasion, facts: VisitFacts) -> str:
    """For an ask that the answers to its other questions settle."""
    if answer is None:
        return f"Follows from what is answered at this visit, for {occasion.as_of}."
    return f"Follows from the answer to “{_label(answer.element, facts)}”, given {given(answer, facts)}."


def ruled_out(question: Question, occasion: Occasion, facts: VisitFacts) -> str:
    """For a question that is hidden because of another answer."""
    if question.kind == "field":
        return (
            f"Not asked: no new {question.group.replace('-', ' ')} record is typed for the time up to {occasion.as_of}."
        )
    parent = _label(question.parent, facts) if question.parent else ""
    about = f"the answer to “{parent}” rules it out" if parent else "another answer rules it out"
    return f"Not asked for the report of {occasion.as_of}: {about}."


def shared(first: Asker, facts: VisitFacts) -> str:
    """For a question that another program of the visit has shown."""
    as_of = next((o.as_of for o in facts.occasions if o.uuid == first.occasion), facts.planned_on)
    return f"The same question is shown for {first.program}'s report of {as_of} ({first.label})."


def balance_missing(occasion: Occasion) -> str:
    """For a period whose start is not known here: nothing is derived for it until the balance is loaded."""
    return (
        f"Asked, not derived: the opening balance of {occasion.program} is missing, so what was reported before is not "
        f"known here for its report of {occasion.as_of}."
    )


def newest(used: Sequence[str], facts: VisitFacts) -> Answer | None:
    """The newest of the stored answers that a value rests on."""
    wanted = {i for i in used if i}
    found = [a for a in facts.patient.answers if a.id in wanted]
    found += [a for r in facts.patient.records for a in r.values.values() if a.id in wanted]
    return max(found, key=lambda a: (a.observed_on or date.min, a.id), default=None)


def _label(element: str, facts: VisitFacts) -> str:
    spec = facts.release.elements.get(element)
    return spec.label if spec else element


def _after(inside: Interval) -> str:
    return inside.after.fromordinal(inside.after.toordinal() + 1).isoformat()


def _missing(answer: Answer) -> str:
    return MISSING_CODES.get(answer.missing, answer.missing).lower()
