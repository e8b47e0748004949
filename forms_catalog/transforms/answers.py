"""What a transform is given and gives back. Called by slicing, the ask sheet and the curator's preview.

All texts are canonical: dates are ISO (`2024`, `2024-03` or `2024-03-15`), several choices are joined with `|`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from forms_catalog.specs import ElementSpec

MISSING_CODES: Mapping[str, str] = {
    "not-done": "Not done",
    "unknown": "Unknown",
    "not-applicable": "Not applicable",
    "refused": "Refused",
    "pending": "Pending",
    "not-asked": "Not asked",
    "withheld": "Withheld",
}
"""Why an answer is missing, with the words people read. Kept apart from each other, mapped to each program's own."""


class Refusal(Exception):
    """A transform that will not guess. `code` is stable, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Record:
    """One dated value: a field of one occurrence, or an earlier answer to a question about a period.

    `date` is the occurrence's date (for an earlier answer: the end of the time it covers); `occurrence` joins the
    fields of one occurrence and is '' for an earlier answer.
    """

    value: str
    date: str
    occurrence: str = ""
    missing: str = ""
    precision: str = "day"


@dataclass(frozen=True, slots=True)
class Answer:
    """The canonical answer to one source of a mapping: a value, or a missing code, or neither (not answered).

    `records` holds every dated value up to now; the roll-up picks those of its interval. `note` is for the receipt.
    `drawn` names the visit or record a measured value belongs to: what is worked out from two values needs both of one.
    `reported` says that this program has had the fact: 'before' in an earlier report, 'elsewhere' on a form of its own,
    as a person said; '' where it has not.
    """

    element: str
    qualifier: str = ""
    value: str = ""
    missing: str = ""
    precision: str = "day"
    records: tuple[Record, ...] = ()
    note: str = ""
    drawn: str = ""
    reported: str = ""

    @property
    def answered(self) -> bool:
        """True where somebody gave a value or a missing code; records of other times are no answer."""
        return bool(self.value or self.missing)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a transform may know beside the answers.

    The timepoint's interval is (`after`, `as_of`]: `after` is the program's last as-of date, or the day before the
    infusion for the first interval. `entry_code` is the schedule entry's code, the value of `visit-label`.
    """

    as_of: date | None = None
    after: date | None = None
    entry_code: str = ""
    elements: Mapping[str, ElementSpec] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The answers of a mapping's ordered sources, in that order, with the facts."""

    answers: tuple[Answer, ...]
    facts: Facts = Facts()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a program gets: a value (`|`-joined codes for several choices), a blank with a note, or a refusal.

    `no_target` is the canonical code that has no code in the program, '' otherwise.
    """

    value: str = ""
    note: str = ""
    refusal: str = ""
    no_target: str = ""

    @property
    def delivered(self) -> bool:
        """True where there is something to deliver."""
        return bool(self.value) and not self.refusal
