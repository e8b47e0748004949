"""What the steps hand to each other: frozen, plain, no database. Words follow docs/vocabulary.md.

Readers (formats) give `DictionarySpec`; the starter catalog gives `ElementSpec`, `RecordGroupSpec`; mapping decisions
give `MappingSpec`; merging gives `ReleaseSpec`, which publishing freezes and capture projects into visit forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Relation = Literal["exact", "recode", "unit_conversion", "broader", "narrower", "new", "not_same"]
RELATIONS: tuple[Relation, ...] = ("exact", "recode", "unit_conversion", "broader", "narrower", "new", "not_same")
DELIVERS: frozenset[str] = frozenset({"exact", "recode", "unit_conversion", "broader", "narrower", "new"})
Severity = Literal["error", "warning", "info"]
EntryKind = Literal["baseline", "followup", "triggered"]


@dataclass(frozen=True, slots=True)
class Option:
    """One permissible value: `code` is stored or delivered, `label` is read by people."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about an input file. `line` is 1-based (0 = the whole file); `path` is the field's path or ''."""

    line: int
    path: str
    code: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a program's dictionary, in the program's own words.

    `path` is the name where it is unique in the file, else form/name#n. `kind` is one of text, notes, integer, decimal,
    date, datetime, time, choice, multichoice, file, display. `unit` is as written by the program ('' where none).
    `date_format` is ymd, dmy, mdy, my (MM-YYYY) or ''. `asks` is False for what no person answers (descriptive, calc,
    hidden, read-only): it costs 0 seconds. `branching` is the program's own text, verbatim.
    """

    path: str
    name: str
    form: str
    label: str
    kind: str
    order: int
    line: int
    section: str = ""
    note: str = ""
    field_type: str = ""
    options: tuple[Option, ...] = ()
    unit: str = ""
    validation: str = ""
    date_format: str = ""
    minimum: str = ""
    maximum: str = ""
    branching: str = ""
    calculation: str = ""
    required: bool = False
    identifier: bool = False
    asks: bool = True
    repeating: bool = False
    annotation: str = ""
    original: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ScheduleSpec:
    """One schedule entry. Days count from the anchor (index infusion = day 0); windows include both ends.

    Baseline entries have only `due_day` (window fields are None) and join no other program's visit.
    """

    code: str
    label: str
    forms: tuple[str, ...]
    due_day: int
    target_day: int | None = None
    window_start_day: int | None = None
    window_end_day: int | None = None
    kind: EntryKind = "followup"
    basis: str = ""
    mode: str = ""


@dataclass(frozen=True, slots=True)
class TrackSpec:
    """A named subset of a program's timepoints; `codes` is empty where nothing is owed."""

    code: str
    rule: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProgramSchedule:
    """A program's follow-up schedule as read from schedules JSON. `rules` is kept verbatim."""

    program: str
    title: str
    anchor: str
    duration_years: int
    entries: tuple[ScheduleSpec, ...]
    tracks: tuple[TrackSpec, ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DictionarySpec:
    """One dictionary file as read: every field, in file order, and what was odd about it."""

    format: str
    version: str
    fields: tuple[FieldSpec, ...]
    problems: tuple[Problem, ...] = ()
    title: str = ""

    @property
    def questions(self) -> tuple[FieldSpec, ...]:
        """The fields a person must answer."""
        return tuple(f for f in self.fields if f.asks)


@dataclass(frozen=True, slots=True)
class ConvertibleUnit:
    """`to_canonical` is 'x', 'x*N' or 'x/N': how a value in `ucum` becomes the element's canonical unit."""

    ucum: str
    to_canonical: str


@dataclass(frozen=True, slots=True)
class ElementSpec:
    """One catalog data element (ISO/IEC 11179 sense). `reuse` values are defined in content/catalog.json."""

    id: str
    label: str
    definition: str
    datatype: str
    scope: str
    recall: str
    reuse: str
    section: str = ""
    source: str = ""
    options: tuple[Option, ...] = ()
    unit: str = ""
    convertible_units: tuple[ConvertibleUnit, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    effort_seconds: int | None = None
    group: str = ""
    summary_of: str = ""
    detail_of: str = ""
    combine: str = ""
    identifier: bool = False
    record_only: bool = False
    do_not_merge_with: tuple[str, ...] = ()
    bindings: tuple[tuple[str, str, str], ...] = ()  # (system, code, display), verified ones only
    note: str = ""


@dataclass(frozen=True, slots=True)
class SummaryRule:
    """How a summary follows from a group's records: op any|count|sum|days|last over those that match `where`."""

    op: str
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    of: str = ""
    within: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class RecordGroupSpec:
    """A kind of repeating record. `date` names the element that places it in time, `end` the one that closes it."""

    id: str
    definition: str
    date: str
    fields: tuple[str, ...]
    summaries: Mapping[str, SummaryRule]
    end: str = ""


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
class Conflict:
    """Something merging will not guess: kind, where, and what a curator can do."""

    kind: str
    element: str
    programs: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class ReleaseSpec:
    """One frozen state of the whole catalog with every accepted program. A visit form is a projection of it."""

    programs: Mapping[str, ProgramSpec]
    elements: Mapping[str, ElementSpec]
    groups: Mapping[str, RecordGroupSpec]


def to_json(spec: Any) -> Any:
    """A spec as plain JSON values (tuples become lists), stable for hashing."""
    return asdict(spec)
