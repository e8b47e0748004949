"""What rulings on conflicts change in a release: limits on the form, conditions, what is held. Pure; called by merging.

Only choices that change a form are carried by the release; the others say that what happens anyway is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from forms_catalog.conflict_kinds import Standing
from forms_catalog.merging_ranges import widest
from forms_catalog.merging_sides import asked_of
from forms_catalog.specs import AskSpec, Conflict, ProgramSpec, ReleaseSpec, Ruling

Change = Callable[[ReleaseSpec, Conflict], ReleaseSpec]


def applied(release: ReleaseSpec, conflicts: Iterable[Conflict], rulings: Iterable[Ruling]) -> ReleaseSpec:
    """The release as the standing rulings make it, with those that changed it."""
    known = Standing(rulings)
    carried = []
    for conflict in conflicts:
        found = known.of(conflict)
        if found is not None and (change := CHANGES.get((found.kind, found.choice))):
            release = change(release, conflict)
            carried.append(found)
    return replace(release, rulings=tuple(carried))


def optional(release: ReleaseSpec) -> frozenset[str]:
    """The elements that no form requires, whatever a program says."""
    return frozenset(r.place for r in release.rulings if (r.kind, r.choice) == ("required_differs", "optional"))


def _wider(release: ReleaseSpec, conflict: Conflict) -> ReleaseSpec:
    element = release.elements[conflict.element]
    low, high = widest(element, asked_of(release))
    lowest, highest = (None if limit is None else float(limit) for limit in (low, high))
    wider = replace(element, minimum=lowest, maximum=highest)
    return replace(release, elements={**release.elements, element.id: wider})


def _shown_always(release: ReleaseSpec, conflict: Conflict) -> ReleaseSpec:
    return _each(release, conflict, lambda ask: replace(ask, field=replace(ask.field, branching="")))


def _held(release: ReleaseSpec, conflict: Conflict) -> ReleaseSpec:
    return _each(release, conflict, lambda ask: replace(ask, mapping=None, mapping_ref=""))


def _later_held(release: ReleaseSpec, conflict: Conflict) -> ReleaseSpec:
    return _held(release, replace(conflict, sides=conflict.sides[1:]))


def _as_it_is(release: ReleaseSpec, conflict: Conflict) -> ReleaseSpec:
    """What only the form reads, by `optional`."""
    return release


def _each(release: ReleaseSpec, conflict: Conflict, change: Callable[[AskSpec], AskSpec]) -> ReleaseSpec:
    """The release with the fields of the conflict's sides changed; what they were is kept beside."""
    for code, program in release.programs.items():
        paths = {s.path for s in conflict.sides if s.program == code}
        before = tuple(a for a in program.asks if a.field.path in paths)
        if before:
            asks = tuple(change(a) if a in before else a for a in program.asks)
            kept = release.unruled.get(code, ())
            kept += tuple(a for a in before if a.field.path not in {k.field.path for k in kept})
            release = replace(
                release,
                programs={**release.programs, code: replace(program, asks=asks)},
                unruled={**release.unruled, code: kept},
            )
    return release


def as_decided(release: ReleaseSpec) -> tuple[ProgramSpec, ...]:
    """The programs of a release without what rulings changed in them: what is merged again."""
    return tuple(_as_decided(p, release.unruled.get(code, ())) for code, p in release.programs.items())


def _as_decided(program: ProgramSpec, unruled: tuple[AskSpec, ...]) -> ProgramSpec:
    before = {a.field.path: a for a in unruled}
    return replace(program, asks=tuple(before.get(a.field.path, a) for a in program.asks)) if before else program


CHANGES: Mapping[tuple[str, str], Change] = {
    ("range_differs", "widest"): _wider,
    ("required_differs", "optional"): _as_it_is,
    ("asked_twice", "second_held"): _later_held,
    ("identifier", "withhold"): _held,
    ("branching_unreadable", "always"): _shown_always,
    ("branching_unknown", "always"): _shown_always,
    ("branching_elsewhere", "always"): _shown_always,
    ("branching_cycle", "always"): _shown_always,
}
