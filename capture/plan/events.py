"""Step 4: a fold over a patient's events → what one enrolment still owes; scheduling loads the facts and applies it.

Nothing is remembered between folds: the same events always give the same answer, so an undo is just another event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from forms_catalog import effects
from forms_catalog.effects import Effect, Effects
from forms_catalog.specs import EntryKind

State = Literal["planned", "submitted", "closed", "not_owed", "elsewhere"]
Contact = Literal["", "survival", "safety"]
"""What a report still asks: everything, only what survival needs, or only the program's safety questions."""

LIFTED_BY = {"lost": "found", "withdrawn": "reconsented"}
OCCASIONS = {"death": "DEATH"}  # the triggered occasion that stands in where no timepoint is left to carry the report
NEVER = 3_652_060  # the day after the last ordinal


@dataclass(frozen=True, slots=True)
class EventFact:
    """One recorded event: `on` is its effective day ordinal; `program` None = all; an undo names what it `undoes`.

    survival_only names the timepoint that it concerns in `report` (a key). `order` grows with the time of recording.
    """

    uuid: str
    kind: str
    on: int
    program: str | None = None
    undoes: str | None = None
    report: str | None = None
    order: int = 0


@dataclass(frozen=True, slots=True)
class TimepointFact:
    """One timepoint with the days its *schedule* gives (ordinals), not days an earlier fold has moved.

    Baseline entries start at the anchor and end on their due day. `as_of` is set once submitted; `contact` is then what
    the report asked. `forms` are those of its schedule entry.
    """

    key: str
    program: str
    entry_code: str
    start: int
    end: int
    due: int
    target: int
    state: State = "planned"
    kind: EntryKind = "followup"
    as_of: int | None = None
    contact: Contact = ""
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EnrolmentFact:
    """One enrolment: its anchor, from when it owes, and the rules of its program's schedule as read."""

    program: str
    anchor: int
    owed_from: int
    retrospective: bool = False
    rules: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a timepoint is now. `start..end`, `target` and `due` are the days to plan with; a last report's are moved.

    `reason` is the kind of the event that decided, 'owed_from', 'undone' or ''; `event` is that event's uuid. `contact`
    is what the report still asks.
    """

    state: State
    start: int
    end: int
    target: int
    due: int
    reason: str = ""
    as_of: int | None = None
    event: str = ""
    contact: Contact = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """A closing report that an event opens: on the timepoint `key`, or a triggered occasion of its own (key None)."""

    entry_code: str
    key: str | None
    as_of: int
    due: int
    event: str
    contact: Contact = ""


@dataclass(frozen=True, slots=True)
class FoldResult:
    """A decision for every timepoint, by key, and the closing reports to open."""

    decisions: Mapping[str, Decision]
    opens: tuple[Opening, ...] = ()


@dataclass(frozen=True, slots=True)
class _Span:
    """From `on` until the event that lifts it (NEVER): nothing is owed as `effect` says."""

    effect: Effect
    on: int
    until: int
    event: EventFact


@dataclass(frozen=True, slots=True)
class _Course:
    """What the events of one enrolment come to: its effects, what is in force, what closes, what is reported last."""

    enrolment: EnrolmentFact
    effects: Effects
    active: Sequence[EventFact]
    spans: Sequence[_Span]
    ending: EventFact | None


def fold(enrolment: EnrolmentFact, timepoints: Sequence[TimepointFact], events: Iterable[EventFact]) -> FoldResult:
    """Decide every timepoint of one enrolment from all events of its patient; the order of events does not matter."""
    events = list(events)
    if _never_infused(enrolment, events):
        return FoldResult({t.key: _sent(t) or _as_scheduled(t, "closed", "undone") for t in timepoints})
    course = _course(enrolment, in_force(events, enrolment))
    opening = _closing_report(course, timepoints) if course.ending else None
    decisions = {t.key: _decide(course, t, opening) for t in timepoints}
    return FoldResult(decisions, (opening,) if opening else ())


def _course(enrolment: EnrolmentFact, active: Sequence[EventFact]) -> _Course:
    rules = effects.read(enrolment.rules)
    spans = _spans(rules, active)
    return _Course(enrolment, rules, active, spans, _ending(rules, active))


def in_force(events: Iterable[EventFact], enrolment: EnrolmentFact) -> list[EventFact]:
    """The events that count for an enrolment: not undone, of its program or of all, not before its infusion; by day."""
    own = ("new_infusion", enrolment.anchor)
    here = (
        e
        for e in standing(events)
        if e.program in (None, "", enrolment.program) and e.on >= enrolment.anchor and (e.kind, e.on) != own
    )
    return sorted(here, key=lambda e: (e.on, e.uuid))


def standing(events: Iterable[EventFact]) -> list[EventFact]:
    """The events that nobody has undone; an undo that is undone itself does not count."""
    events = list(events)
    undoers: dict[str, list[str]] = {}
    for e in events:
        if e.kind == "undo" and e.undoes:
            undoers.setdefault(e.undoes, []).append(e.uuid)

    def stands(uuid: str, seen: frozenset[str]) -> bool:
        return not any(u not in seen and stands(u, seen | {u}) for u in undoers.get(uuid, ()))

    return [e for e in events if e.kind != "undo" and stands(e.uuid, frozenset({e.uuid}))]


def _never_infused(enrolment: EnrolmentFact, events: Sequence[EventFact]) -> bool:
    """Whether the infusion that this enrolment follows was recorded by mistake: its event was undone."""
    told = [e for e in events if e.kind == "new_infusion" and e.on == enrolment.anchor]
    return bool(told) and not any(e in told for e in standing(events))


def _spans(rules: Effects, active: Sequence[EventFact]) -> list[_Span]:
    spans = []
    for event in active:
        effect = rules.effect(event.kind)
        if effect in ("stop", "close_later"):
            lifts = (e.on for e in active if e.kind == LIFTED_BY.get(event.kind) and e.on >= event.on)
            spans.append(_Span(effect, event.on, min(lifts, default=NEVER), event))
    return spans


def _ending(rules: Effects, active: Sequence[EventFact]) -> EventFact | None:
    """The first event that asks for a last report and closes the rest."""
    return next((e for e in active if rules.effect(e.kind) == "last_report"), None)


def _stopped(spans: Sequence[_Span], on: int) -> bool:
    """Whether nothing was followed on a day, so that not even a last report is owed for it."""
    return any(s.effect == "stop" and s.on <= on < s.until for s in spans)


def _as_of(event: EventFact) -> int:
    """The day a closing report speaks for: the death itself, else the day before the new infusion's day."""
    return event.on - 1 if event.kind == "new_infusion" else event.on


