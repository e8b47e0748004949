"""Conditions and methods of an ODM file as logic. A condition says when NOT to collect: it is turned round."""

from __future__ import annotations

from dataclasses import dataclass

from forms_catalog.formats.odm import own
from forms_catalog.formats.odm.elements import attribute, child, children, line_of, words
from forms_catalog.formats.odm.expressions import Expressions, inverted
from forms_catalog.formats.odm.study import Study
from forms_catalog.formats.xml_input import Element
from forms_catalog.language import LogicError, Node, Op, parse, to_text


@dataclass(frozen=True, slots=True)
class Logic:
    """`text` in this product's language, or as the file has it where it could not be read; `as_written` by the file."""

    text: str = ""
    as_written: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    """One ConditionDef: when to ask, as a tree or as own text, and the file's own words."""

    node: Node | None
    as_written: str
    asked_when: str = ""


class Rules:
    """Conditions and methods by OID, each read once."""

    def __init__(self, study: Study, expressions: Expressions) -> None:
        self.study = study
        self.expressions = expressions
        self._rules: dict[str, _Rule | None] = {}
        self._branching: dict[tuple[str, ...], Logic] = {}
        self._methods: dict[str, Logic] = {}

    def branching(self, oids: tuple[str, ...], reference: Element) -> Logic:
        """When to ask an item to which these conditions apply."""
        if oids not in self._branching:
            rules = [rule for oid in oids if (rule := self._rule(oid, reference)) is not None]
            self._branching[oids] = _together(rules, self.expressions)
        return self._branching[oids]

    def calculation(self, oid: str, reference: Element) -> Logic:
        """How an item is computed; the method's description where it has no formal expression."""
        if oid not in self._methods:
            self._methods[oid] = self._method(oid, reference)
        return self._methods[oid]

    def _rule(self, oid: str, reference: Element) -> _Rule | None:
        if oid not in self._rules:
            self._rules[oid] = self._condition(oid, reference)
        return self._rules[oid]

    def _condition(self, oid: str, reference: Element) -> _Rule | None:
        element = self._defined("ConditionDef", oid, reference)
        if element is None:
            return None
        formal = self._formal(element)
        for text, context in formal:
            if self.study.speech.verbatim and context == own.ASKED_WHEN:
                return _Rule(None, text, asked_when=text)
            node = self.expressions.read(text, context)
            if node is not None:
                return _Rule(inverted(node), "" if "redcap" in context.lower() else text)
        return _Rule(None, formal[0][0] if formal else self._described(element) or oid)

    def _method(self, oid: str, reference: Element) -> Logic:
        element = self._defined("MethodDef", oid, reference)
        if element is None:
            return Logic()
        formal = self._formal(element)
        for text, context in formal:
            if self.study.speech.verbatim:
                return Logic(text)
            node = self.expressions.read(text, context)
            if node is not None:
                return Logic(text) if "redcap" in context.lower() else Logic(to_text(node), text)
        text = formal[0][0] if formal else self._described(element)
        return Logic(text, text)

    def _defined(self, kind: str, oid: str, reference: Element) -> Element | None:
        element = self.study.get(kind, oid)
        if element is None:
            message = f"It refers to {kind} {oid[:60]!r}, which is not in the file. Add it or remove the reference."
            self.study.findings.error(line_of(reference), "", "dangling_reference", message)
        return element

    def _formal(self, element: Element) -> list[tuple[str, str]]:
        """(text, context) of each formal expression; ODM 2.0 keeps the text in a Code element."""
        found = []
        for expression in children(element, "FormalExpression"):
            code = child(expression, "Code")
            text = words(expression if code is None else code)
            text = text if self.study.speech.verbatim else text.strip()
            if text:
                found.append((text, attribute(expression, "Context")))
        return found

    def _described(self, element: Element) -> str:
        speech = self.study.speech
        said = speech.texts(child(element, "Description")) or speech.texts(element)
        return speech.main(said) or attribute(element, "Name")


def _together(rules: list[_Rule], expressions: Expressions) -> Logic:
    """All conditions at once. If one cannot be read, nothing is hidden: the text stands there and is reported."""
    as_written = "; ".join(rule.as_written for rule in rules if rule.as_written)
    if len(rules) == 1 and rules[0].asked_when:
        return Logic(rules[0].asked_when)
    nodes = [rule.node for rule in rules if rule.node is not None]
    if len(nodes) < len(rules):
        return Logic(_unreadable(as_written, expressions), as_written)
    if not nodes:
        return Logic()
    return Logic(to_text(nodes[0] if len(nodes) == 1 else Op("and", tuple(nodes))), as_written)


def _unreadable(text: str, expressions: Expressions) -> str:
    """A text that says when not to ask must never be taken as one that says when to ask."""
    try:
        if not expressions.spent:
            parse(text)
    except LogicError:
        return text
    return f"Not collected when: {text}"
