"""Step 1, the schedule's part: bytes of schedule files → the program's schedule and what does not fit its dictionary.

Pure. Called by intake.receive.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from forms_catalog import serial
from forms_catalog.formats import schedule_csv, schedule_events, schedules, triggers
from forms_catalog.formats.containers import container
from forms_catalog.formats.problems import UnreadableFile
from forms_catalog.formats.schedule_events import LONGEST_CODE
from forms_catalog.formats.schedules import SchedulesRead
from forms_catalog.specs import DictionarySpec, Problem, ProgramSchedule

LARGEST = 2_000_000  # bytes; the largest real schedule seen has 12,000
PLACE = "schedule"


class IntakeError(ValueError):
    """A file that cannot be taken in; the message names the place and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read(
    data: bytes | Sequence[bytes] | None, program: str, dictionary: DictionarySpec
) -> tuple[ProgramSchedule | None, tuple[Problem, ...]]:
    """The program's schedule and its problems (paths start with 'schedule'); None where no day is known.

    `data` is our JSON, or REDCap's events and designations (CSV). Where none came, the dictionary's own time points
    count. A JSON file with one program is taken whatever it calls itself, with a warning. Raises IntakeError.
    """
    files = files_of(data)
    if any(len(file) > LARGEST for file in files):
        raise IntakeError("schedule_too_large", f"The schedule is larger than {LARGEST // 1_000_000} MB. Check it.")
    if not files:
        return _from_dictionary(program, dictionary)
    tables = [file for file in files if _is_table(file)]
    if tables and len(tables) == len(files):
        return _from_tables(tables, program, dictionary)
    if len(files) > 1:
        message = (
            "Several schedule files came that are not REDCap's events and designations. Upload these, or one JSON."
        )
        raise IntakeError("schedule_mixed", message)
    return _from_json(files[0], program, dictionary)


def _is_table(file: bytes) -> bool:
    try:
        return container(file) == "text" and schedule_csv.looks_like(file)
    except UnreadableFile:
        return False


def files_of(data: bytes | Sequence[bytes] | None) -> tuple[bytes, ...]:
    """The files that are not empty, in an order that does not depend on how they were handed in."""
    given = [data] if isinstance(data, bytes) else [*(data or ())]
    return tuple(sorted(file for file in given if file))


def _from_dictionary(program: str, dictionary: DictionarySpec) -> tuple[ProgramSchedule | None, tuple[Problem, ...]]:
    """The time points that the dictionary itself names: used where they have days, said where they have none."""
    if not dictionary.events:
        text = "No follow-up schedule came with the dictionary. Nothing can be planned until one does."
        return None, (Problem(0, PLACE, "no_schedule", "warning", text),)
    found = schedule_events.of_events(program, dictionary.events, dictionary.title)
    if not found.schedules:
        text = (
            "The dictionary names time points without days. Enter the days on the schedule page, then they are planned."
        )
        return None, (Problem(0, PLACE, "events_without_days", "warning", text), *_own(found, program))
    plan = found.schedules[0]
    try:
        _check(plan)
    except IntakeError as error:
        return None, (Problem(0, PLACE, error.code, "error", str(error)),)
    text = f"No schedule came; the {len(plan.entries)} time points with days that the dictionary names are used."
    said = Problem(0, PLACE, "schedule_from_dictionary", "info", text)
    return plan, (said, *_own(found, program), *_fit(plan, dictionary))


def _from_tables(
    tables: list[bytes], program: str, dictionary: DictionarySpec
) -> tuple[ProgramSchedule | None, tuple[Problem, ...]]:
    events, problems = schedule_csv.read(tables)
    found = schedule_events.of_events(program, events)
    placed = tuple(replace(p, path=f"{PLACE}.{p.path}".rstrip(".")) for p in problems)
    if not found.schedules:
        raise IntakeError("no_schedule", _no_days(problems))
    plan = found.schedules[0]
    _check(plan)
    return plan, (*placed, *_own(found, program), *_fit(plan, dictionary))


def _no_days(problems: tuple[Problem, ...]) -> str:
    first = f" {problems[0].message}" if problems else ""
    return f"The schedule files name no event with a day.{first}"


