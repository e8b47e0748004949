"""The answers an item offers: answerOption, STU3 option, contained value sets and the codes of a boolean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from forms_catalog.formats.fhir.parts import (
    Json,
    dicts,
    extensions,
    is_true,
    node_of,
    shown,
    text,
    translations,
    value_of,
)
from forms_catalog.formats.problems import Findings
from forms_catalog.specs import Option

MAX_CHOICES = 200_000  # of all items together: a value set that every item names must not fill memory
_WEIGHTS = ("ordinalValue", "itemWeight")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer on offer: its option, score, whether it is preselected, and its label in other languages."""

    option: Option
    weight: str = ""
    selected: bool = False
    spoken: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Choices:
    """What an item offers; `elsewhere` names a value set that is not in the file."""

    given: tuple[Choice, ...] = ()
    elsewhere: str = ""

    @property
    def options(self) -> tuple[Option, ...]:
        return tuple(choice.option for choice in self.given)


class ChoiceReader:
    """Reads the choices of one questionnaire's items; a value set many items share is read once."""

    def __init__(self, questionnaire: Json, findings: Findings, *, exact: bool = False) -> None:
        contained = dicts(questionnaire.get("contained"))
        self._sets = {text(node.get("id")): node for node in contained if node.get("resourceType") == "ValueSet"}
        self._sets |= {text(node.get("url")): node for node in self._sets.values() if node.get("url")}
        self._systems = {text(n.get("url")): n for n in contained if n.get("resourceType") == "CodeSystem"}
        self._read: dict[str, tuple[Choice, ...]] = {}
        self._findings = findings
        self._left = MAX_CHOICES
        self._show = text if exact else shown

    def choices(self, item: Json, line: int, path: str) -> Choices:
        """The item's choices, double codes once. Findings: duplicate_choice_code, choice_without_code,
        too_many_choices."""
        found = self._choices(item, line, path)
        self._left -= len(found.given)
        if self._left >= 0 or not found.given:
            return found
        message = f"The file has more than {MAX_CHOICES:,} choices in all; those of this item were left out."
        self._findings.error(line, path, "too_many_choices", message)
        return Choices(elsewhere="the file itself")

    def _choices(self, item: Json, line: int, path: str) -> Choices:
        rows = dicts(item.get("answerOption")) or dicts(item.get("option"))
        if rows:
            return Choices(self._distinct([self._of_option(row) for row in rows], line, path))
        address = item.get("answerValueSet") or item.get("options")
        address = text(node_of(address).get("reference")) or text(address)
        if not address:
            return Choices()
        name = address.removeprefix("#").partition("|")[0]
        if name in self._sets:
            if name not in self._read:
                self._read[name] = self._distinct(list(self._of_set(self._sets[name])), line, path)
            if self._read[name]:
                return Choices(self._read[name])
        return Choices(elsewhere=address[:300])

    def _distinct(self, found: list[Choice], line: int, path: str) -> tuple[Choice, ...]:
        kept: dict[str, Choice] = {}
        twice: dict[str, None] = {}
        for choice in found:
            code = choice.option.code
            if not code:
                message = f"Choice {choice.option.label[:40]!r} has no code and was left out. Give it a code."
                self._findings.error(line, path, "choice_without_code", message)
            elif code in kept:
                twice[code[:40]] = None
            else:
                kept[code] = choice
        if twice:
            message = f"Choice codes used twice, the first counts: {', '.join([*twice][:5])}. Give each its own code."
            self._findings.error(line, path, "duplicate_choice_code", message)
        return tuple(kept.values())

    def _of_option(self, row: Json) -> Choice:
        kind, value = value_of(row)
        node = node_of(value)
        beside = extensions(row) | extensions(node)
        weight = next((text(value_of(beside[name])[1]) for name in _WEIGHTS if name in beside), "")
        selected = is_true(row.get("initialSelected"))
        if kind == "Reference":
            address = text(node.get("reference")) or text(node.get("display"))
            return Choice(Option(address, self._show(node.get("display")) or address), weight, selected)
        if kind != "Coding":
            code = text(value)
            return Choice(Option(code, self._show(code)), weight, selected, self._spoken(row, f"value{kind}"))
        own = beside.get("own:code")
        code = text(value_of(own)[1]) if own else text(node.get("code")).strip() or self._show(node.get("display"))
        label = self._show(node.get("display")) or code
        return Choice(Option(code, label), weight, selected, self._spoken(node, "display"))

    def _spoken(self, node: Json, key: str) -> tuple[tuple[str, str], ...]:
        return tuple((language, self._show(words)) for language, words in translations(node, key))

    def _of_set(self, value_set: Json) -> Iterator[Choice]:
        """The expansion where there is one, else the codes written into compose."""
        expansion = node_of(value_set.get("expansion"))
        if expansion.get("contains"):
            yield from self._of_concepts(expansion, "contains")
            return
        for part in dicts(node_of(value_set.get("compose")).get("include")):
            if part.get("concept"):
                yield from self._of_concepts(part, "concept")
            elif not part.get("filter") and text(part.get("system")) in self._systems:
                yield from self._of_concepts(self._systems[text(part.get("system"))], "concept")

    def _of_concepts(self, node: Json, key: str) -> Iterator[Choice]:
        """Codes at any depth, in order; an abstract one only holds others."""
        waiting = dicts(node.get(key))[::-1]
        while waiting:
            concept = waiting.pop()
            if not is_true(concept.get("abstract")):
                yield self._of_concept(concept)
            if key in concept:
                waiting += dicts(concept.get(key))[::-1]

    def _of_concept(self, concept: Json) -> Choice:
        code = text(concept.get("code")).strip()
        beside = extensions(concept)
        weight = next((text(value_of(beside[name])[1]) for name in _WEIGHTS if name in beside), "")
        label = self._show(concept.get("display")) or code
        spoken = tuple(
            (text(row.get("language"))[:40], self._show(row.get("value")))
            for row in dicts(concept.get("designation"))
            if text(row.get("language")) and text(row.get("value"))
        )
        return Choice(Option(code, label), weight, False, spoken + self._spoken(concept, "display"))


def code_of(kind: str, value: Any, choices: Choices) -> str:
    """The code of an answer or initial value as FieldSpec has it; a label where no code is given finds its code."""
    if kind == "Boolean":
        return "1" if is_true(value) else "0"
    if kind == "Coding":
        value = node_of(value).get("code") or node_of(value).get("display")
    elif kind == "Quantity":
        value = node_of(value).get("value")
    elif kind in ("Reference", "Attachment"):
        value = node_of(value).get("reference") or node_of(value).get("display") or node_of(value).get("url")
    found = text(value).strip()
    if any(choice.option.code == found for choice in choices.given):
        return found
    return next((c.option.code for c in choices.given if c.option.label == found), found)
