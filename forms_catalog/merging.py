"""Step 2c: accepted programs → one ReleaseSpec and its conflicts; a visit form is a projection of it. Pure.

Called by the estimate, by publishing (which freezes the release) and by the ask sheet. Conflicts are returned for a
curator, never guessed; a field in conflict keeps its mapping unless a ruling says otherwise, an undecided one is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from forms_catalog import merging_conflicts, merging_rulings
from forms_catalog.drafts import draft_element, draft_id
from forms_catalog.specs import (
    AskSpec,
    Conflict,
    ElementSpec,
    ProgramSpec,
    RecordGroupSpec,
    ReleaseSpec,
    Ruling,
    ScheduleSpec,
)


class ProjectionError(LookupError):
    """The release has no such program, or the program no such schedule entry."""

    code = "not_in_release"


def merge(
    programs: Sequence[ProgramSpec],
    elements: Mapping[str, ElementSpec],
    groups: Mapping[str, RecordGroupSpec],
    rulings: Iterable[Ruling] = (),
) -> tuple[ReleaseSpec, tuple[Conflict, ...]]:
    """The whole catalog with these programs, by code, and every conflict of them, settled or not.

    A field decided `new` brings its draft element, which asks and delivers for its own program only. The release is as
    the `rulings` that stand make it; conflict_kinds.still_open tells which conflicts are left.
    """
    ordered = {p.code: p for p in sorted(programs, key=lambda p: p.code)}
    drafts = {e.id: e for p in ordered.values() for e in drafts_of(p)}
    release = ReleaseSpec(ordered, {**elements, **drafts}, dict(groups))
    conflicts = merging_conflicts.find(release)
    return merging_rulings.applied(release, conflicts, rulings), conflicts


def drafts_of(program: ProgramSpec) -> tuple[ElementSpec, ...]:
    """The draft elements of the program's `new` fields."""
    new = (a.field for a in program.asks if a.mapping is not None and a.mapping.relation == "new")
    return tuple(draft_element(program.code, f) for f in new)


def draft_of(program: str, ask: AskSpec) -> str:
    """The id of the draft element a `new` ask brings."""
    return draft_id(program, ask.field.path)


def projection(release: ReleaseSpec, entries: Mapping[str, str]) -> tuple[tuple[str, AskSpec], ...]:
    """The asks of one visit: (program, ask) of each program's schedule entry, by program code and dictionary order.

    `entries` is program code → schedule entry code. Fields nobody answers are left out. Raises ProjectionError.
    """
    return tuple((code, ask) for code in sorted(entries) for ask in asks_of(release, code, entries[code]))


def asks_of(release: ReleaseSpec, program: str, entry_code: str) -> tuple[AskSpec, ...]:
    """The asks of one schedule entry in dictionary order. Raises ProjectionError."""
    return tuple(a for a in fields_of(release, program, entry_code) if a.field.asks)


def fields_of(release: ReleaseSpec, program: str, entry_code: str) -> tuple[AskSpec, ...]:
    """Every field on the forms of one entry, in dictionary order, display-only ones too. Raises ProjectionError."""
    forms = entry_of(release, program, entry_code).forms
    found = [a for a in release.programs[program].asks if a.field.form in forms]
    return tuple(sorted(found, key=lambda a: a.field.order))


def entry_of(release: ReleaseSpec, program: str, entry_code: str) -> ScheduleSpec:
    """One schedule entry. Raises ProjectionError, naming what is there."""
    found = release.programs.get(program)
    if found is None:
        raise ProjectionError(f"The release has no program {program}; it has {', '.join(release.programs)}.")
    entry = next((e for e in found.entries if e.code == entry_code), None)
    if entry is None:
        codes = ", ".join(e.code for e in found.entries)
        raise ProjectionError(f"{program} has no schedule entry {entry_code}; it has {codes}.")
    return entry