def _from_json(
    data: bytes, program: str, dictionary: DictionarySpec
) -> tuple[ProgramSchedule | None, tuple[Problem, ...]]:
    found = schedules.read(data)
    if not found.schedules:
        first = found.problems[0].message if found.problems else "it names no program."
        raise IntakeError("no_schedule", f"The schedule file cannot be used: {first}")
    plan, renamed = _pick(found, program)
    _check(plan)
    return plan, (*renamed, *_own(found, program, plan.program), *_fit(plan, dictionary))


def _own(found: SchedulesRead, *programs: str) -> Iterator[Problem]:
    """The problems of these programs and of the file as a whole."""
    return (_placed(p) for p in found.problems if not p.path or p.path.split(".")[0] in programs)


def _pick(found: SchedulesRead, program: str) -> tuple[ProgramSchedule, list[Problem]]:
    if program in found.by_program:
        return found.by_program[program], []
    if len(found.schedules) > 1:
        names = ", ".join(found.by_program)
        raise IntakeError("other_program", f"The schedule file has no program {program}; it has {names[:200]}.")
    only = found.schedules[0]
    text = f"The schedule calls its program {only.program[:60]!r}. Check that it is the one of {program}."
    return only, [Problem(0, PLACE, "named_otherwise", "warning", text)]


def _check(plan: ProgramSchedule) -> None:
    """Refuse what no database can hold: codes too long, NUL, half characters, numbers that are none."""
    long = next((e for e in plan.entries if len(e.code) > LONGEST_CODE), None)
    if long:
        message = f"The code {long.code[:60]!r} is longer than {LONGEST_CODE} characters. Shorten it."
        raise IntakeError("code_too_long", message)
    try:
        text = json.dumps(serial.dump(plan), ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError) as error:
        message = "The schedule holds numbers or characters that cannot be kept. Export it again as plain JSON."
        raise IntakeError("schedule_unreadable", message) from error
    if "\\u0000" in text:
        raise IntakeError("schedule_unreadable", "The schedule holds NUL characters. Export it again as plain JSON.")


def _placed(problem: Problem) -> Problem:
    place = f"{PLACE}.{problem.path.partition('.')[2]}".rstrip(".")
    return Problem(problem.line, place, problem.code, problem.severity, problem.message)


def _fit(plan: ProgramSchedule, dictionary: DictionarySpec) -> Iterator[Problem]:
    """What of the schedule does not fit the dictionary: its anchor, its forms."""
    if plan.anchor and plan.anchor not in {f.name for f in dictionary.fields}:
        text = f"The anchor {plan.anchor[:60]} is no field of the dictionary. Days are counted from the infusion."
        yield Problem(0, PLACE, "anchor_missing", "warning", text)
    yield from _forms(plan, dictionary)


def _forms(plan: ProgramSchedule, dictionary: DictionarySpec) -> Iterator[Problem]:
    """Forms that the schedule names and the dictionary lacks, and the other way round."""
    forms: dict[str, Any] = dict.fromkeys(f.form for f in dictionary.fields)
    for entry in plan.entries:
        for form in entry.forms:
            if form not in forms:
                text = f"{entry.code} names the form {form}, which the dictionary does not have. Correct one of them."
                yield Problem(0, f"{PLACE}.{entry.code}", "form_missing", "warning", text)
    for trigger in triggers.of_rules(plan.rules):
        for form in (f for f in trigger.forms if f not in forms):
            text = (
                f"The trigger {trigger.entry} names the form {form}, which the dictionary does not have. Correct one."
            )
            yield Problem(0, f"{PLACE}.{trigger.entry}", "form_missing", "warning", text)
    planned = {form for entry in plan.entries for form in entry.forms}
    planned |= {form for trigger in triggers.of_rules(plan.rules) for form in trigger.forms}
    for form in dict.fromkeys(f.form for f in dictionary.questions):
        if form not in planned:
            text = f"The form {form} is at no time point, so its questions are never due. Add it to the schedule."
            yield Problem(0, PLACE, "form_never_due", "warning", text)
