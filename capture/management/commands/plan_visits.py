"""plan_visits: from schedules and an anchor date to the fewest visits, without a database. For people and scripts."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from capture.plan.windows import Planned, of_schedule, plan
from forms_catalog.formats import schedules
from forms_catalog.specs import ProgramSchedule

UNREADABLE = 2


class Command(BaseCommand):
    help = "Plan the fewest visits for one patient's follow-up in several programs."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--schedules", required=True, metavar="FILE", help="schedules JSON of one or many programs")
        parser.add_argument("--programs", required=True, metavar="a,b", help="program codes, separated by commas")
        parser.add_argument("--anchor", required=True, metavar="YYYY-MM-DD", help="date of the infusion (day 0)")
        parser.add_argument("--track", action="append", default=[], metavar="program=code", help="only this track")
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        anchor = _anchor(options["anchor"])
        found = _schedules(options["schedules"], _listed(options["programs"]))
        tracks = _tracks(options["track"], found)
        try:
            windows = [w for s in found for w in of_schedule(s, anchor.toordinal(), tracks.get(s.program))]
            planned = plan(windows)
            rows = [_row(p) for p in planned]
        except (ValueError, OverflowError) as error:
            raise _unreadable(f"These windows cannot be planned from {anchor.isoformat()}: {error}") from error
        result = {"timepoints": len(windows), "visits": len(rows), "plan": rows}
        self.stdout.write(json.dumps(result, indent=1) if options["json"] else _table(rows, len(windows)))


def _unreadable(message: str) -> CommandError:
    return CommandError(message, returncode=UNREADABLE)


def _listed(text: str | list[str]) -> list[str]:
    """'a, b' → ['a', 'b'], each once, in the order given."""
    parts = text.split(",") if isinstance(text, str) else text
    return list(dict.fromkeys(p.strip() for p in parts if p.strip()))


def _anchor(text: str) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise _unreadable(f"--anchor {text} is not a date. Write it as YYYY-MM-DD.") from error


def _schedules(path: str, programs: list[str]) -> list[ProgramSchedule]:
    """The schedules of the programs asked for; exit 2 where the file or one of them cannot be read."""
    try:
        read = schedules.read(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise _unreadable(f"{path} cannot be read: {error}") from error
    if not programs:
        raise _unreadable("--programs names no program. Write program codes, separated by commas.")
    for problem in (p for program in programs for p in read.errors(program)):
        raise _unreadable(f"{path}: {problem.message}")
    if unknown := [p for p in programs if p not in read.by_program]:
        raise _unreadable(f"{path} has no program {unknown[0]}. It has: {', '.join(read.by_program)}.")
    return [read.by_program[p] for p in programs]


def _tracks(pairs: Iterable[str], found: list[ProgramSchedule]) -> dict[str, tuple[str, ...]]:
    """['program=code'] → the entry codes that each program's chosen track owes."""
    known = {s.program: {t.code: t.codes for t in s.tracks} for s in found}
    chosen = {}
    for pair in [pairs] if isinstance(pairs, str) else pairs:
        program, _, track = (part.strip() for part in pair.partition("="))
        if program not in known:
            raise _unreadable(f"--track {pair}: {program} is not among --programs. Write program=code.")
        if track not in known[program]:
            names = ", ".join(known[program]) or "none"
            raise _unreadable(f"--track {pair}: {program} has no track {track or '(empty)'}. It has: {names}.")
        chosen[program] = known[program][track]
    return chosen


def _row(planned: Planned) -> dict[str, Any]:
    return {"date": date.fromordinal(planned.date).isoformat(), "timepoints": list(planned.keys)}


def _table(rows: list[dict[str, Any]], timepoints: int) -> str:
    lines = [f"{row['date']}  {'  '.join(row['timepoints'])}" for row in rows]
    return "\n".join([*lines, f"{timepoints} timepoints in {len(rows)} visits"])
