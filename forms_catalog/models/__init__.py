"""What is asked. Models carry constraints, not rules."""

from forms_catalog.models.duplicates import DuplicateFinding
from forms_catalog.models.elements import Alias, Element, ElementVersion, RecordGroup
from forms_catalog.models.mappings import ConflictRuling, Mapping, MappingSource, Proposal
from forms_catalog.models.releases import Release
from forms_catalog.models.requests import DictionaryVersion, FieldRequest, ProposalRun, ScheduleEntry
from forms_catalog.models.reviews import DecisionEffort, ReviewPresence
from forms_catalog.models.training import TrainedMatcher

__all__ = [
    "Alias",
    "ConflictRuling",
    "DecisionEffort",
    "DictionaryVersion",
    "DuplicateFinding",
    "Element",
    "ElementVersion",
    "FieldRequest",
    "Mapping",
    "MappingSource",
    "Proposal",
    "ProposalRun",
    "RecordGroup",
    "Release",
    "ReviewPresence",
    "ScheduleEntry",
    "TrainedMatcher",
]
