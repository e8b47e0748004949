"""The rows of the schedule page: from a schedule, a file's time points or a posted form, and to a schedule. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from forms_catalog.formats import schedule_json, schedules
from forms_catalog.formats.schedule_events import LONGEST_CODE
from forms_catalog.formats.schedules import FURTHEST
from forms_catalog.specs import EventSpec, Problem, ProgramSchedule, ScheduleSpec

MOST_ROWS = 200
DAYS = ("target", "start", "end", "due")
NAMED = {"target": "Target", "start": "First day", "end": "Last day", "due": "Due day"}
_DAY = re.compile(r"(?:day|d)?\s*([+-]?\d{1,6})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One time point as it stands in the form: texts as typed, and what is wrong with them (severity, sentence)."""

    code: str = ""
    label: str = ""
    kind: str = "followup"
    target: str = ""
    start: str = ""
    end: str = ""
    due: str = ""
    forms: tuple[str, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def blank(self) -> bool:
        """Whether nothing was typed: such a row is no time point."""
        return not any((self.code, self.label, self.target, self.start, self.end, self.due, self.forms))

    @property
    def wrong(self) -> bool:
        """Whether the row cannot be saved as it stands."""
        return any(severity == "error" for severity, _ in self.problems)


def of_plan(plan: ProgramSchedule) -> list[Row]:
    """The rows of a schedule."""
    return [_of_entry(entry) for entry in plan.entries]


def _of_entry(e: ScheduleSpec) -> Row:
    return Row(
        code=e.code,
        label=e.label,
        kind=e.kind,
        target=_shown(e.target_day),
        start=_shown(e.window_start_day),
        end=_shown(e.window_end_day),
        due=_shown(e.due_day),
        forms=e.forms,
    )


def of_events(events: Sequence[EventSpec]) -> list[Row]:
    """The rows of time points that a dictionary names, with the days it knows."""
    return [
        Row(
            code=e.code[:LONGEST_CODE],
            label=e.label,
            kind="baseline" if e.kind == "baseline" else "followup",
            target=_shown(e.day),
            start=_shown(e.start_day),
            end=_shown(e.end_day),
            forms=e.forms,
        )
        for e in events[:MOST_ROWS]
        if e.kind != "triggered"
    ]


def _shown(day: int | None) -> str:
    return "" if day is None else str(day)


def of_post(post: Mapping[str, Any], lists: Mapping[str, Sequence[str]]) -> list[Row]:
    """The rows as posted: code-0, label-0, … and the ticked forms of each; rows ticked for removal are gone."""
    count = str(post.get("rows", ""))
    found = range(min(int(count), MOST_ROWS) if re.fullmatch(r"\d{1,4}", count) else 0)
    return [_posted(post, lists.get(f"forms-{at}", ()), at) for at in found if not post.get(f"remove-{at}")]


def _posted(post: Mapping[str, Any], forms: Sequence[str], at: int) -> Row:
    def text(name: str) -> str:
        return str(post.get(f"{name}-{at}", "")).replace("\x00", "").strip()[:200]

    kind = "baseline" if text("kind") == "baseline" else "followup"
    return Row(
        code=text("code"),
        label=text("label"),
        kind=kind,
        target=text("target"),
        start=text("start"),
        end=text("end"),
        due=text("due"),
        forms=tuple(f.replace("\x00", "")[:200] for f in forms),
    )


def checked(program: str, rows: Iterable[Row], before: ProgramSchedule | None) -> tuple[list[Row], ProgramSchedule]:
    """The filled rows with every problem at its row, and the schedule they make (without the rows that are wrong).

    What the page does not show (title, anchor, tracks, rules, where a day comes from) stays as it was before.
    """
    rows = [_first_look(row) for row in rows if not row.blank]
    fit = sorted((row for row in rows if not row.wrong), key=_from)
    old = before or ProgramSchedule(program, program, "", 0, ())
    known = {entry.code: entry for entry in old.entries}
    raw = replace(old, program=program, entries=tuple(_entry(row, known) for row in fit))
    kept = {row.code for row in fit}
    raw = replace(raw, tracks=tuple(replace(t, codes=tuple(c for c in t.codes if c in kept)) for t in raw.tracks))
    read = schedules.read(schedule_json.document(raw))
    return _with(rows, program, read.problems), read.schedules[0]


def _first_look(row: Row) -> Row:
    """The row with what is wrong with it alone."""
    found = [*_words(row)]
    for name in DAYS:
        text = getattr(row, name)
        if text and _day(text) is None:
            found.append(("error", f"{NAMED[name]}: {text[:20]!r} is no day. Write 100, or day 100."))
    if row.kind == "baseline" and not row.due:
        found.append(("error", "A baseline needs a due day, such as 30."))
    if row.kind == "followup" and not (row.start and row.end):
        found.append(("error", "Fill in the first and the last day of the window."))
    return replace(row, problems=tuple(found))


def _words(row: Row) -> Iterable[tuple[str, str]]:
    if not row.code:
        yield "error", "Give it a short code, such as D100."
    elif len(row.code) > LONGEST_CODE or "," in row.code:
        yield "error", f"Use a code without commas of at most {LONGEST_CODE} characters."
    if not row.forms:
        yield "error", "Choose at least one form."


def _day(text: str) -> int | None:
    found = _DAY.fullmatch(text)
    return int(found[1]) if found and abs(int(found[1])) <= FURTHEST else None


def _from(row: Row) -> tuple[bool, int]:
    return row.kind != "baseline", _day(row.start) or 0


def _entry(row: Row, known: Mapping[str, ScheduleSpec]) -> ScheduleSpec:
    """The entry of a row; days that are not filled in are left to the reader of schedules, which says so."""
    old = known.get(row.code)
    same = old is not None and _of_entry(old) == replace(row, problems=())
    basis, mode = (old.basis if same else "entered on the page", old.mode) if old else ("entered on the page", "")
    due: Any = _day(row.due)
    if row.kind == "baseline":
        return ScheduleSpec(row.code, row.label or row.code, row.forms, due, kind="baseline", basis=basis, mode=mode)
    return ScheduleSpec(
        code=row.code,
        label=row.label or row.code,
        forms=row.forms,
        due_day=due,
        target_day=_day(row.target),
        window_start_day=_day(row.start),
        window_end_day=_day(row.end),
        basis=basis,
        mode=mode,
    )


def _with(rows: Sequence[Row], program: str, problems: Iterable[Problem]) -> list[Row]:
    """The problems of the whole schedule at the row they name; a code that comes twice at its second row."""
    by_code: dict[str, list[tuple[str, str]]] = {}
    for problem in problems:
        code = problem.path.removeprefix(f"{program}.")
        by_code.setdefault(code, []).append((problem.severity, problem.message.replace(f"{program}.", "")))
    last = {row.code: at for at, row in enumerate(rows)}
    return [
        replace(row, problems=(*row.problems, *by_code.get(row.code, ()))) if last[row.code] == at else row
        for at, row in enumerate(rows)
    ]
