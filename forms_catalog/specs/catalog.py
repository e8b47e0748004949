"""What the catalog holds: elements, units, record groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from forms_catalog.specs.dictionaries import Option


@dataclass(frozen=True, slots=True)
class ConvertibleUnit:
    """`to_canonical` is 'x', 'x*N', 'x/N' or '(x-N)/N': how a value in `ucum` becomes the element's canonical unit."""

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
    """A kind of repeating record. `date` names the element that places it in time, `end` the one that closes it, unless
    it holds one of the `open_values`.
    """

    id: str
    definition: str
    date: str
    fields: tuple[str, ...]
    summaries: Mapping[str, SummaryRule]
    end: str = ""
    open_values: tuple[str, ...] = ()
