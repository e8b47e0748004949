"""What the visit template shows: sections of questions, what is typed, who asks, and their names in the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.text import slugify

from capture.ask import branching
from capture.ask.asksheet import AskSheet, Question
from capture.ask.facts import Entry, VisitFacts
from capture.ask.periods import Interval
from capture.ask.records import in_period
from capture.enter.drafts import Typed
from capture.pages import visit_records
from capture.pages.visit_boxes import Box, box_of
from capture.pages.visit_records import RecordShown
from capture.query.checks import Finding
from forms_catalog import language
from forms_catalog.transforms import MISSING_CODES
from sites.burden import cost

SECTIONS = {
    "demographics": "About the person",
    "followup": "Follow-up and survival",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One question on the form."""

    question: Question
    box: Box
    kept: bool
    notes: tuple[str, ...]
    records: tuple[RecordShown, ...] = ()
    blank: RecordShown | None = None
    why: str = ""

    @property
    def answered(self) -> bool:
        return self.kept or bool(self.box.value or self.box.missing)

    @property
    def programs(self) -> list[str]:
        return list(dict.fromkeys(a.program for a in self.question.askers))

    @property
    def offer_words(self) -> str:
        """The offered value as a person reads it."""
        labels = {o.code: o.label for o in self.question.options}
        words = ", ".join(labels.get(code, code) for code in self.question.offer_value.split("|"))
        return f"{words} {self.question.unit}".strip()

    @property
    def words(self) -> str:
        """What is typed, or why it is missing, as a person reads it."""
        if self.kept:
            return self.offer_words
        labels = {o.code: o.label for o in self.box.options}
        value = ", ".join(labels.get(code, code) for code in self.box.chosen)
        return value or MISSING_CODES.get(self.box.missing, self.box.missing)

    @property
    def has_open(self) -> bool:
        """True where an earlier record may still be going on."""
        return any(not r.id.startswith("new") for r in self.records)


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that belong together."""

    id: str
    title: str
    questions: tuple[Shown, ...]

    @property
    def visible(self) -> int:
        return sum(1 for s in self.questions if s.question.visible)


@dataclass(frozen=True, slots=True)
class FormView:
    """The whole form."""

    sections: tuple[Section, ...]
    asks: int
    visible: int
    answered: int
    saved_asks: int
    minutes: int

    @property
    def unused(self) -> list[Shown]:
        """What was typed into questions that another answer rules out now: kept, never delivered."""
        return [s for section in self.sections for s in section.questions if s.answered and not s.question.visible]


def view(sheet: AskSheet, facts: VisitFacts, typed: Typed, findings: Sequence[Finding] = ()) -> FormView:
    """The form of a sheet with what is typed and what was found wrong."""
    errors: dict[str, list[str]] = {}
    for finding in findings:
        errors.setdefault(finding.key, []).append(finding.message)
    notes, whys = _notes(sheet), _whys(sheet)
    sections: dict[str, list[Shown]] = {}
    for question in sheet.questions:
        if question.kind != "field":
            shown = replace(_shown(question, sheet, facts, typed, errors, notes), why=whys.get(question.key, ""))
            sections.setdefault(_title(question.section), []).append(shown)  # two catalogs may spell one section
    made = tuple(Section(slugify(title), title, tuple(items)) for title, items in sections.items())
    every = [s for section in made for s in section.questions if s.question.visible]
    counts = sheet.counts()
    return FormView(
        made,
        len(sheet.lines),
        len(every),
        sum(1 for s in every if s.answered),
        counts.get("known", 0) + counts.get("derived", 0) + _sharing(sheet),
        round((cost.visit_overhead() + sum(q.centiseconds for q in sheet.visible)) / 6000),
    )


def conditions(facts: VisitFacts) -> dict[str, dict[str, Any]]:
    """Question key → its tree as JSON, for the questions that answers on this form show or hide (branching.Rule).

    The browser follows them while a person types; static/capture/conditions.js reads them.
    """
    found = branching.rules(facts)
    trees = {key: rule for key, rule in found.items() if not isinstance(rule.shown, language.Truth)}
    return {key: {"shown": language.to_json(rule.shown), "sure": rule.sure} for key, rule in trees.items()}


def _sharing(sheet: AskSheet) -> int:
    """Asks of visible questions beyond the first asker of each."""
    return sum(max(0, len(q.askers) - 1) for q in sheet.visible if q.kind != "field")


def _title(key: str) -> str:
    return SECTIONS.get(key, key.replace("-", " ").replace("_", " ").capitalize() or "Other")


def _notes(sheet: AskSheet) -> Mapping[str, tuple[str, ...]]:
    """Question key → warnings that a typed answer has no code in a program."""
    found: dict[str, list[str]] = {}
    for line in sheet.lines:
        if line.note and line.state == "offered":
            for key in line.questions[:1]:
                found.setdefault(key, []).append(f"{line.program}: {line.note}")
    return {key: tuple(notes) for key, notes in found.items()}


def _whys(sheet: AskSheet) -> Mapping[str, str]:
    """Question key → why its first asker needs it."""
    found: dict[str, str] = {}
    for line in sheet.lines:
        for key in line.questions if line.state == "offered" else ():
            found.setdefault(key, line.why)
    return found


def _shown(
    question: Question,
    sheet: AskSheet,
    facts: VisitFacts,
    typed: Typed,
    errors: Mapping[str, list[str]],
    notes: Mapping[str, tuple[str, ...]],
) -> Shown:
    entry = typed.entered.answers.get(question.key, Entry())
    box = box_of(question, entry, f"a.{question.key}", f"m.{question.key}", tuple(errors.get(question.key, ())))
    kept = entry.confirmed and entry.value == question.offer_value
    if question.kind != "gate":
        return Shown(question, box, kept, notes.get(question.key, ()))
    shown, blank = visit_records.of_gate(question, sheet, facts, typed.entered, errors)
    told = (*_entered_before(question, facts), *notes.get(question.key, ()))
    return Shown(question, box, False, told, shown, blank)


def _entered_before(question: Question, facts: VisitFacts) -> tuple[str, ...]:
    """The records of the time asked about that are there already: they are not asked again."""
    group, since = facts.release.groups[question.group], Interval(question.covers_from or date.min, date.max)
    days = [day for day, _ in in_period(facts.patient.records, group, since)]
    return (f"Already entered, not to be typed again: of {', '.join(d.isoformat() for d in days)}.",) if days else ()


def missing_choices() -> list[tuple[str, str]]:
    """Missing reasons for the list beside each question."""
    return list(MISSING_CODES.items())
