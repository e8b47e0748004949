"""Step 2a of the flow: which catalog element a field request means. Pure: plain dataclasses in, decisions out."""

from .entries import (
    Candidate,
    CatalogEntry,
    Decision,
    Query,
    Remembered,
    entries_of,
    entry_of_element,
    queries_of_fields,
    query_of_field,
    query_of_row,
)
from .matcher import Matcher
from .ranking import Ranker

__all__ = [
    "Candidate", "CatalogEntry", "Decision", "Matcher", "Query", "Ranker", "Remembered",
    "entries_of", "entry_of_element", "queries_of_fields", "query_of_field", "query_of_row",
]  # fmt: skip
