"""The starter content shipped in forms_catalog/content: read once, handed to the demo seed, the commands and tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from forms_catalog.formats import catalog_json, schedules
from forms_catalog.specs import ElementSpec, ProgramSchedule, RecordGroupSpec

CONTENT = Path(__file__).resolve().parent / "content"


class StarterError(LookupError):
    """The shipped content lacks a program, or a file of it is broken."""

    code = "no_starter_content"


@cache
def catalog() -> catalog_json.Catalog:
    """The starter catalog: elements, record groups and the texts beside them. Raises StarterError if it is broken."""
    found = catalog_json.parse(json.loads((CONTENT / "catalog.json").read_bytes()))
    if found.problems:
        raise StarterError(f"content/catalog.json: {found.problems[0].message}")
    return found


def elements() -> Mapping[str, ElementSpec]:
    """The catalog elements by id."""
    return MappingProxyType(dict(catalog().elements))


def record_groups() -> Mapping[str, RecordGroupSpec]:
    """The record groups by id."""
    return MappingProxyType(dict(catalog().groups))


def program_codes() -> tuple[str, ...]:
    """The codes of the shipped programs, sorted."""
    return tuple(sorted(path.stem for path in (CONTENT / "programs").glob("*.csv")))


def program_csv(program: str) -> bytes:
    """The program's dictionary file as a sponsor would upload it. Raises StarterError for an unknown code."""
    return _bytes("programs", program, "csv")


def schedule_json(program: str) -> bytes:
    """The program's schedule file as a sponsor would upload it. Raises StarterError for an unknown code."""
    return _bytes("schedules", program, "json")


def decision_texts(program: str) -> tuple[str, str] | None:
    """The recorded decisions of a program and their value pairs, as two CSV texts; None without any."""
    folder = CONTENT / "decisions"
    if not (folder / f"{program}.csv").is_file():
        return None
    own, values = ((folder / f"{program}{end}.csv").read_text(encoding="utf-8") for end in ("", "_values"))
    return own, values


@cache
def schedule(program: str) -> ProgramSchedule:
    """The program's schedule as read. Raises StarterError for an unknown code or a broken file."""
    read = schedules.read(schedule_json(program))
    if read.errors() or program not in read.by_program:
        raise StarterError(f"content/schedules/{program}.json does not hold a readable schedule of {program}.")
    return read.by_program[program]


def _bytes(folder: str, program: str, suffix: str) -> bytes:
    if program not in program_codes():
        raise StarterError(f"There is no starter program {program}. Known: {', '.join(program_codes())}.")
    return (CONTENT / folder / f"{program}.{suffix}").read_bytes()
