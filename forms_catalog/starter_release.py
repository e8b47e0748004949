"""The starter programs as a release, from the content and the recorded decisions, without a database.

Called by count_asks and by tests of pure rules; an installation's own release comes from publishing.
"""

from __future__ import annotations

from functools import lru_cache

from forms_catalog import decisions, formats, merging, starter
from forms_catalog.specs import AskSpec, DictionarySpec, ProgramSpec, ReleaseSpec


@lru_cache(maxsize=16)
def dictionary(program: str) -> DictionarySpec:
    """The program's dictionary as read."""
    return formats.read(starter.program_csv(program), f"{program}.csv")


@lru_cache(maxsize=16)
def decided(program: str) -> decisions.Decisions:
    """The recorded decisions on the program's fields; none where nothing is recorded."""
    return decisions.read(*(starter.decision_texts(program) or ("", "")), dictionary(program), starter.elements())


@lru_cache(maxsize=16)
def program_spec(program: str) -> ProgramSpec:
    """The program as it would be accepted: every field with its decided mapping."""
    mappings = decided(program).by_path
    asks = tuple(AskSpec(f, mappings.get(f.path), f"starter-{f.path}@1") for f in dictionary(program).fields)
    schedule = starter.schedule(program)
    return ProgramSpec(program, schedule.title, "1", asks, schedule.entries, schedule.tracks, schedule.rules)


@lru_cache(maxsize=16)
def release_of(*programs: str) -> ReleaseSpec:
    """The release of these programs on the starter catalog."""
    spec, _ = merging.merge([program_spec(p) for p in programs], starter.elements(), starter.record_groups())
    return spec
