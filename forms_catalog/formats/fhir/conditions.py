"""enableWhen and enableWhenExpression of an item and of the groups around it to the one language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forms_catalog.formats.fhir.choices import Choices, code_of
from forms_catalog.formats.fhir.parts import Json, dicts, extended, is_true, node_of, text, value_of
from forms_catalog.language import FieldRef, LogicError, Node, Op, Ref, Text, parse, to_text
from forms_catalog.language.fhirpath import Answer, condition_of, number_node
from forms_catalog.language.fhirpath.building import Builder

MOST_RULES = 200  # conditions of one item
Find = Callable[[str], tuple[Answer, Choices, str] | None]  # by linkId: what is asked, its choices, its unit
Variable = Callable[[str], str | None]
_OPERATORS = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def condition(item: Json, find: Find, variable: Variable) -> Node:
    """What the item itself says of when it is shown. Raises LogicError where that cannot be translated."""
    rules = dicts(item.get("enableWhen"))
    if len(rules) > MOST_RULES:
        raise LogicError("too_long", f"The item has more than {MOST_RULES} conditions. Split it up.")
    make = Builder()
    found = [_rule(rule, find, make) for rule in rules]
    joined = make.every(*found) if item.get("enableBehavior") == "all" else make.some(*found)
    expression = expression_of(item, "enableWhenExpression")
    if not expression:
        return joined
    node = condition_of(expression, lambda link: _answer(find, link), variable)
    return make.every(joined, node) if rules else node


def _answer(find: Find, link: str) -> Answer | None:
    found = find(link)
    return found[0] if found else None


def expression_of(item: Json, name: str) -> str:
    """The text of an expression extension in FHIRPath; other languages stay unread."""
    found = extended(item, name)
    language = text(node_of(found).get("language"))
    words = text(node_of(found).get("expression")) or (text(found) if isinstance(found, str) else "")
    return f"{language}: {words}" if words and language not in ("", "text/fhirpath") else words


def _rule(rule: Json, find: Find, make: Builder) -> Node:
    link = text(rule.get("question")).strip()
    known = find(link)
    answer, choices, unit = known or (Answer(link), Choices(), "")
    if not link or answer.repeated:
        raise LogicError("unsupported", "A condition names no item, or one that may be there several times.")
    kind, value = value_of(rule, "answer")
    operator = text(rule.get("operator")) or ("=" if kind else "exists")
    if operator == "exists" or "hasAnswer" in rule:
        there = rule.get("hasAnswer", True if value is None else value)
        return make.answered(answer) if is_true(there) else make.unanswered(answer)
    if operator not in _OPERATORS or not kind:
        raise LogicError("unsupported", f"A condition on {link[:60]!r} has no known operator or no answer.")
    code = code_of(kind, value, choices)
    if kind == "Quantity" and unit not in ("", *_units(value)):
        raise LogicError("unsupported", f"A condition on {link[:60]!r} compares with another unit than is asked.")
    if operator in ("=", "!=") and (answer.many or answer.codes):
        picked = make.picked(answer, code)
        return picked if operator == "=" else make.negated(picked)
    if answer.many:
        raise LogicError("unsupported", f"A condition on {link[:60]!r} compares several answers at once.")
    literal = number_node(code) if kind in ("Integer", "Decimal", "Quantity") and code else Text(code)
    return Op(_OPERATORS[operator], (Ref(FieldRef(answer.name)), literal))


def _units(value: Any) -> tuple[str, str, str]:
    node = node_of(value)
    return text(node.get("unit")), text(node.get("code")), "" if node.get("unit") or node.get("code") else "?"


def written(item: Json) -> str:
    """The item's own condition in the file's words, on one line; never text that `parse` would take."""
    rules = [_words(rule) for rule in dicts(item.get("enableWhen"))[:MOST_RULES]]
    joined = f" {item.get('enableBehavior') or 'any'} ".join(rules)
    parts = [f"enableWhen: {joined}"] if rules else []
    expression = expression_of(item, "enableWhenExpression")
    return "; ".join([*parts, expression] if expression else parts)[:10_000]


def _words(rule: Json) -> str:
    kind, value = value_of(rule, "answer")
    said = code_of(kind, value, Choices()) if kind != "Boolean" else text(value)
    operator = text(rule.get("operator")) or ("hasAnswer" if "hasAnswer" in rule else "=")
    return f"{text(rule.get('question'))} {operator} {said or text(rule.get('hasAnswer'))}"[:500]


def verbatim(words: str) -> str:
    """The file's words where they are no text of our language; marked where they could be taken for it."""
    try:
        parse(words)
    except LogicError:
        return words
    return f"FHIRPath: {words}"


def in_brackets(node: Node) -> str:
    """The condition as a part of an 'and'."""
    return f"({to_text(node)})" if isinstance(node, Op) and node.op == "or" else to_text(node)
