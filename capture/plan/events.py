"""Step 4: a fold over a patient's events → what one enrolment still owes; scheduling loads the facts and applies it.

Nothing is remembered between folds: the same events always give the same answer, so an undo is just another event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from forms_catalog.specs import EntryKind

State = Literal["planned", "submitted", "closed", "not_owed"]
Effect = Literal["last_report", "stop", "close_later", "continue"]

EFFECTS: Mapping[str, Effect] = {
    "death": "last_report",
    "new_infusion": "continue",
    "lost": "close_later",
    "withdrawn": "stop",
    "program_closed": "stop",
    "transfer": "continue",
}
"""What an event does where a program's `rules.effects` say nothing else.

last_report: one more report as of the event, later ones close. stop: whatever has not ended by then closes.
close_later: what begins after it closes. continue: nothing changes here (a transfer moves the site, not what is owed).
"""

LIFTED_BY = {"lost": "found", "withdrawn": "reconsented"}
OCCASIONS = {"death": "DEATH"}  # the triggered occasion that stands in where no timepoint is left to carry the report
REPORT_DAYS = 30  # assumption: days to report after the event, where `rules.effects.report_days` says nothing
NEVER = 3_652_060  # the day after the last ordinal


@dataclass(frozen=True, slots=True)
class EventFact:
    """One recorded event: `on` is its effective day ordinal; `program` None = all; an undo names what it `undoes`."""

    uuid: str
    kind: str
    on: int
    program: str | None = None
    undoes: str | None = None


@dataclass(frozen=True, slots=True)
class TimepointFact:
    """One timepoint with the days its *schedule* gives (ordinals), not days an earlier fold has moved.

    Baseline entries start at the anchor and end on their due day. `as_of` is set once submitted.
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

    `reason` is the kind of the event that decided, 'owed_from', 'undone' or ''; `event` is that event's uuid.
    """

    state: State
    start: int
    end: int
    target: int
    due: int
    reason: str = ""
    as_of: int | None = None
    event: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """A closing report that an event opens: on the timepoint `key`, or a triggered occasion of its own (key None)."""

    entry_code: str
    key: str | None
    as_of: int
    due: int
    event: str


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


def fold(enrolment: EnrolmentFact, timepoints: Sequence[TimepointFact], events: Iterable[EventFact]) -> FoldResult:
    """Decide every timepoint of one enrolment from all events of its patient; the order of events does not matter."""
    active = in_force(events, enrolment)
    spans = _spans(enrolment, active)
    ending = _ending(enrolment, active, spans)
    opening = _closing_report(enrolment, timepoints, ending) if ending else None
    decisions = {t.key: _decide(enrolment, t, spans, ending, opening) for t in timepoints}
    return FoldResult(decisions, (opening,) if opening else ())


def in_force(events: Iterable[EventFact], enrolment: EnrolmentFact) -> list[EventFact]:
    """The events that count for an enrolment: not undone, of its program or of all, not before its infusion; by day."""
    events = list(events)
    undoers: dict[str, list[str]] = {}
    for e in events:
        if e.kind == "undo" and e.undoes:
            undoers.setdefault(e.undoes, []).append(e.uuid)

    def stands(uuid: str, seen: frozenset[str]) -> bool:
        return not any(u not in seen and stands(u, seen | {u}) for u in undoers.get(uuid, ()))

    def counts(e: EventFact) -> bool:
        own_infusion = e.kind == "new_infusion" and e.on <= enrolment.anchor
        return (
            e.kind != "undo" and e.on >= enrolment.anchor and not own_infusion and stands(e.uuid, frozenset({e.uuid}))
        )

    here = (e for e in events if e.program in (None, "", enrolment.program) and counts(e))
    return sorted(here, key=lambda e: (e.on, e.uuid))


def _effect(enrolment: EnrolmentFact, kind: str) -> Effect:
    written = _written(enrolment).get(kind)
    allowed: tuple[Effect, ...] = ("last_report", "stop", "close_later", "continue")
    return next((effect for effect in allowed if effect == written), EFFECTS.get(kind, "continue"))


def _report_days(enrolment: EnrolmentFact) -> int:
    written = _written(enrolment).get("report_days")
    return written if isinstance(written, int) and 0 <= written <= 366 else REPORT_DAYS


def _written(enrolment: EnrolmentFact) -> Mapping[str, Any]:
    """The effects a program's own schedule names; the file is a sponsor's, so anything may stand there."""
    written = enrolment.rules.get("effects")
    return written if isinstance(written, Mapping) else {}


def _spans(enrolment: EnrolmentFact, active: Sequence[EventFact]) -> list[_Span]:
    spans = []
    for event in active:
        effect = _effect(enrolment, event.kind)
        if effect in ("stop", "close_later"):
            lifts = (e.on for e in active if e.kind == LIFTED_BY.get(event.kind) and e.on >= event.on)
            spans.append(_Span(effect, event.on, min(lifts, default=NEVER), event))
    return spans


def _ending(enrolment: EnrolmentFact, active: Sequence[EventFact], spans: Sequence[_Span]) -> EventFact | None:
    """The first event that asks for a last report and closes the rest, unless the enrolment had stopped by then."""
    for event in active:
        if _effect(enrolment, event.kind) == "last_report":
            stopped = any(s.effect == "stop" and s.on <= event.on < s.until for s in spans)
            return None if stopped else event
    return None


def _as_of(event: EventFact) -> int:
    """The day a closing report speaks for: the death itself, else the day before the new infusion's day."""
    return event.on - 1 if event.kind == "new_infusion" else event.on


