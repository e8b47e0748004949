"""FHIRPath text to plain nested tuples. Only what questionnaires use; the rest of FHIRPath is a syntax error here.

Shapes: ('text', s), ('number', s), ('date', s), ('truth', bool), ('empty',), ('path', steps), ('op', name, args).
A step is ('name', s), ('variable', s), ('call', name, args), ('index', expression) or ('inside', expression).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from lark import Lark

from forms_catalog.language import guarded

GRAMMAR = r"""
?start: disjunction (IMPLIES disjunction)* -> pairwise
?disjunction: conjunction (OR conjunction)* -> pairwise
?conjunction: membership (AND membership)* -> pairwise
?membership: equality (MEMBER equality)* -> pairwise
?equality: inequality (EQUAL inequality)* -> pairwise
?inequality: additive (ORDER additive)* -> pairwise
?additive: product (SIGN product)* -> pairwise
?product: unary (SCALE unary)* -> pairwise
?unary: SIGN unary -> signed
      | postfix (AS NAME)? -> typed
postfix: term step*
step: "." NAME -> name
    | "." NAME "(" [start ("," start)*] ")" -> call
    | "[" start "]" -> index
term: STRING -> string
    | NUMBER -> number
    | DATE -> date
    | VARIABLE -> variable
    | NAME -> name
    | NAME "(" [start ("," start)*] ")" -> call
    | "(" start ")" -> inside
    | "{" "}" -> nothing

IMPLIES.2: /implies\b/
OR.2: /x?or\b/
AND.2: /and\b/
MEMBER.2: /(?:in|contains)\b/
AS.2: /as\b/
EQUAL: /!?[=~]/
ORDER: /[<>]=?/
SIGN: /[+\-&]/
SCALE: /[*\/]|div\b|mod\b/
STRING: /'(?:[^'\\]|\\.)*'/s
NUMBER: /\d+(?:\.\d+)?/
DATE: /@\d{4}-\d{2}-\d{2}(?![T\d])/
VARIABLE: /%(?:[A-Za-z_][A-Za-z0-9_\-]*|'[^']*'|`[^`]*`)|\$this/
NAME: /[A-Za-z_][A-Za-z0-9_]*|`[^`]+`/
COMMENT: /\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\//
%ignore COMMENT
%ignore /\s+/
"""

Tree = tuple[Any, ...]
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}
_WORDS = {"true": ("truth", True), "false": ("truth", False), "null": ("empty",)}


def tree_of(text: str) -> Tree:
    """The expression as nested tuples. Raises LogicError as guarded.read does."""
    tree: Tree = guarded.read(_parser(), text, "FHIRPath expression", "()[]")
    return tree


class _Builder:
    """Callbacks the parser makes bottom-up, one a rule; a chain of one operator becomes one node."""

    def pairwise(self, args: list[Any]) -> Tree:
        tree: Tree = args[0]
        for sign, right in zip(args[1::2], args[2::2], strict=True):
            name = str(sign)
            chains = name in ("and", "or", "+", "&") and tree[0] == "op" and tree[1] == name
            tree = ("op", name, (*tree[2], right)) if chains else ("op", name, (tree, right))
        return tree

    def signed(self, args: list[Any]) -> Tree:
        return ("op", "neg", (args[1],)) if args[0] == "-" else args[1]

    def typed(self, args: list[Any]) -> Tree:
        tree: Tree = args[0]  # 'value as Coding' only says which type is meant
        return tree

    def postfix(self, args: list[Any]) -> Tree:
        first, steps = args[0], tuple(args[1:])
        if first[0] == "inside" and not steps:
            inner: Tree = first[1]
            return inner
        if first[0] not in ("name", "variable", "call", "inside"):
            return first if not steps else ("path", (("inside", first), *steps))
        if first[0] == "name" and first[1] in _WORDS and not steps:
            return _WORDS[first[1]]
        return ("path", (first, *steps))

    def string(self, args: list[Any]) -> Tree:
        return ("text", _ESCAPE.sub(_unescaped, str(args[0])[1:-1]))

    def number(self, args: list[Any]) -> Tree:
        return ("number", str(args[0]))

    def date(self, args: list[Any]) -> Tree:
        return ("date", str(args[0])[1:])

    def variable(self, args: list[Any]) -> Tree:
        return ("variable", str(args[0]).lstrip("%").strip("'`"))

    def name(self, args: list[Any]) -> Tree:
        return ("name", str(args[0]).strip("`"))

    def call(self, args: list[Any]) -> Tree:
        return ("call", str(args[0]).strip("`"), tuple(arg for arg in args[1:] if arg is not None))

    def index(self, args: list[Any]) -> Tree:
        return ("index", args[0])

    def inside(self, args: list[Any]) -> Tree:
        return ("inside", args[0])

    def nothing(self, args: list[Any]) -> Tree:
        return ("empty",)


def _unescaped(found: re.Match[str]) -> str:
    letter = found[1]
    return chr(int(letter[1:], 16)) if len(letter) == 5 else _LETTERS.get(letter, letter)


@lru_cache(maxsize=1)
def _parser() -> Any:
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", transformer=_Builder(), maybe_placeholders=False)
