"""What rulings on conflicts change in a release: limits on the form, conditions, what is held. Pure; called by merging.

Only choices that change a form are carried by the release; the others say that what happens anyway is right.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import reduce

from forms_catalog.conflict_kinds import Standing
from forms_catalog.merging_ranges import widest
from forms_catalog.merging_sides import asked_of
from forms_catalog.specs import AskSpec, Conflict, ElementSpec, ProgramSpec, ReleaseSpec, Ruling, Wording

Change = Callable[[AskSpec], AskSpec]
Edits = dict[str, dict[str, list[Change]]]  # program → path → changes


def applied(release: ReleaseSpec, conflicts: Iterable[Conflict], rulings: Iterable[Ruling]) -> ReleaseSpec:
    """The release as the standing rulings make it, with those that changed it."""
    known = Standing(rulings)
    settled = [(c, found) for c in conflicts if (found := known.of(c)) and (found.kind, found.choice) in CHANGES]
    if not settled:
        return release
    edits: Edits = {}
    for conflict, found in settled:
        for side in _changed_sides(conflict, found):
            edits.setdefault(side.program, {}).setdefault(side.path, []).append(ASKS[(found.kind, found.choice)])
    wider = _wider(release, [c.element for c, found in settled if (found.kind, found.choice) == WIDEST])
    return replace(
        release,
        programs={code: _edited(p, edits.get(code, {})) for code, p in release.programs.items()},
        elements={**release.elements, **wider},
        rulings=tuple(found for _, found in settled),
        unruled={code: _before(release.programs[code], paths) for code, paths in edits.items()},
    )


def optional(release: ReleaseSpec) -> frozenset[str]:
    """The elements that no form requires, whatever a program says."""
    return frozenset(r.place for r in release.rulings if (r.kind, r.choice) == OPTIONAL)


def _changed_sides(conflict: Conflict, found: Ruling) -> tuple[Wording, ...]:
    """The fields a ruling changes: all of the conflict, of two with one answer the later ones."""
    if (found.kind, found.choice) not in ASKS:
        return ()
    return conflict.sides[1:] if found.choice == "second_held" else conflict.sides


def _edited(program: ProgramSpec, edits: Mapping[str, list[Change]]) -> ProgramSpec:
    if not edits:
        return program
    return replace(program, asks=tuple(reduce(lambda a, f: f(a), edits.get(a.field.path, ()), a) for a in program.asks))


def _before(program: ProgramSpec, paths: Container[str]) -> tuple[AskSpec, ...]:
    return tuple(a for a in program.asks if a.field.path in paths)


def _wider(release: ReleaseSpec, names: Sequence[str]) -> dict[str, ElementSpec]:
    """The elements with the widest limits that they or an asker state."""
    asked = asked_of(release) if names else []
    limits = {name: widest(release.elements[name], asked) for name in names}
    return {
        name: replace(release.elements[name], minimum=_number(a), maximum=_number(b)) for name, (a, b) in limits.items()
    }


def _number(limit: Decimal | None) -> float | None:
    return None if limit is None else float(limit)


def _shown_always(ask: AskSpec) -> AskSpec:
    return replace(ask, field=replace(ask.field, branching=""))


def _held(ask: AskSpec) -> AskSpec:
    return replace(ask, mapping=None, mapping_ref="")


def as_decided(release: ReleaseSpec) -> tuple[ProgramSpec, ...]:
    """The programs of a release without what rulings changed in them: what is merged again."""
    return tuple(_as_decided(p, release.unruled.get(code, ())) for code, p in release.programs.items())


def _as_decided(program: ProgramSpec, unruled: tuple[AskSpec, ...]) -> ProgramSpec:
    before = {a.field.path: a for a in unruled}
    return replace(program, asks=tuple(before.get(a.field.path, a) for a in program.asks)) if before else program


WIDEST = ("range_differs", "widest")
OPTIONAL = ("required_differs", "optional")
ASKS: Mapping[tuple[str, str], Change] = {
    ("asked_twice", "second_held"): _held,
    ("identifier", "withhold"): _held,
    ("branching_unreadable", "always"): _shown_always,
    ("branching_unknown", "always"): _shown_always,
    ("branching_elsewhere", "always"): _shown_always,
    ("branching_cycle", "always"): _shown_always,
}
CHANGES = frozenset({WIDEST, OPTIONAL, *ASKS})  # the choices that change a form
