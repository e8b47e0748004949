"""The shapes of an ask sheet. Submit freezes one as JSON; form, ledger, slices and estimates read the same shapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from forms_catalog.specs import Option

STATES = ("shown", "shared", "confirmed", "known", "derived", "ruled_out", "held")
OPEN_STATES = ("offered", "conditional")
AVOIDED = ("shared", "known", "derived")


@dataclass(frozen=True, slots=True)
class Asker:
    """One ask that needs a question: program, the field's path and label in the program's words."""

    occasion: str
    program: str
    path: str
    label: str
    required: bool


@dataclass(frozen=True, slots=True)
class Question:
    """One thing a person is asked. `kind`: plain, gate ("anything new since?") or field (once a record).

    `centiseconds` is what it is expected to cost once; `askers` are those whose own rules show it now.
    """

    key: str
    element: str
    qualifier: str
    context: str
    kind: str
    group: str
    section: str
    label: str
    definition: str
    datatype: str
    options: tuple[Option, ...]
    unit: str
    minimum: float | None
    maximum: float | None
    askers: tuple[Asker, ...]
    visible: bool
    required: bool
    identifier: bool
    covers_from: date | None
    covers_to: date | None
    offer_value: str
    offer_on: date | None
    offer_source: str
    centiseconds: int
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One ask and how it ended: `state` is one of STATES, or of OPEN_STATES while the visit is open; `why` says why."""

    occasion: str
    program: str
    entry_code: str
    path: str
    label: str
    state: str
    why: str
    questions: tuple[str, ...]
    elements: tuple[str, ...]
    centiseconds: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class AskSheet:
    """Every question and every ask of one visit."""

    visit: str
    questions: tuple[Question, ...]
    lines: tuple[Line, ...]

    @property
    def visible(self) -> tuple[Question, ...]:
        """The questions a person sees now."""
        return tuple(q for q in self.questions if q.visible)

    def counts(self, program: str = "") -> Mapping[str, int]:
        """How many asks are in each state, of one program or of all."""
        return Counter(line.state for line in self.lines if not program or line.program == program)


def without_identifiers(sheet: AskSheet) -> AskSheet:
    """The sheet as it is frozen: the questions and asks of identifiers stay, their values do not."""
    names = {q.key for q in sheet.questions if q.identifier}
    questions = tuple(replace(q, offer_value="") if q.key in names else q for q in sheet.questions)
    return replace(
        sheet, questions=questions, lines=tuple(_unnamed(x) if names & {*x.questions} else x for x in sheet.lines)
    )


def _unnamed(line: Line) -> Line:
    why = "Kept with one key." if line.state == "confirmed" else line.why
    return replace(line, why=why, note="")
