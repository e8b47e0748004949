"""Step 1: follow-up schedules JSON (one program or many) → ProgramSchedule; intake, starter and plan_visits call it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from forms_catalog import effects
from forms_catalog.formats import triggers
from forms_catalog.specs import Problem, ProgramSchedule, ScheduleSpec, Severity, TrackSpec

FURTHEST = 73_000  # days either side of the anchor, 200 years: beyond it is a typing error
NUMBERED = re.compile(r"([A-Za-z]+)(\d+)")
BESIDE_RULES = ("compliance", "open_ended", "extra_labs")


@dataclass(frozen=True, slots=True)
class SchedulesRead:
    """What a file holds: the schedules that could be read, and what was odd. Paths are 'program' or 'program.CODE'."""

    schedules: tuple[ProgramSchedule, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def by_program(self) -> dict[str, ProgramSchedule]:
        """The schedules by program code."""
        return {s.program: s for s in self.schedules}

    def errors(self, program: str = "") -> tuple[Problem, ...]:
        """What made a part unreadable: of the file as a whole, and of one program where named, else of all."""
        whole = (p for p in self.problems if p.severity == "error")
        return tuple(p for p in whole if not program or not p.path or p.path.split(".")[0] == program)


def read(source: bytes | str | Mapping[str, Any]) -> SchedulesRead:
    """Read bytes, text or a parsed document. Never raises: an unreadable file has no schedules and one error."""
    try:
        document = source if isinstance(source, Mapping) else json.loads(_text(source))
    except json.JSONDecodeError as error:
        return SchedulesRead((), (_problem("", "not_json", "error", f"Not JSON: {error.msg}.", error.lineno),))
    except (ValueError, RecursionError):  # not UTF-8, a number of thousands of digits, or nested without end
        return SchedulesRead((), (_problem("", "not_json", "error", "Not JSON in UTF-8."),))
    programs = _programs(document)
    if not programs:
        message = 'No schedules found: expected {"programs": {"<code>": {"timepoints": [...]}}}.'
        return SchedulesRead((), (_problem("", "no_schedules", "error", message),))
    problems: list[Problem] = []
    schedules = tuple(_schedule(str(code), body, problems) for code, body in programs.items())
    return SchedulesRead(schedules, tuple(problems))


def expand_track(notation: str, codes: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """'D100,M6,Y1..Y15' → (the codes it names, in schedule order; the parts that name nothing)."""
    known, named, unknown = list(codes), set[str](), []
    for part in filter(None, (p.strip() for p in notation.split(","))):
        found = _span(part, known) if ".." in part else {part} & set(known)
        named |= found
        if not found:
            unknown.append(part)
    return tuple(c for c in known if c in named), tuple(unknown)


def _span(part: str, known: list[str]) -> set[str]:
    """'Y1..Y15' → the known codes of the same letter whose number lies between, both ends included."""
    first, last = (NUMBERED.fullmatch(end.strip()) for end in part.split("..", 1))
    if not first or not last or first[1] != last[1]:
        return set()
    numbers = {c: int(m[2]) for c in known if (m := NUMBERED.fullmatch(c)) and m[1] == first[1]}
    return {c for c, n in numbers.items() if int(first[2]) <= n <= int(last[2])}


def _text(source: bytes | str) -> str:
    return source.decode("utf-8-sig") if isinstance(source, bytes) else source


def _programs(document: Any) -> Mapping[str, Any]:
    """The programs of any accepted shape: {"programs": {...}}, {code: {...}}, or one program that says its code."""
    if not isinstance(document, Mapping):
        return {}
    inner = document.get("programs")
    if isinstance(inner, Mapping):
        return inner
    if "timepoints" in document:
        return {str(document.get("program") or document.get("code") or "program"): document}
    return {k: v for k, v in document.items() if isinstance(v, Mapping) and "timepoints" in v}


def _schedule(program: str, body: Any, problems: list[Problem]) -> ProgramSchedule:
    body = body if isinstance(body, Mapping) else {}
    baseline = [_baseline(program, raw, problems) for raw in _rows(body, "baseline")]
    followup = [_followup(program, raw, problems) for raw in _rows(body, "timepoints")]
    entries = _distinct(program, [e for e in (*baseline, *followup) if e], problems)
    if not followup:
        problems.append(_problem(program, "no_timepoints", "warning", f"{program} has no follow-up timepoints."))
    problems.extend(overlaps(program, entries))
    problems.extend(_effects(program, body))
    problems.extend(triggers.problems(program, _rules(body), frozenset(e.code for e in entries)))
    return ProgramSchedule(
        program=program,
        title=str(body.get("title") or program),
        anchor=str(body.get("anchor") or ""),
        duration_years=_day(body.get("duration_years")) or 0,
        entries=entries,
        tracks=_tracks(program, body, entries, problems),
        rules=_rules(body),
    )


def _effects(program: str, body: Mapping[str, Any]) -> Iterable[Problem]:
    """What of `rules.effects` cannot be used: the default counts there."""
    for name, wrong in effects.problems(_rules(body)):
        message = f"The effect {name} of {program} {wrong}: the default counts."
        yield _problem(f"{program}.effects.{name}", "effect_unusable", "warning", message)


def _rows(body: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = body.get(name)
    return [row if isinstance(row, Mapping) else {} for row in found] if isinstance(found, list) else []


def _rules(body: Mapping[str, Any]) -> dict[str, Any]:
    """The program's rules as written, and beside them what else it says about the whole schedule."""
    rules = body.get("rules")
    found = dict(rules) if isinstance(rules, Mapping) else {}
    return found | {name: body[name] for name in BESIDE_RULES if name in body}