def _closing_report(enrolment: EnrolmentFact, timepoints: Sequence[TimepointFact], ending: EventFact) -> Opening | None:
    """The open timepoint whose window holds or next follows the event, else the occasion that stands in for it."""
    as_of = _as_of(ending)
    if _reported(timepoints, as_of) or (as_of < enrolment.owed_from and not enrolment.retrospective):
        return None
    due = as_of + _report_days(enrolment)
    scheduled = sorted((t for t in timepoints if t.kind == "followup"), key=lambda t: (t.end, t.start, t.key))
    for t in scheduled:
        if t.end >= as_of and t.state != "submitted":
            return Opening(t.entry_code, t.key, as_of, due, ending.uuid)
    running = bool(scheduled) and (as_of <= scheduled[-1].end or enrolment.rules.get("open_ended") is True)
    code = OCCASIONS.get(ending.kind)
    return Opening(code, None, as_of, due, ending.uuid) if code and running else None


def _reported(timepoints: Iterable[TimepointFact], as_of: int) -> bool:
    """Whether a scheduled report that was sent already speaks for that day, so that none is missing."""
    return any(t.state == "submitted" and t.kind == "followup" and (t.as_of or 0) >= as_of for t in timepoints)


def _decide(
    enrolment: EnrolmentFact,
    t: TimepointFact,
    spans: Sequence[_Span],
    ending: EventFact | None,
    opening: Opening | None,
) -> Decision:
    """What one timepoint is. What was submitted stays; a closing report outranks what would close it."""
    if t.state == "submitted":
        return Decision("submitted", t.start, t.end, t.target, t.due, as_of=t.as_of)
    if opening and (
        opening.key == t.key or (opening.key is None and _stands_in(t) and opening.entry_code == t.entry_code)
    ):
        reason = ending.kind if ending else ""
        day = opening.as_of
        return Decision("planned", day, day, day, opening.due, reason, as_of=day, event=opening.event)
    if _stands_in(t):
        return _as_scheduled(t, "closed", "undone")
    if t.kind == "followup" and t.end < enrolment.owed_from and not enrolment.retrospective:
        return _as_scheduled(t, "not_owed", "owed_from")
    if closed_by := _closer(t, spans, ending):
        return _as_scheduled(t, "closed", closed_by.kind, closed_by.uuid)
    return _as_scheduled(t, "planned")


def _stands_in(t: TimepointFact) -> bool:
    return t.kind == "triggered" and t.entry_code in OCCASIONS.values()


def _closer(t: TimepointFact, spans: Sequence[_Span], ending: EventFact | None) -> EventFact | None:
    """The event that closes a timepoint, if any. Baseline and triggered forms close only when everything stops."""
    for s in spans:
        if s.effect == "stop" and s.on <= t.end < s.until:
            return s.event
    if t.kind != "followup":
        return None
    if ending and t.end >= _as_of(ending):
        return ending
    return next((s.event for s in spans if s.effect == "close_later" and s.on < t.start and t.end < s.until), None)


def _as_scheduled(t: TimepointFact, state: State, reason: str = "", event: str = "") -> Decision:
    return Decision(state, t.start, t.end, t.target, t.due, reason, event=event)
