"""StudyEventDefs to time points: forms of each, and days where REDCap's attributes or ODM 2.0's timings tell them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from forms_catalog.formats.odm import own
from forms_catalog.formats.odm.elements import attribute, child, children, in_order, line_of, redcap
from forms_catalog.formats.odm.study import Study
from forms_catalog.formats.xml_input import Element
from forms_catalog.specs import EntryKind, EventSpec

MAX_EVENTS = 2_000
_DURATION = re.compile(r"(-?)P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T.*)?")
_DAYS = (365.25, 365.25 / 12, 7, 1)
_KINDS: tuple[EntryKind, ...] = ("baseline", "followup", "triggered")
_Window = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class _Step:
    """How many days after which event another one is; the timing holds the window."""

    before: str
    distance: int | None
    timing: Element


def events_of(study: Study) -> tuple[EventSpec, ...]:
    """The time points in the order of the protocol, those it does not name after them."""
    found = study.of("StudyEventDef")
    protocol = study.protocol
    named = [] if protocol is None else in_order(children(protocol, "StudyEventRef"))
    order = [attribute(reference, "StudyEventOID") for reference in named]
    oids = [oid for oid in dict.fromkeys([*order, *found]) if oid in found][:MAX_EVENTS]
    timings, arms = _timings(study), _arms(study)
    return tuple(_event(study, oid, found[oid], timings, arms) for oid in oids)


def _event(study: Study, oid: str, event: Element, timings: dict[str, _Window], arms: dict[str, str]) -> EventSpec:
    speech = study.speech
    said = own.aliases(event) if speech.verbatim else {}
    label = speech.main(speech.texts(child(event, "Description"))) or speech.clean(event.get("Name") or "") or oid
    day, start, end = _redcap_window(event) or _own_window(said) or timings.get(oid, (None, None, None))
    return EventSpec(
        code=said.get("code") or redcap(event, "UniqueEventName") or oid,
        label=said.get("label", label),
        forms=_forms(study, event),
        day=day,
        start_day=start,
        end_day=end,
        repeating=attribute(event, "Repeating") == "Yes",
        kind=_kind(event, said),
        arm=said.get("arm") or redcap(event, "ArmName") or arms.get(oid, ""),
    )


def _forms(study: Study, event: Element) -> tuple[str, ...]:
    names = []
    for reference in in_order(children(event, "FormRef", "ItemGroupRef")):
        oid = attribute(reference, "FormOID") or attribute(reference, "ItemGroupOID")
        if oid in study.form_names:
            names.append(study.form_names[oid])
        elif study.get("ItemGroupDef", oid) is None:
            message = (
                f"The event refers to form {oid[:60]!r}, which is not in the file. Add it or remove the reference."
            )
            study.findings.error(line_of(reference), "", "dangling_reference", message)
    return tuple(dict.fromkeys(names))


def _kind(event: Element, said: dict[str, str]) -> EntryKind | Literal[""]:
    kind = said.get("kind") or ("triggered" if attribute(event, "Type") == "Unscheduled" else "")
    return next((known for known in _KINDS if known == kind), "")


def _redcap_window(event: Element) -> _Window | None:
    day = _number(redcap(event, "DayOffset"))
    if day is None:
        return None
    return day, day - (_number(redcap(event, "OffsetMin")) or 0), day + (_number(redcap(event, "OffsetMax")) or 0)


def _own_window(said: dict[str, str]) -> _Window | None:
    window = _number(said.get("day", "")), _number(said.get("start_day", "")), _number(said.get("end_day", ""))
    return None if window == (None, None, None) else window


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,6}", text) else None


def _timings(study: Study) -> dict[str, _Window]:
    """Days from the first event, along the chain of timings. Those to a calendar date are reported."""
    protocol = study.protocol
    if protocol is None:
        return {}
    absolute = next(iter(protocol.iter("{*}AbsoluteTimingConstraint")), None)
    if absolute is not None:
        message = "An event is bound to a calendar date, which no schedule here can be. Enter its day from the anchor."
        study.findings.warning(line_of(absolute), "", "timing_not_kept", message)
    steps = _steps(study, protocol)
    days: dict[str, int | None] = {}
    for oid in steps:
        _follow(oid, steps, days)
    first = {step.before for step in steps.values()} - set(steps)
    windows: dict[str, _Window] = {oid: (0, None, None) for oid in first if oid}
    return windows | {oid: _around(day, steps[oid].timing) for oid, day in days.items() if day is not None}


def _steps(study: Study, protocol: Element) -> dict[str, _Step]:
    """The step that leads to each event: a timing between two events, else one of the workflow between them."""
    steps: dict[str, _Step] = {}
    for timing in protocol.iter("{*}RelativeTimingConstraint"):
        before, target = attribute(timing, "PredecessorOID"), attribute(timing, "TimepointRelativeTarget")
        steps.setdefault(attribute(timing, "SuccessorOID"), _Step(before, _duration(target), timing))
    ways = {attribute(way, "OID"): way for version in study.versions for way in version.iter("{*}Transition")}
    for timing in protocol.iter("{*}TransitionTimingConstraint"):
        way = ways.get(attribute(timing, "TransitionOID"))
        if way is not None:
            distance = _duration(attribute(timing, "TimepointTarget"))
            steps.setdefault(attribute(way, "TargetOID"), _Step(attribute(way, "SourceOID"), distance, timing))
    return steps


def _follow(oid: str, steps: dict[str, _Step], days: dict[str, int | None]) -> None:
    """Set the days of an event and all before it: None for those in or after a circle or an unread duration."""
    chain: dict[str, int | None] = {}
    at = oid
    while at in steps and at not in days and at not in chain:
        chain[at] = steps[at].distance
        at = steps[at].before
    total = None if at in chain else days.get(at, 0)
    for event, distance in reversed(chain.items()):
        total = None if total is None or distance is None else total + distance
        days[event] = total


def _around(day: int, timing: Element) -> _Window:
    before, after = (_duration(attribute(timing, name)) for name in ("TimepointPreWindow", "TimepointPostWindow"))
    return day, None if before is None else day - abs(before), None if after is None else day + abs(after)


def _duration(text: str) -> int | None:
    """P1Y2M3W4D in days: a month is a twelfth of 365.25 days. None where it is no duration."""
    found = _DURATION.fullmatch(text)
    if not found or text in ("P", "-P"):
        return None
    days = sum(int(number) * size for number, size in zip(found.groups()[1:], _DAYS, strict=True) if number)
    return round(-days if found[1] else days)


def _arms(study: Study) -> dict[str, str]:
    """The arm of an event by the groups it is in; the first counts."""
    names = {attribute(arm, "OID"): attribute(arm, "Name") for v in study.versions for arm in v.iter("{*}Arm")}
    found: dict[str, str] = {}
    for group in study.of("StudyEventGroupDef").values():
        arm = attribute(group, "ArmOID")
        for reference in children(group, "StudyEventRef") if arm else ():
            found.setdefault(attribute(reference, "StudyEventOID"), names.get(arm) or arm)
    return found
