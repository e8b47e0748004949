"""What mapping decides and merging gives: mappings, asks, programs, one frozen release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from forms_catalog.specs.catalog import ElementSpec, RecordGroupSpec
from forms_catalog.specs.dictionaries import FieldSpec, Option, ScheduleSpec, TrackSpec

Relation = Literal["exact", "recode", "unit_conversion", "broader", "narrower", "new", "not_same"]
RELATIONS: tuple[Relation, ...] = ("exact", "recode", "unit_conversion", "broader", "narrower", "new", "not_same")
DELIVERS: frozenset[str] = frozenset({"exact", "recode", "unit_conversion", "broader", "narrower", "new"})


@dataclass(frozen=True, slots=True)
class Source:
    """One element a mapping reads. `qualifier` is '' or the named extra question of a `narrower` mapping."""

    element: str
    qualifier: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a transform: op is unit | rollup | recode | date. See forms_catalog/transforms/__init__.py."""

    op: str
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MappingSpec:
    """One decided mapping, catalog → program. `condition` is '' or a rule over elements that must hold to deliver.

    `qualifier_question` is the extra question a `narrower` mapping asks ('' otherwise), with its options.
    """

    program: str
    path: str
    relation: Relation
    sources: tuple[Source, ...]
    transform: tuple[Step, ...] = ()
    condition: str = ""
    qualifier_question: str = ""
    qualifier_options: tuple[Option, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AskSpec:
    """One field request inside a release: the program's field plus its decision. `mapping` is None where undecided."""

    field: FieldSpec
    mapping: MappingSpec | None
    mapping_ref: str = ""  # "<mapping uuid>@<version>", kept on every delivery


@dataclass(frozen=True, slots=True)
class ProgramSpec:
    """One accepted program in a release: its asks by form and its schedule."""

    code: str
    title: str
    version: str
    asks: tuple[AskSpec, ...]
    entries: tuple[ScheduleSpec, ...]
    tracks: tuple[TrackSpec, ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wording:
    """One side of a conflict: the field in its program's own words, and what it states there (`says`).

    `program` is '' for what the catalog itself states.
    """

    program: str
    path: str
    label: str
    says: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something merging will not guess: kind, where, and what a curator can do.

    `element` is the element's id, or the place again where no element is involved. `place` is unique within a kind and
    stays the same while the programs are; `sides` are what a ruling is about. See conflict_kinds for key and content.
    """

    kind: str
    element: str
    programs: tuple[str, ...]
    message: str
    place: str = ""
    sides: tuple[Wording, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """How a person settled a conflict: the choice, about which content. It stands while the content is the same."""

    kind: str
    place: str
    content: str
    choice: str


@dataclass(frozen=True, slots=True)
class ReleaseSpec:
    """One frozen state of the whole catalog with every accepted program. A visit form is a projection of it.

    `rulings` are those that stand and change a form; `unruled` holds the asks they changed, by program, as decided.
    """

    programs: Mapping[str, ProgramSpec]
    elements: Mapping[str, ElementSpec]
    groups: Mapping[str, RecordGroupSpec]
    rulings: tuple[Ruling, ...] = ()
    unruled: Mapping[str, tuple[AskSpec, ...]] = field(default_factory=dict)
