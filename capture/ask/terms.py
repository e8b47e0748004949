"""An ask in its program's own terms: its value, and whether the program's own branching shows it.

Called by the ask sheet (visibility), the form (what each program will get) and slicing (what is delivered).
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache

from capture.ask import values
from capture.ask.facts import Occasion, PatientFacts
from forms_catalog import language, transforms
from forms_catalog.specs import AskSpec, ReleaseSpec


@dataclass(frozen=True, slots=True)
class Cell:
    """What a program gets for one field: the outcome and the ids of the responses it rests on."""

    outcome: transforms.Outcome
    used: tuple[str, ...] = ()


def cell(ask: AskSpec, occasion: Occasion, patient: PatientFacts, release: ReleaseSpec) -> Cell:
    """The program's value for `ask`; an undecided or refused mapping gives a refusal, never a value."""
    if ask.mapping is None or not decided(ask):
        return Cell(transforms.Outcome(refusal="no decided mapping"))
    found = [values.seen(s, occasion, patient, release) for s in ask.mapping.sources]
    facts = transforms.Facts(occasion.as_of, occasion.after, occasion.entry_code, release.elements)
    outcome = transforms.deliver(ask.mapping, transforms.Inputs(tuple(f.answer for f in found), facts))
    ever = transforms.looks_back(ask.mapping)
    return Cell(outcome, tuple(dict.fromkeys(i for f in found for i in (*f.used, *(f.earlier if ever else ())))))


def decided(ask: AskSpec) -> bool:
    """Whether a mapping says where its value comes from."""
    return ask.mapping is not None and ask.mapping.relation != "not_same"


def shows(ask: AskSpec, occasion: Occasion, patient: PatientFacts, release: ReleaseSpec) -> bool:
    """Whether the program's own branching shows the field. What cannot be read is asked, not hidden."""
    if not ask.field.branching.strip():
        return True
    asks = {a.field.name: a for a in release.programs[occasion.program].asks if decided(a)}
    tree = rule(ask.field.branching, asks)
    if tree is None:
        return True

    def lookup(ref: language.FieldRef) -> str | None:
        target = asks.get(ref.name)
        if target is None:
            return None
        value = cell(target, occasion, patient, release).outcome.value
        if ref.code:
            return "1" if ref.code in value.split("|") else "0"
        return value

    try:
        return language.holds(tree, lookup)
    except language.LogicError:
        return True


def rule(branching: str, known: Container[str]) -> language.Node | None:
    """The condition as a tree; None where it cannot be read, or reads a field whose value is not `known` here.

    Such a condition would hide its question for good: it reads a smart variable, a field that the dictionary lacks or
    that has no decided mapping.
    """
    tree = parsed(branching)
    if tree is None or any(ref.name not in known for ref in language.references(tree)):
        return None
    return tree


@lru_cache(maxsize=20_000)
def parsed(text: str) -> language.Node | None:
    """The syntax tree of a branching text; None where there is none or it cannot be read."""
    if not text.strip():
        return None
    try:
        return language.parse(text)
    except language.LogicError:
        return None
