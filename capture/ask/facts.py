"""The facts an ask sheet, a slice or an estimate is computed from, and the typed values laid over them. All frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from forms_catalog.specs import AskSpec, ReleaseSpec


@dataclass(frozen=True, slots=True)
class Answer:
    """One current response. `covers_from` is exclusive, `covers_to` inclusive; `id` is the response's uuid or ''."""

    element: str
    qualifier: str
    context: str
    value: str = ""
    missing: str = ""
    observed_on: date | None = None
    covers_from: date | None = None
    covers_to: date | None = None
    unit: str = ""
    precision: str = "day"
    source: str = ""
    visit_id: int | None = None
    id: str = ""

    @property
    def key(self) -> str:
        """The key of the question this answers."""
        return question_key(self.element, self.qualifier, self.context)


def field_key(element: str, qualifier: str = "") -> str:
    """What names an answer inside a record: the element, and the extra question about it where there is one."""
    return f"{element}~{qualifier}" if qualifier else element


def question_key(element: str, qualifier: str, context: str) -> str:
    """element~qualifier~context: what makes two asks the same question."""
    return f"{element}~{qualifier}~{context}"


@dataclass(frozen=True, slots=True)
class Record:
    """One occurrence of a record group; `id` is its number as text, or 'new-1' while it is only typed."""

    id: str
    group: str
    values: Mapping[str, Answer]

    def value(self, element: str) -> str:
        """The value of one field, '' where there is none."""
        answer = self.values.get(element)
        return answer.value if answer else ""


@dataclass(frozen=True, slots=True)
class EventFact:
    """A patient event that holds (undone ones are left out before). '' program = all."""

    kind: str
    on: date
    program: str = ""


@dataclass(frozen=True, slots=True)
class TreatmentFact:
    """An infusion."""

    id: int
    infusion_on: date
    product: str


GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True)
class ConsentFact:
    """A consent of one enrolment, valid on both its days; `valid_to` None = open.

    A guardian's holds until the patient is of age, where the program's rules say so: from `of_age_on` no more.
    """

    enrollment_id: int
    valid_from: date
    valid_to: date | None = None
    data_class: str = "clinical"
    given_by: str = "patient"
    of_age_on: date | None = None

    def holds(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to) and not self.outgrown(day)

    def outgrown(self, day: date) -> bool:
        """Whether it was a guardian's, and the patient is of age on that day."""
        return self.given_by == GUARDIAN and self.of_age_on is not None and day >= self.of_age_on


@dataclass(frozen=True, slots=True)
class Occasion:
    """One timepoint as the rules see it. Its interval is (`after`, `as_of`]; the first starts before the infusion.

    `fixed_end` is where the program's fixed periods end; None = on the as-of date. `told_at` are the visits of its
    earlier reports.
    `record` is the id of the record that a triggered report is about: it tells of that one and of no other. `number`
    tells it apart from the other reports of its entry; 0 = there is only one.
    `balance_missing`: it was followed before it owed anything here, and nobody has said what was reported then.
    """

    uuid: str
    program: str
    program_title: str
    entry_code: str
    label: str
    kind: str
    enrollment_id: int
    treatment: TreatmentFact
    visit_id: int
    as_of: date
    after: date
    window_start: date
    window_end: date
    reported_on: date
    enrolled_on: date | None = None
    asks: tuple[AskSpec, ...] = ()
    contact: str = ""  # survival: only what survival needs is asked; safety: only the program's safety questions
    fixed_end: date | None = None
    told_at: frozenset[int] = frozenset()
    record: str = ""
    number: int = 0
    balance_missing: bool = False


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """Everything known of a patient that an ask may use."""

    id: int
    answers: tuple[Answer, ...] = ()
    records: tuple[Record, ...] = ()
    events: tuple[EventFact, ...] = ()
    consents: tuple[ConsentFact, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """One visit with its occasions (lowest program code first), the patient's facts and the release it is from.

    `waiting` are reports whose entry is not in that release but in the newest one: this form does not ask them.
    `visits` says which reports an earlier visit served, in words, by its id.
    """

    visit_id: int
    visit_uuid: str
    kind: str
    planned_on: date
    patient: PatientFacts
    occasions: tuple[Occasion, ...]
    release: ReleaseSpec
    waiting: tuple[Occasion, ...] = ()
    visits: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """What was typed for one question. `confirmed` = an offered value kept with one key."""

    value: str = ""
    missing: str = ""
    confirmed: bool = False
    observed_on: date | None = None
    unit: str = ""

    @property
    def given(self) -> bool:
        """True where there is a value or a missing code."""
        return bool(self.value or self.missing)


@dataclass(frozen=True, slots=True)
class EnteredRecord:
    """A record typed at this visit; `id` 'new-1' or the number of an existing one whose open fields were filled."""

    id: str
    group: str
    values: Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Entered:
    """Everything typed at a visit so far. Keys are question keys."""

    answers: Mapping[str, Entry] = field(default_factory=dict)
    records: tuple[EnteredRecord, ...] = ()


GATE = "any-new"  # the element of "anything new since ...?"; its qualifier is the record group


def gate_key(group: str, visit_id: int) -> str:
    """The key of a group's "anything new since ...?" question at a visit."""
    return question_key(GATE, group, f"v{visit_id}")