def _closing_report(course: _Course, timepoints: Sequence[TimepointFact]) -> Opening | None:
    """The open timepoint whose window holds or next follows the event, else the occasion that stands in for it."""
    enrolment, ending = course.enrolment, course.ending
    assert ending is not None  # the caller asks only where something ends
    as_of = _as_of(ending)
    before = as_of < enrolment.owed_from and not enrolment.retrospective
    if before or _stopped(course.spans, ending.on) or _reported(timepoints, as_of):
        return None
    due = as_of + course.effects.report_days
    scheduled = sorted((t for t in timepoints if t.kind == "followup"), key=lambda t: (t.end, t.start, t.key))
    for t in scheduled:
        if t.end >= as_of and t.state != "submitted":
            return Opening(t.entry_code, t.key, as_of, due, ending.uuid, _contact(course, t.key, as_of))
    running = bool(scheduled) and (as_of <= scheduled[-1].end or enrolment.rules.get("open_ended") is True)
    code = OCCASIONS.get(ending.kind)
    if not code or not running:
        return None
    own = next((t.key for t in timepoints if t.kind == "triggered" and t.entry_code == code and not _sent(t)), "")
    return Opening(code, None, as_of, due, ending.uuid, _contact(course, own, as_of))


def _reported(timepoints: Iterable[TimepointFact], as_of: int) -> bool:
    """Whether a scheduled report that was sent already speaks for that day, so that none is missing.

    A survival-only report does not: when a death is learned later, the full report is still owed.
    """
    sent = (t for t in timepoints if t.state == "submitted" and t.kind == "followup" and t.contact != "survival")
    return any((t.as_of or 0) >= as_of for t in sent)


def _decide(course: _Course, t: TimepointFact, opening: Opening | None) -> Decision:
    """What one timepoint is. What was submitted stays; a closing report outranks what would close it."""
    if sent := _sent(t):
        return sent
    if opening and (
        opening.key == t.key or (opening.key is None and _stands_in(t) and opening.entry_code == t.entry_code)
    ):
        reason, day = course.ending.kind if course.ending else "", opening.as_of
        contact = _contact(course, t.key, day)
        return Decision("planned", day, day, day, opening.due, reason, day, opening.event, contact)
    if _stands_in(t):
        return _as_scheduled(t, "closed", "undone")
    enrolment = course.enrolment
    if t.kind == "followup" and t.end < enrolment.owed_from and not enrolment.retrospective:
        return _as_scheduled(t, "not_owed", "owed_from")
    if closed_by := _closer(course, t):
        return _as_scheduled(t, "closed", closed_by.kind, closed_by.uuid)
    contact = _contact(course, t.key, t.start) if t.kind == "followup" else ""
    if contact == "safety" and _without_safety(course.effects, t):
        return _as_scheduled(t, "closed", "new_infusion")
    return replace(_as_scheduled(t, "planned"), contact=contact)


def _sent(t: TimepointFact) -> Decision | None:
    if t.state != "submitted":
        return None
    return Decision("submitted", t.start, t.end, t.target, t.due, as_of=t.as_of, contact=t.contact)


def _contact(course: _Course, key: str, first: int) -> Contact:
    """What a report asks whose first day is `first`. A death recorded after "survival only" asks everything again."""
    ending = course.ending
    told = [e for e in course.active if e.kind == "survival_only" and e.report == key]
    learned_later = ending is not None and ending.kind == "death" and _as_of(ending) == first
    if any(not learned_later or ending is None or e.order > ending.order for e in told):
        return "survival"
    infused = (e for e in course.active if e.kind == "new_infusion" and e.on <= first)
    return "safety" if any(course.effects.effect(e.kind) == "safety_only" for e in infused) else ""


def _without_safety(rules: Effects, t: TimepointFact) -> bool:
    """Whether none of a timepoint's forms goes on where only safety is followed."""
    return bool(rules.safety.forms and t.forms) and not rules.safety.forms & set(t.forms)


def _stands_in(t: TimepointFact) -> bool:
    return t.kind == "triggered" and t.entry_code in OCCASIONS.values()


def _closer(course: _Course, t: TimepointFact) -> EventFact | None:
    """The event that closes a timepoint, if any. Baseline and triggered forms close only when everything stops."""
    for s in course.spans:
        if s.effect == "stop" and s.on <= t.end < s.until:
            return s.event
    if t.kind != "followup":
        return None
    if course.ending and t.end >= _as_of(course.ending):
        return course.ending
    later = (s for s in course.spans if s.effect == "close_later" and s.on < t.start and t.end < s.until)
    return next((s.event for s in later), None)


def _as_scheduled(t: TimepointFact, state: State, reason: str = "", event: str = "") -> Decision:
    return Decision(state, t.start, t.end, t.target, t.due, reason, event=event)
