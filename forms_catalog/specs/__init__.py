"""What the steps hand to each other: frozen, plain, no database. Words follow docs/vocabulary.md.

Readers (formats) give `DictionarySpec`; the starter catalog gives `ElementSpec`, `RecordGroupSpec`; mapping decisions
give `MappingSpec`; merging gives `ReleaseSpec`, which publishing freezes and capture projects into visit forms.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from forms_catalog.specs.catalog import ConvertibleUnit, ElementSpec, RecordGroupSpec, SummaryRule
from forms_catalog.specs.dictionaries import (
    YES_NO,
    DictionarySpec,
    EntryKind,
    EventSpec,
    FieldSpec,
    Loss,
    Option,
    Problem,
    ProgramSchedule,
    ScheduleSpec,
    Severity,
    TrackSpec,
    Translation,
    Written,
)
from forms_catalog.specs.releases import (
    DELIVERS,
    RELATIONS,
    AskSpec,
    Conflict,
    MappingSpec,
    ProgramSpec,
    Relation,
    ReleaseSpec,
    Ruling,
    Source,
    Step,
    Wording,
)

__all__ = [
    "DELIVERS",
    "RELATIONS",
    "YES_NO",
    "AskSpec",
    "Conflict",
    "ConvertibleUnit",
    "DictionarySpec",
    "ElementSpec",
    "EntryKind",
    "EventSpec",
    "FieldSpec",
    "Loss",
    "MappingSpec",
    "Option",
    "Problem",
    "ProgramSchedule",
    "ProgramSpec",
    "RecordGroupSpec",
    "Relation",
    "ReleaseSpec",
    "Ruling",
    "ScheduleSpec",
    "Severity",
    "Source",
    "Step",
    "SummaryRule",
    "TrackSpec",
    "Translation",
    "Wording",
    "Written",
    "to_json",
]


def to_json(spec: Any) -> Any:
    """A spec as plain JSON values (tuples become lists), stable for hashing."""
    return asdict(spec)
