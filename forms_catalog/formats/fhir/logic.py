"""Branching and calculation of every item of one Questionnaire, within the budget of one file."""

from __future__ import annotations

from dataclasses import dataclass, replace

from forms_catalog.formats.fhir.choices import Choices
from forms_catalog.formats.fhir.conditions import condition, expression_of, in_brackets, verbatim, written
from forms_catalog.formats.fhir.items import Record, Rule
from forms_catalog.formats.fhir.parts import Json, dicts, node_of, text
from forms_catalog.language import LogicError, Truth, to_text
from forms_catalog.language.fhirpath import Answer, calculation_of

MAX_EXPRESSIONS = 40_000  # characters of FHIRPath in one file; the richest real file seen has 13,000
MAX_TEXT = 2_000_000  # characters of conditions written out for all items together
MAX_RULES = 20_000  # enableWhen conditions in one file; the richest real file seen has 33
MAX_LOGIC = 10_000  # characters of one condition


@dataclass(frozen=True, slots=True)
class Logic:
    """One text in our language; where the file's words could not be translated, those, and why."""

    text: str = ""
    as_written: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What conditions may know of an item."""

    answer: Answer
    choices: Choices
    unit: str = ""
    scope: tuple[str, ...] = ()


_NONE = Logic()


class LogicReader:
    """Translates the conditions of one Questionnaire; what many items share is translated once."""

    def __init__(self, questionnaire: Json, known: dict[str, Known]) -> None:
        self._known = known
        self._variables = _variables(questionnaire)
        self._left = MAX_EXPRESSIONS
        self._rules_left = MAX_RULES
        self._calculated: dict[str, Logic] = {}
        self._text_left = MAX_TEXT
        self._own: dict[int, Logic] = {}
        self._joined: dict[tuple[int, ...], Logic] = {(): _NONE}

    def branching(self, record: Record) -> Logic:
        """When the item is shown: its own condition and those of every group and question around it."""
        return self._of(record.rules)

    def calculation(self, record: Record) -> Logic:
        """The calculated expression."""
        words = expression_of(record.node, "calculatedExpression")
        if not words:
            return _NONE
        if words not in self._calculated:
            self._calculated[words] = self._calculation(words)
        return self._calculated[words]

    def _calculation(self, words: str) -> Logic:
        try:
            self._spend(words)
            found = to_text(calculation_of(words, self._answer, self._variables.get))
            self._left -= len(found)
            return Logic(found, words)
        except LogicError as error:
            return Logic(verbatim(words), "", error.message)

    def _of(self, rules: tuple[Rule, ...]) -> Logic:
        key = tuple(id(rule.node) for rule in rules)
        if key not in self._joined:
            self._joined[key] = self._together(self._of(rules[:-1]), self._of_item(rules[-1]))
        return self._joined[key]

    def _together(self, outer: Logic, own: Logic) -> Logic:
        if not outer.as_written:
            return self._checked(own)
        if not own.text and not own.error:
            return outer
        as_written = f"{outer.as_written}\n{own.as_written}"[:MAX_LOGIC]
        error = outer.error or own.error
        text = " and ".join(part for part in (outer.text, own.text) if part)
        return self._checked(Logic(as_written if error else text, as_written, error))

    def _checked(self, logic: Logic) -> Logic:
        self._text_left -= len(logic.text) + len(logic.as_written)
        error = logic.error
        if self._text_left < 0:
            error = "The file has more conditions than are read at once; this one was not."
            return Logic(logic.as_written[:200] + " …", logic.as_written[:200], error)
        if not error and len(logic.text) > MAX_LOGIC:
            error = f"The condition has more than {MAX_LOGIC} characters. Split it up."
        return Logic(verbatim(logic.as_written), logic.as_written, error) if error else logic

    def _of_item(self, rule: Rule) -> Logic:
        """The item's own condition; 'true' where it always holds."""
        if id(rule.node) not in self._own:
            self._own[id(rule.node)] = self._translated(rule)
        return self._own[id(rule.node)]

    def _translated(self, rule: Rule) -> Logic:
        item, words = rule.node, written(rule.node)
        if not words:
            return _NONE
        try:
            self._spend(expression_of(item, "enableWhenExpression"), len(dicts(item.get("enableWhen"))))
            node = condition(item, lambda link: self._find(link, rule.scope), self._variables.get)
        except LogicError as error:
            return Logic(words, words, error.message)
        return Logic("" if node == Truth(True) else in_brackets(node), words)

    def _spend(self, words: str, rules: int = 0) -> None:
        self._left -= len(words)
        self._rules_left -= rules
        if min(self._left, self._rules_left) < 0:
            raise LogicError("unchecked", "The file has more expressions than are read at once; this one was not.")

    def _find(self, link: str, scope: tuple[str, ...]) -> tuple[Answer, Choices, str] | None:
        """An item as a condition in that scope sees it: in the same repetition it has one answer."""
        found = self._known.get(link)
        if not found:
            return None
        if not found.scope:
            return found.answer, found.choices, found.unit
        elsewhere = scope[: len(found.scope)] != found.scope
        return replace(found.answer, repeated=elsewhere), found.choices, found.unit

    def _answer(self, link: str) -> Answer | None:
        found = self._known.get(link)
        return found.answer if found else None


def _variables(questionnaire: Json) -> dict[str, str]:
    """The FHIRPath variables the whole Questionnaire declares, by name."""
    found: dict[str, str] = {}
    for extension in dicts(questionnaire.get("extension")):
        if text(extension.get("url")).endswith("/variable"):
            expression = node_of(extension.get("valueExpression"))
            if text(expression.get("language")) in ("", "text/fhirpath"):
                found.setdefault(text(expression.get("name")), text(expression.get("expression")))
    return found