def _day(value: Any) -> int | None:
    """A whole number of days within reason, else None; 100.0 counts, true does not."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        return None
    return int(value) if abs(value) <= FURTHEST else None


def _baseline(program: str, raw: Mapping[str, Any], problems: list[Problem]) -> ScheduleSpec | None:
    code, due = str(raw.get("code") or "").strip(), _day(raw.get("due_day"))
    if not code or due is None:
        problems.append(_unreadable(program, code, "a code and a whole due_day"))
        return None
    label = str(raw.get("label") or "Baseline")
    return ScheduleSpec(code, label, _forms(raw), due, kind="baseline", basis=str(raw.get("basis") or ""))


def _followup(program: str, raw: Mapping[str, Any], problems: list[Problem]) -> ScheduleSpec | None:
    code = str(raw.get("code") or "").strip()
    start, end = _day(raw.get("window_start_day")), _day(raw.get("window_end_day"))
    if not code or start is None or end is None:
        problems.append(_unreadable(program, code, "a code and whole window_start_day and window_end_day"))
        return None
    target, due = _day(raw.get("target_day")), _day(raw.get("due_day"))
    spec = ScheduleSpec(
        code=code,
        label=str(raw.get("label") or code),
        forms=_forms(raw),
        due_day=end if due is None else due,
        target_day=start + (end - start) // 2 if target is None else target,
        window_start_day=start,
        window_end_day=end,
        basis=str(raw.get("basis") or ""),
        mode=str(raw.get("mode") or ""),
    )
    problems.extend(_window_problems(f"{program}.{code}", start, end, target, due))
    return spec if start <= end else None


def _forms(raw: Mapping[str, Any]) -> tuple[str, ...]:
    forms = raw.get("forms", raw.get("form"))
    return tuple(str(f) for f in forms) if isinstance(forms, list) else (str(forms),) if forms else ()


def _window_problems(path: str, start: int, end: int, target: int | None, due: int | None) -> Iterable[Problem]:
    if start > end:
        yield _problem(path, "window_order", "error", f"{path} ends on day {end} before it starts on day {start}.")
    elif target is None:
        yield _problem(path, "no_target", "warning", f"{path} has no target day: the middle of its window is used.")
    elif not start <= target <= end:
        message = f"{path} aims at day {target} outside its own window {start}..{end}: the nearest day inside is used."
        yield _problem(path, "target_outside_window", "info", message)
    if due is None:
        yield _problem(path, "no_due_day", "warning", f"{path} has no due day: the end of its window is used.")
    elif due < end:
        message = f"{path} is due on day {due}, before its window ends on day {end}."
        yield _problem(path, "due_before_window_end", "warning", message)


def _distinct(program: str, entries: list[ScheduleSpec], problems: list[Problem]) -> tuple[ScheduleSpec, ...]:
    """The entries with the first of each code kept."""
    kept: dict[str, ScheduleSpec] = {}
    for entry in entries:
        if entry.code in kept:
            path = f"{program}.{entry.code}"
            problems.append(_problem(path, "duplicate_code", "error", f"{path} comes twice. Give each its own code."))
        kept.setdefault(entry.code, entry)
    return tuple(kept.values())


def overlaps(program: str, entries: tuple[ScheduleSpec, ...]) -> Iterable[Problem]:
    """Windows of one program that share a day: each still gets a visit of its own."""
    windows = sorted(
        (e.window_start_day, e.window_end_day, e.code)
        for e in entries
        if e.window_start_day is not None and e.window_end_day is not None
    )
    furthest, before = windows[0][1:] if windows else (0, "")
    for start, end, code in windows[1:]:
        if start <= furthest:
            message = f"{program}.{code} starts on day {start}, before {before} has ended on day {furthest}."
            yield _problem(f"{program}.{code}", "windows_overlap", "warning", message)
        furthest, before = max((furthest, before), (end, code))


def _tracks(
    program: str, body: Mapping[str, Any], entries: tuple[ScheduleSpec, ...], problems: list[Problem]
) -> tuple[TrackSpec, ...]:
    followups = [e.code for e in entries if e.kind == "followup"]
    tracks = []
    for raw in _rows(body, "tracks"):
        code, notation = str(raw.get("code") or "").strip(), raw.get("timepoints") or ""
        codes, unknown = expand_track(",".join(notation) if isinstance(notation, list) else str(notation), followups)
        tracks.append(TrackSpec(code, str(raw.get("rule") or ""), codes))
        for part in unknown:
            message = f"Track {code} of {program} names {part}, which the schedule does not have."
            problems.append(_problem(f"{program}.{code}", "unknown_track_code", "error", message))
    return tuple(tracks)


def _unreadable(program: str, code: str, needs: str) -> Problem:
    path = f"{program}.{code}" if code else program
    return _problem(path, "bad_entry", "error", f"An entry of {path} needs {needs}.")


def _problem(path: str, code: str, severity: Severity, message: str, line: int = 0) -> Problem:
    return Problem(line, path, code, severity, message)
