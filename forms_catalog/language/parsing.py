"""REDCap logic (branching and calculation) to the syntax tree. Called by intake checks and by whoever evaluates."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from lark import Lark

from forms_catalog.language import guarded
from forms_catalog.language.functions import FUNCTIONS
from forms_catalog.language.tree import (
    MAX_DEPTH,
    Call,
    FieldRef,
    LogicError,
    Node,
    Number,
    Op,
    Ref,
    Text,
    Truth,
    depth_of,
)

_CACHED_CHARS = 2_000  # dictionaries repeat short conditions hundreds of times; long ones are rare

GRAMMAR = r"""
?start: disjunction
?disjunction: conjunction (_OR conjunction)*
?conjunction: negation (_AND negation)*
?negation: _NOT negation -> negated
         | comparison
?comparison: additive (COMPARE additive)*
?additive: product (SIGN product)*
?product: unary (SCALE unary)*
?unary: SIGN unary -> signed
      | power
?power: atom (_POWER unary)?
?atom: NUMBER -> number
     | STRING -> string
     | FIELD -> field
     | TRUTH -> truth
     | NAME "(" [disjunction ("," disjunction)*] ")" -> call
     | "(" disjunction ")"

_OR: /or\b|\|\|/i
_AND: /and\b|&&/i
_NOT.2: /not\b|!(?!\s*=)/i
TRUTH.2: /(?:true|false)\b(?!\s*\()/i
COMPARE: /<\s*>|!={1,2}|<\s*=|>\s*=|={1,3}|<|>/
SIGN: /[+\-]/
SCALE: /[*\/%]/
_POWER: "^"
NUMBER: /\d+(?:\.\d*)?|\.\d+/
STRING: /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|‘[^’]*’|“[^”]*”/s
FIELD: /\[[^\[\]]+\](?:\[[^\[\]]+\]){0,3}/
NAME: /[a-z_][a-z0-9_]*/i
COMMENT: /(?:#|\/\/)[^\n]*/
%ignore COMMENT
%ignore /\s+/
"""

# A name of another format may hold any character: those with a role here are written as %XX (language.writing).
_ITEM = re.compile(r"\s*(?P<name>[^\[\]():\s]+)\s*(?:\((?P<code>[^()]*)\))?\s*(?::(?P<modifier>.*))?", re.DOTALL)
_INSTANCE = re.compile(r"\d+|(?:first|last|previous|next|current)-instance")
_SAME = {"===": "=", "==": "=", "!=": "<>", "!==": "<>"}


def parse(text: str) -> Node:
    """The tree of a branching or calculation text.

    Raises LogicError(code, message, column): empty, too_long, too_deep, syntax, unknown_function, wrong_arguments,
    bad_reference. The message says what was found and what to do.
    """
    return _parse_short(text) if len(text) <= _CACHED_CHARS else _parse(text)


def _parse(text: str) -> Node:
    node: Node = guarded.read(_parser(), text, "logic")
    if depth_of(node) > MAX_DEPTH:
        raise guarded.too_deep("logic")
    return node


_parse_short = lru_cache(maxsize=2048)(_parse)


class _Builder:
    """Callbacks the parser makes bottom-up, one a grammar rule; no recursion, so depth is no danger here."""

    def disjunction(self, args: list[Node]) -> Node:
        return Op("or", tuple(args))

    def conjunction(self, args: list[Node]) -> Node:
        return Op("and", tuple(args))

    def negated(self, args: list[Node]) -> Node:
        return Op("not", (args[0],))

    def signed(self, args: list[Any]) -> Node:
        return Op("neg", (args[1],)) if args[0] == "-" else args[1]

    def power(self, args: list[Node]) -> Node:
        return Op("^", tuple(args))

    def comparison(self, args: list[Any]) -> Node:
        node: Node = args[0]
        for sign, right in zip(args[1::2], args[2::2], strict=True):
            op = re.sub(r"\s", "", str(sign))
            node = Op(_SAME.get(op, op), (node, right))
        return node

    def additive(self, args: list[Any]) -> Node:
        return _chain(args)

    def product(self, args: list[Any]) -> Node:
        return _chain(args)

    def number(self, args: list[Any]) -> Node:
        return Number(str(args[0]))

    def string(self, args: list[Any]) -> Node:
        raw = str(args[0])
        inner = raw[1:-1]
        return Text(re.sub(r"\\(['\"\\])", r"\1", inner) if raw[0] in "'\"" else inner)

    def truth(self, args: list[Any]) -> Node:
        return Truth(str(args[0]).lower() == "true")

    def field(self, args: list[Any]) -> Node:
        return Ref(_field_ref(str(args[0]), args[0].start_pos + 1))

    def call(self, args: list[Any]) -> Node:
        name, column = str(args[0]).lower(), args[0].start_pos + 1
        given = tuple(arg for arg in args[1:] if arg is not None)
        _check_call(name, len(given), column)
        return Call(name, given)


def _chain(args: list[Any]) -> Node:
    """a + b + c becomes one operator with three arguments, so that long sums stay shallow."""
    op, parts = str(args[1]), [args[0]]
    for sign, right in zip(args[1::2], args[2::2], strict=True):
        if str(sign) != op:
            parts, op = [Op(op, tuple(parts))], str(sign)
        parts.append(right)
    return Op(op, tuple(parts))


def _check_call(name: str, given: int, column: int) -> None:
    if name not in FUNCTIONS:
        raise LogicError("unknown_function", f"{name}() at column {column} is not a known function.", column)
    fewest, most = FUNCTIONS[name]
    if not fewest <= given <= most:
        wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
        message = f"{name}() at column {column} has {given} arguments; it takes {wanted}."
        raise LogicError("wrong_arguments", message, column)


def _field_ref(text: str, column: int) -> FieldRef:
    items = [_ITEM.fullmatch(part) for part in text[1:-1].split("][")]
    found = [item for item in items if item]
    if len(found) < len(items):
        raise LogicError("bad_reference", f"{text[:60]} at column {column} is not a field reference.", column)
    names = [item["name"] for item in found]
    instance = names.pop() if len(names) > 1 and _INSTANCE.fullmatch(names[-1]) else ""
    if len(names) > 2:
        raise LogicError("bad_reference", f"{text[:60]} at column {column} names more than event and field.", column)
    item = found[len(names) - 1]
    return FieldRef(
        name=unquote(names[-1]),
        event=unquote(names[0]) if len(names) == 2 else "",
        code=unquote((item["code"] or "").strip()),
        instance=instance,
        modifier=(item["modifier"] or "").strip(),
    )


@lru_cache(maxsize=1)
def _parser() -> Any:
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", transformer=_Builder(), maybe_placeholders=False)
