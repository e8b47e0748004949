"""An ask in its program's own terms: its value, and whether the program's own branching shows it.

Called by the ask sheet (visibility), the form (what each program will get) and slicing (what is delivered).
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
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
    rule = transforms.selection_of(ask.mapping)
    found = [values.seen(s, occasion, patient, release, rule) for s in ask.mapping.sources]
    outcome = delivered(ask, [f.answer for f in found], occasion, release)
    ever = transforms.looks_back(ask.mapping)
    return Cell(outcome, tuple(dict.fromkeys(i for f in found for i in (*f.used, *(f.earlier if ever else ())))))


def delivered(
    ask: AskSpec, answers: Sequence[transforms.Answer], occasion: Occasion, release: ReleaseSpec
) -> transforms.Outcome:
    """What the program gets for `ask` from these answers to its mapping's sources."""
    if ask.mapping is None:
        return transforms.Outcome(refusal="no decided mapping")
    facts = transforms.Facts(occasion.as_of, occasion.after, occasion.entry_code, release.elements)
    return transforms.deliver(ask.mapping, transforms.Inputs(tuple(answers), facts))


def decided(ask: AskSpec) -> bool:
    """Whether a mapping says where its value comes from."""
    return ask.mapping is not None and ask.mapping.relation != "not_same"


def decided_asks(occasion: Occasion, release: ReleaseSpec) -> Mapping[str, AskSpec]:
    """The occasion's program's decided asks by field name: what a condition may read."""
    return {a.field.name: a for a in release.programs[occasion.program].asks if decided(a)}


def shows(ask: AskSpec, occasion: Occasion, patient: PatientFacts, release: ReleaseSpec) -> bool:
    """Whether the program's own branching shows the field. What cannot be read is asked, not hidden.

    A field that is hidden itself reads as blank, as in the program's own system.
    """
    if not ask.field.branching.strip():
        return True
    return _shows(ask, decided_asks(occasion, release), occasion, patient, release, ())


def _shows(
    ask: AskSpec,
    asks: Mapping[str, AskSpec],
    occasion: Occasion,
    patient: PatientFacts,
    release: ReleaseSpec,
    above: tuple[str, ...],
) -> bool:
    tree = rule(ask.field.branching, asks)
    if tree is None or ask.field.name in above:  # a rule that ends in itself counts as shown
        return True

    def lookup(ref: language.FieldRef) -> str:
        target, reading = asks[ref.name], (*above, ask.field.name)
        seen = _shows(target, asks, occasion, patient, release, reading)
        return coded(cell(target, occasion, patient, release).outcome.value if seen else "", ref)

    try:
        return language.holds(tree, lookup)
    except language.LogicError:
        return True


def coded(value: str, ref: language.FieldRef) -> str:
    """What a reference reads of a field's value: the value, or for one code of several '1' or '0'."""
    if ref.code:
        return "1" if ref.code in value.split("|") else "0"
    return value


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
