"""What readers of dictionary files give: fields, schedules, problems, and what a writer could not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]
EntryKind = Literal["baseline", "followup", "triggered"]


@dataclass(frozen=True, slots=True)
class Option:
    """One permissible value: `code` is stored or delivered, `label` is read by people."""

    code: str
    label: str


# The choices of a yes-or-no question where its file gives none, as REDCap codes them.
YES_NO = (Option("1", "Yes"), Option("0", "No"))


@dataclass(frozen=True, slots=True)
class Translation:
    """A field's texts in one more language (BCP 47). '' and () where the file does not give them."""

    language: str
    label: str = ""
    note: str = ""
    options: tuple[Option, ...] = ()


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
    hidden, read-only): it costs 0 seconds.

    `branching` and `calculation` are in the one language of this project (REDCap's syntax, forms_catalog/language),
    naming fields by `name`; a text that could not be read stands there as the file has it, with a problem. Where the
    file says it in another language, `branching_as_written` and `calculation_as_written` keep its own text ('' where
    it is the same). `codes` are (system, code, display) as the file gives them. `original` is the row or element as
    read, for evidence.
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
    initial: str = ""
    branching_as_written: str = ""
    calculation_as_written: str = ""
    codes: tuple[tuple[str, str, str], ...] = ()
    translations: tuple[Translation, ...] = ()
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
class EventSpec:
    """One time point as a dictionary file names it, before it is a schedule entry.

    Days count from the anchor; None where the file does not say. `start_day` and `end_day` are the window, both ends
    included. `kind` is '' where the file does not tell.
    """

    code: str
    label: str
    forms: tuple[str, ...]
    day: int | None = None
    start_day: int | None = None
    end_day: int | None = None
    repeating: bool = False
    kind: EntryKind | Literal[""] = ""
    arm: str = ""


@dataclass(frozen=True, slots=True)
class DictionarySpec:
    """One dictionary file as read: every field, in file order, and what was odd about it.

    `version` names the content (12 hex digits of its SHA-256), `format_version` the edition of the format ('1.3.2',
    'R4', '' where it has none), `language` the main language of the texts ('' where the file does not say).
    """

    format: str
    version: str
    fields: tuple[FieldSpec, ...]
    problems: tuple[Problem, ...] = ()
    title: str = ""
    format_version: str = ""
    language: str = ""
    events: tuple[EventSpec, ...] = ()

    @property
    def questions(self) -> tuple[FieldSpec, ...]:
        """The fields a person must answer."""
        return tuple(f for f in self.fields if f.asks)


@dataclass(frozen=True, slots=True)
class Loss:
    """Something a format cannot say. `what` is the attribute of FieldSpec (or of DictionarySpec where path is '')."""

    path: str
    what: str
    message: str


@dataclass(frozen=True, slots=True)
class Written:
    """A dictionary as a file: its bytes, what the format could not say, and fields it had to rename (path → name)."""

    data: bytes
    media_type: str
    extension: str
    losses: tuple[Loss, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
