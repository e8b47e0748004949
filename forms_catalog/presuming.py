"""What the undecided fields of a version would probably become, so that its price can be told before people decide.

Nothing is written and nobody's decision is replaced: the matcher's first candidate stands for the decision where no
guard objects and nothing is left to choose, else the field counts as new. Called by the what-if only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from forms_catalog import mapping, mapping_checks, reviewing, seeding, suggesting
from forms_catalog.models import DictionaryVersion
from forms_catalog.reviewing import Proposed
from forms_catalog.specs import RELATIONS, ElementSpec, FieldSpec, MappingSpec, ProgramSpec, Relation

ENOUGH = 0.25  # below this score the matcher itself says that nothing fits


@dataclass(frozen=True, slots=True)
class Presumed:
    """A version as it would probably be decided. `undecided` are the fields that were presumed, `near` is field path →
    (element, why it is not taken as the same).
    """

    program: ProgramSpec
    undecided: tuple[str, ...] = ()
    near: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def presume(version: DictionaryVersion) -> Presumed:
    """The version with a probable decision for each question that has none. A fixed number of queries."""
    spec, elements = mapping.decided(version), seeding.elements()
    open_asks = {a.field.path: a for a in spec.asks if a.mapping is None and a.field.asks}
    if not open_asks:
        return Presumed(spec)
    rows = {r.field.path: r for r in reviewing.review(version.program).rows}
    guessed: dict[str, MappingSpec] = {}
    near: dict[str, tuple[str, str]] = {}
    for path, ask in open_asks.items():
        row = rows.get(path)
        guessed[path], why_not = _guess(spec.code, ask.field, row.proposals if row else (), elements)
        near |= {path: why_not} if why_not else {}
    asks = tuple(replace(a, mapping=guessed.get(a.field.path, a.mapping)) for a in spec.asks)
    return Presumed(replace(spec, asks=asks), tuple(open_asks), near)


def _guess(
    program: str, field: FieldSpec, proposals: Iterable[Proposed], elements: Mapping[str, ElementSpec]
) -> tuple[MappingSpec, tuple[str, str] | None]:
    """The probable decision, and the near element with the reason where it is only near."""
    first = next((p for p in proposals if p.score >= ENOUGH and p.element in elements), None)
    if first is None or first.relation == "new":
        return suggesting.new(program, field), None
    if first.guards:
        return suggesting.new(program, field), (first.element, first.guards[0])
    found = suggesting.suggest(program, field, elements[first.element], _relation(first.relation), first.value_map)
    if wrong := mapping_checks.problems(found, field, elements):
        return suggesting.new(program, field), (first.element, wrong[0])
    return found, None


def _relation(name: str) -> Relation:
    """A stored relation as the closed word it is."""
    return next(r for r in RELATIONS if r == name)
