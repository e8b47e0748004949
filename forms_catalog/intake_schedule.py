"""Step 1, the schedule's part: bytes of a schedules file → the program's schedule and what does not fit its dictionary.

Pure. Called by intake.receive.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from forms_catalog import serial
from forms_catalog.formats import schedules
from forms_catalog.formats.schedules import SchedulesRead
from forms_catalog.specs import DictionarySpec, Problem, ProgramSchedule

LARGEST = 2_000_000  # bytes; the largest real schedule seen has 12,000
LONGEST_CODE = 40  # what the column holds
PLACE = "schedule"


class IntakeError(ValueError):
    """A file that cannot be taken in; the message names the place and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read(
    data: bytes | None, program: str, dictionary: DictionarySpec
) -> tuple[ProgramSchedule | None, tuple[Problem, ...]]:
    """The program's schedule and its problems (paths start with 'schedule'); None where no file came.

    A file with one program is taken whatever it calls itself, with a warning. Raises IntakeError.
    """
    if not data:
        text = "No follow-up schedule came with the dictionary. Nothing can be planned until one does."
        return None, (Problem(0, PLACE, "no_schedule", "warning", text),)
    if len(data) > LARGEST:
        raise IntakeError("schedule_too_large", f"The schedule is larger than {LARGEST // 1_000_000} MB. Check it.")
    found = schedules.read(data)
    if not found.schedules:
        first = found.problems[0].message if found.problems else "it names no program."
        raise IntakeError("no_schedule", f"The schedule file cannot be used: {first}")
    plan, renamed = _pick(found, program)
    _check(plan)
    named = {plan.program, program}
    own = (p for p in found.problems if not p.path or p.path.split(".")[0] in named)
    problems = [*renamed, *(_placed(p) for p in own), *_forms(plan, dictionary)]
    return plan, tuple(problems)


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


def _forms(plan: ProgramSchedule, dictionary: DictionarySpec) -> Iterator[Problem]:
    """Forms that the schedule names and the dictionary lacks, and the other way round."""
    forms: dict[str, Any] = dict.fromkeys(f.form for f in dictionary.fields)
    for entry in plan.entries:
        for form in entry.forms:
            if form not in forms:
                text = f"{entry.code} names the form {form}, which the dictionary does not have. Correct one of them."
                yield Problem(0, f"{PLACE}.{entry.code}", "form_missing", "warning", text)
    planned = {form for entry in plan.entries for form in entry.forms}
    for form in dict.fromkeys(f.form for f in dictionary.questions):
        if form not in planned:
            text = f"The form {form} is at no time point, so its questions are never due. Add it to the schedule."
            yield Problem(0, PLACE, "form_never_due", "warning", text)
