"""A visit's form as a list of what each question asks, and what differs between two forms of one visit. Pure.

Called by drafts (is a typed value still asked?), by migrating (what changes for this visit?) and by their pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from capture.ask import marks
from capture.ask.asksheet import AskSheet, Question
from capture.ask.facts import VisitFacts
from capture.ask.questions import YES_NO
from forms_catalog.specs import ElementSpec, MappingSpec, Option

KINDS = {
    "choice": "one of a list",
    "multichoice": "several of a list",
    "integer": "a whole number",
    "decimal": "a number",
    "date": "a date",
    "text": "text",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks, as far as a typed answer depends on it."""

    label: str
    datatype: str = "text"
    unit: str = ""
    options: tuple[Option, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    covers_from: date | None = None
    covers_to: date | None = None
    offer_value: str = ""
    required: bool = False
    identifier: bool = False
    programs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """Every question of a visit, hidden ones too, by place: a question's key, or r.<group>.<element> of a record.

    `release` is the number of the release it is from. `elements` name what was typed into questions it does not have.
    """

    release: int
    questions: Mapping[str, Asked]
    elements: Mapping[str, ElementSpec] = field(default_factory=dict)

    def at(self, place: str) -> Asked | None:
        """The question a value belongs to; `place` may name one record: r.<group>.<record>.<element>."""
        return self.questions.get(question_of(place))

    def known(self, place: str) -> Asked:
        """The same; of a question that is not on the form, what its element says."""
        return self.at(place) or self._by_element(place)

    def _by_element(self, place: str) -> Asked:
        name = place.split(".", 3)[3] if place.startswith("r.") else place.partition("~")[0]
        element = self.elements.get(name)
        if element is None:
            return Asked(name)
        return Asked(element.label, element.datatype, element.unit, element.options, identifier=element.identifier)


@dataclass(frozen=True, slots=True)
class Change:
    """One question that is new (`added`), no longer asked (`removed`), or asked otherwise (`changed`), in words."""

    kind: str
    place: str
    label: str
    programs: tuple[str, ...]
    details: tuple[str, ...] = ()


def record_place(group: str, record: str, element: str) -> str:
    """The place of a field of one record."""
    return f"r.{group}.{record}.{element}"


def question_of(place: str) -> str:
    """The place of the question: of a record's field without the record."""
    if not place.startswith("r."):
        return place
    _, group, _, element = place.split(".", 3)
    return f"r.{group}.{element}"


def form_of(made: AskSheet, facts: VisitFacts, release: int) -> Form:
    """The form of a sheet; `facts` are those the sheet was built from."""
    extra = {
        (s.element, s.qualifier): a.mapping
        for o in (*facts.occasions, *facts.waiting)
        for a in o.asks
        if a.mapping
        for s in a.mapping.sources
        if s.qualifier
    }
    found = {_place(q): _asked(q, extra.get((q.element, q.qualifier))) for q in made.questions}
    for gate in (q for q in made.questions if q.kind == "gate"):
        said = marks.names(facts.release, gate.group)
        found |= {f"r.{gate.group}.{name}": Asked(marks.words(name)) for name in said}
    return Form(release, found, facts.release.elements)


def changes(before: Form, after: Form) -> tuple[Change, ...]:
    """What is asked otherwise on `after`, in the order of the forms: changed, added, removed."""
    same = [(p, q, after.questions[p]) for p, q in before.questions.items() if p in after.questions]
    changed = [
        Change("changed", p, now.label, now.programs, d) for p, was, now in same if (d := tuple(_details(was, now)))
    ]
    added = [Change("added", p, q.label, q.programs) for p, q in after.questions.items() if p not in before.questions]
    gone = [Change("removed", p, q.label, q.programs) for p, q in before.questions.items() if p not in after.questions]
    return (*changed, *added, *gone)


def _place(question: Question) -> str:
    return f"r.{question.group}.{question.element}" if question.kind == "field" else question.key


def _asked(question: Question, mapping: MappingSpec | None) -> Asked:
    label, datatype, options = question.label, question.datatype, question.options
    if mapping is not None:  # the sheet says what the extra question asks only where somebody shows it
        label, datatype = mapping.qualifier_question, "choice"
        options = mapping.qualifier_options or YES_NO
    dated = question.kind != "field"
    return Asked(
        label=label,
        datatype=datatype,
        unit=question.unit,
        options=options,
        minimum=question.minimum,
        maximum=question.maximum,
        covers_from=question.covers_from if dated else None,
        covers_to=question.covers_to if dated else None,
        offer_value=question.offer_value,
        required=question.required,
        identifier=question.identifier,
        programs=tuple(dict.fromkeys(a.program for a in question.askers)),
    )


def _details(was: Asked, now: Asked) -> Iterator[str]:
    if was.label != now.label:
        yield f"Was worded “{was.label}”."
    if was.datatype != now.datatype:
        yield f"Was {_kind(was)}, is {_kind(now)}."
    if was.unit != now.unit:
        yield f"Unit was {was.unit or 'none'}, is {now.unit or 'none'}."
    yield from _options(was, now)
    if (was.minimum, was.maximum) != (now.minimum, now.maximum):
        yield f"Limits were {_limits(was)}, are {_limits(now)}."
    if (was.covers_from, was.covers_to) != (now.covers_from, now.covers_to):
        yield f"Was about {span(was)}, is about {span(now)}."
    if was.required != now.required:
        yield "Is required now." if now.required else "Is not required any more."


def _options(was: Asked, now: Asked) -> Iterator[str]:
    before, after = ({o.code: o.label for o in q.options} for q in (was, now))
    gone = [label for code, label in before.items() if code not in after]
    new = [label for code, label in after.items() if code not in before]
    if gone:
        yield f"No longer to choose: {', '.join(gone)}."
    if new:
        yield f"New to choose: {', '.join(new)}."
    for code, label in before.items():
        if code in after and after[code] != label:
            yield f"“{label}” reads “{after[code]}” now."


def _kind(asked: Asked) -> str:
    return KINDS.get(asked.datatype, asked.datatype)


def _limits(asked: Asked) -> str:
    low, high = ("none" if n is None else f"{n:g}" for n in (asked.minimum, asked.maximum))
    return f"{low} to {high}"


def span(asked: Asked) -> str:
    """The time a question is about, in words."""
    if asked.covers_from is None or asked.covers_to is None:
        return "the visit"
    return f"the time after {asked.covers_from} up to {asked.covers_to}"
