"""Time points as a dictionary or REDCap's event files name them (EventSpec) → ProgramSchedule, through schedules.read.

Pure. Days count from the infusion. What has no day is no entry: it is reported, and a person enters it on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from forms_catalog.formats import schedules
from forms_catalog.formats.schedules import FURTHEST, SchedulesRead
from forms_catalog.specs import EventSpec, Problem, ProgramSchedule, ScheduleSpec

LONGEST_CODE = 40  # what the database keeps of a code
BASELINE_DUE = 30  # days after the infusion, where a file gives a baseline no end
ON_PAGE = "Enter it on the schedule page of the program."


def of_events(program: str, events: Sequence[EventSpec], title: str = "") -> SchedulesRead:
    """The events that have days as a schedule (none where no event has), and what was assumed or left out."""
    events = _with_short_codes(events)
    problems: list[Problem] = []
    dated = [event for event in events if _usable(program, event, problems)]
    if not dated:
        return SchedulesRead((), tuple(problems))
    baseline = [_baseline(program, event, problems) for event in dated if _is_baseline(event)]
    followup = [_followup(program, event, problems) for event in dated if not _is_baseline(event)]
    arms = _arms(dated)
    body = {
        "title": title or program,
        "baseline": baseline,
        "timepoints": followup,
        "tracks": [
            {"code": arm, "rule": f"arm {arm}", "timepoints": [e.code for e in own if not _is_baseline(e)]}
            for arm, own in arms.items()
        ],
    }
    read = schedules.read({"programs": {program: body}})
    found = [p for p in read.problems if p.code not in _SAID_HERE]
    if arms:
        found = [p for p in found if p.code != "windows_overlap"]
        found += [p for own in arms.values() for p in schedules.overlaps(program, _of(read.schedules[0], own))]
    return SchedulesRead(read.schedules, (*problems, *found))


_SAID_HERE = ("no_due_day",)  # neither REDCap nor ODM has one: the end of the window is the day a form is due


def _with_short_codes(events: Sequence[EventSpec]) -> list[EventSpec]:
    """Codes cut to what is kept, with -2, -3 … where two would be the same."""
    seen: dict[str, int] = {}
    made = []
    for event in events:
        code = "".join(c for c in event.code if c.isprintable())[:LONGEST_CODE].strip() or "event"
        seen[code] = seen.get(code, 0) + 1
        ending = f"-{seen[code]}" if seen[code] > 1 else ""
        made.append(replace(event, code=f"{code[: LONGEST_CODE - len(ending)]}{ending}"))
    return made


def _usable(program: str, event: EventSpec, problems: list[Problem]) -> bool:
    path, name = f"{program}.{event.code}", event.label or event.code
    days = [d for d in (event.day, event.start_day, event.end_day) if d is not None]
    if event.kind == "triggered" and not days:
        text = f"{name[:60]} happens when something occurs, not on a day. Nothing is planned for it."
        problems.append(Problem(0, path, "event_not_planned", "info", text))
        return False
    if not days:
        text = f"{name[:60]} has no day, so nothing is planned for it. {ON_PAGE}"
        problems.append(Problem(0, path, "event_without_day", "warning", text))
        return False
    if any(abs(d) > FURTHEST for d in days):
        text = f"{name[:60]} is more than 200 years from the infusion. Correct its days."
        problems.append(Problem(0, path, "day_out_of_reach", "error", text))
        return False
    return True


def _is_baseline(event: EventSpec) -> bool:
    """As the file says; else what ends on the day of the infusion or before it."""
    if event.kind:
        return event.kind == "baseline"
    last = event.end_day if event.end_day is not None else event.day
    return last is not None and last <= 0


def _baseline(program: str, event: EventSpec, problems: list[Problem]) -> dict[str, Any]:
    due = event.end_day if event.end_day is not None else event.day
    if due is None or due <= 0:
        due = BASELINE_DUE
        text = f"{event.label[:60]} is a baseline with no end after the infusion: it is due on day {due}. Check that."
        problems.append(Problem(0, f"{program}.{event.code}", "baseline_due_assumed", "warning", text))
    return {"code": event.code, "label": event.label or event.code, "forms": [*event.forms], "due_day": due}


def _followup(program: str, event: EventSpec, problems: list[Problem]) -> dict[str, Any]:
    day = event.day
    known = [d for d in (event.start_day, day, event.end_day) if d is not None]
    start = event.start_day if event.start_day is not None else known[0]
    end = event.end_day if event.end_day is not None else known[-1]
    if start == end:
        text = (
            f"{event.label[:60]} may be done on day {start} only. Widen its window on the schedule page if it may not."
        )
        problems.append(Problem(0, f"{program}.{event.code}", "window_of_one_day", "warning", text))
    days = {"window_start_day": start, "window_end_day": end, "target_day": day}
    return {"code": event.code, "label": event.label or event.code, "forms": [*event.forms], **days}


def _arms(events: Iterable[EventSpec]) -> dict[str, list[EventSpec]]:
    """The events by arm, where there are several arms; a patient is on one of them."""
    arms: dict[str, list[EventSpec]] = {}
    for event in events:
        arms.setdefault(event.arm, []).append(event)
    return arms if len(arms) > 1 else {}


def _of(plan: ProgramSchedule, events: Iterable[EventSpec]) -> tuple[ScheduleSpec, ...]:
    codes = {event.code for event in events}
    return tuple(entry for entry in plan.entries if entry.code in codes)
