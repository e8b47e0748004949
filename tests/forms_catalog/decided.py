"""The five decided programs as specs, read from the shipped content; used by decisions, merging and release tests."""

from __future__ import annotations

from functools import cache

from forms_catalog import decisions, formats, starter
from forms_catalog.decisions import Decisions
from forms_catalog.specs import AskSpec, DictionarySpec, ProgramSpec

DECIDED = ("car_pass_sponsor", "car_registry_eu", "car_registry_na", "hemo_registry_global", "hemo_sponsor_aav")
FOLDER = starter.CONTENT / "decisions"


@cache
def dictionary(program: str) -> DictionarySpec:
    """The program's dictionary as read."""
    return formats.read(starter.program_csv(program), program)


@cache
def decided(program: str) -> Decisions:
    """The program's decisions as read."""
    rows, values = (FOLDER / f"{program}{part}.csv" for part in ("", "_values"))
    return decisions.read(rows.read_text(), values.read_text(), dictionary(program), starter.elements())


@cache
def program(code: str) -> ProgramSpec:
    """The program with its decisions and schedule, as merging takes it."""
    schedule, by_path = starter.schedule(code), decided(code).by_path
    asks = tuple(AskSpec(f, by_path.get(f.path)) for f in dictionary(code).fields)
    return ProgramSpec(code, schedule.title, "1", asks, schedule.entries, schedule.tracks)
