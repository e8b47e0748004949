"""One language for branching and calculation: text → tree → value. No eval anywhere; every step has a budget."""

from forms_catalog.language.evaluation import DEFAULT_BUDGET, Budget, Lookup, evaluate, holds
from forms_catalog.language.parsing import parse
from forms_catalog.language.renaming import NewNames, renamed, renamed_text
from forms_catalog.language.tree import (
    Call,
    FieldRef,
    LogicError,
    Node,
    Number,
    Op,
    Ref,
    Text,
    Truth,
    depth_of,
    from_json,
    references,
    to_json,
    walk,
)
from forms_catalog.language.values import MISSING, Value, is_missing, is_true, number_of, text_of
from forms_catalog.language.writing import to_text

__all__ = [
    "DEFAULT_BUDGET",
    "MISSING",
    "Budget",
    "Call",
    "FieldRef",
    "LogicError",
    "Lookup",
    "NewNames",
    "Node",
    "Number",
    "Op",
    "Ref",
    "Text",
    "Truth",
    "Value",
    "depth_of",
    "evaluate",
    "from_json",
    "holds",
    "is_missing",
    "is_true",
    "number_of",
    "parse",
    "references",
    "renamed",
    "renamed_text",
    "text_of",
    "to_json",
    "to_text",
    "walk",
]
