"""ProgramSchedule → our schedules JSON, the same bytes for the same schedule; schedules.read gives it back. Pure."""

from __future__ import annotations

import json
from typing import Any

from forms_catalog.specs import ProgramSchedule, ScheduleSpec


def document(plan: ProgramSchedule) -> dict[str, Any]:
    """The schedule as parsed JSON, in the shape of one program in a file of many."""
    body: dict[str, Any] = {
        "title": plan.title,
        "anchor": plan.anchor,
        "duration_years": plan.duration_years,
        "baseline": [_baseline(e) for e in plan.entries if e.kind == "baseline"],
        "timepoints": [_timepoint(e) for e in plan.entries if e.kind == "followup"],
        "tracks": [{"code": t.code, "rule": t.rule, "timepoints": [*t.codes]} for t in plan.tracks],
        "rules": dict(plan.rules),
    }
    return {"programs": {plan.program: body}}


def write(plan: ProgramSchedule) -> bytes:
    """The document in UTF-8. Entries that are neither baseline nor follow-up have no place in the file."""
    return json.dumps(document(plan), ensure_ascii=False, indent=1, sort_keys=True).encode()


def _baseline(entry: ScheduleSpec) -> dict[str, Any]:
    return _told(entry) | {"due_day": entry.due_day}


def _timepoint(entry: ScheduleSpec) -> dict[str, Any]:
    days = {
        "target_day": entry.target_day,
        "window_start_day": entry.window_start_day,
        "window_end_day": entry.window_end_day,
        "due_day": entry.due_day,
    }
    return _told(entry) | days


def _told(entry: ScheduleSpec) -> dict[str, Any]:
    known = {"code": entry.code, "label": entry.label, "forms": [*entry.forms]}
    return known | {name: value for name in ("basis", "mode") if (value := getattr(entry, name))}
