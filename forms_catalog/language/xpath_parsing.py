"""The grammar of XLSForm expressions: text to a raw tree of the same nodes, functions by their XPath names.

What a function means, and whether it can be said in the one language, is decided in xpath.py.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from lark import Lark

from forms_catalog.language import guarded
from forms_catalog.language.tree import MAX_DEPTH, Call, FieldRef, LogicError, Node, Number, Op, Ref, Text, depth_of

SELF = "."  # the raw call that stands for the question's own answer

GRAMMAR = r"""
?start: disjunction
?disjunction: conjunction (_OR conjunction)*
?conjunction: equality (_AND equality)*
?equality: relation (EQUALS relation)* -> comparison
?relation: additive (ORDER additive)* -> comparison
?additive: product (SIGN product)*
?product: unary (SCALE unary)*
?unary: SIGN unary -> signed
      | atom
?atom: NUMBER -> number
     | STRING -> string
     | FIELD -> field
     | PATH -> path
     | DOT -> own
     | NAME "(" [disjunction ("," disjunction)*] ")" -> call
     | "(" disjunction ")"

_OR: /or(?![\w.-])/
_AND: /and(?![\w.-])/
EQUALS: /!=|=/
ORDER: /<=|>=|<|>/
SIGN: /[+\-]/
SCALE: /\*|div(?![\w.-])|mod(?![\w.-])/
NUMBER: /\d+(?:\.\d*)?|\.\d+/
STRING: /'[^']*'|"[^"]*"|‘[^’]*’|“[^”]*”/
FIELD: /\$\{[^{}]*\}/
PATH: /(?:\.\.)?(?:\/[^\W\d][\w.-]*)+/
DOT: /\.(?![\d.\/])/
NAME: /[^\W\d][\w.-]*(?::[\w.-]+)?/
%ignore /\s+/
"""
_FIELD = re.compile(r"\$\{\s*([^\W\d][\w.-]*)\s*\}")
_OPS = {"!=": "<>", "div": "/"}


def parse_raw(text: str) -> Node:
    """The raw tree. Raises LogicError: empty, too_long, too_deep, syntax, bad_reference."""
    node: Node = guarded.read(_parser(), text, "expression")
    if depth_of(node) > MAX_DEPTH:
        raise guarded.too_deep("expression")
    return node


class _Builder:
    """Callbacks the parser makes bottom-up, one a grammar rule."""

    def disjunction(self, args: list[Node]) -> Node:
        return Op("or", tuple(args))

    def conjunction(self, args: list[Node]) -> Node:
        return Op("and", tuple(args))

    def comparison(self, args: list[Any]) -> Node:
        node: Node = args[0]
        for sign, right in zip(args[1::2], args[2::2], strict=True):
            node = Op(_OPS.get(str(sign), str(sign)), (node, right))
        return node

    def additive(self, args: list[Any]) -> Node:
        return _chain(args)

    def product(self, args: list[Any]) -> Node:
        return _chain(args)

    def signed(self, args: list[Any]) -> Node:
        return Op("neg", (args[1],)) if args[0] == "-" else args[1]

    def number(self, args: list[Any]) -> Node:
        return Number(str(args[0]))

    def string(self, args: list[Any]) -> Node:
        return Text(str(args[0])[1:-1])

    def field(self, args: list[Any]) -> Node:
        found = _FIELD.fullmatch(str(args[0]))
        if not found:
            column = args[0].start_pos + 1
            message = f"{str(args[0])[:60]} at column {column} names no question."
            raise LogicError("bad_reference", message, column)
        return Ref(FieldRef(found[1]))

    def path(self, args: list[Any]) -> Node:
        return Ref(FieldRef(str(args[0]).rsplit("/", 1)[1]))

    def own(self, args: list[Any]) -> Node:
        return Call(SELF, ())

    def call(self, args: list[Any]) -> Node:
        return Call(str(args[0]), tuple(arg for arg in args[1:] if arg is not None))


def _chain(args: list[Any]) -> Node:
    """a + b + c as one operator with three arguments; mod is a function, as the one language has it."""
    node: Node = args[0]
    for sign, right in zip(args[1::2], args[2::2], strict=True):
        op = _OPS.get(str(sign), str(sign))
        if op == "mod":
            node = Call("mod", (node, right))
        elif isinstance(node, Op) and node.op == op and node is not args[0]:
            node = Op(op, (*node.args, right))
        else:
            node = Op(op, (node, right))
    return node


@lru_cache(maxsize=1)
def _parser() -> Any:
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", transformer=_Builder(), maybe_placeholders=False)
