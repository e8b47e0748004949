"""The one syntax tree of branching and calculation: frozen nodes, their walk, references and JSON form.

Parsers of every format build it; evaluation, intake checks, merging and writers read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from forms_catalog.language.functions import FUNCTIONS
from forms_catalog.language.values import NUMBER

MAX_DEPTH = 150  # keeps every recursive reader (evaluate, JSON, ==) far below Python's own recursion limit

_SMART = re.compile(
    r"(?:user|record|form|instrument|survey|arm|project|redcap|aggregate|calendar|rand|mycap|is|data|new|current|"
    r"(?:(?:previous|next|first|last)-)?event|(?:previous|next|first|last)-instance)(?:-[a-z]+)*"
)


class LogicError(Exception):
    """An expression that cannot be read or evaluated. `column` is 1-based in the text (0 = the whole expression)."""

    def __init__(self, code: str, message: str, column: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.column = column


@dataclass(frozen=True, slots=True)
class FieldRef:
    """What an expression reads: a field, optionally of another event or instance, or one code of a checkbox field."""

    name: str
    event: str = ""
    code: str = ""
    instance: str = ""
    modifier: str = ""

    @property
    def smart(self) -> bool:
        """Whether REDCap fills it in itself (user-name, arm-number) where the dictionary has no field of that name."""
        return "-" in self.name and bool(_SMART.fullmatch(self.name))


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written, so that 2.70 stays 2.70."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text; Text('') is the missing value."""

    value: str


@dataclass(frozen=True, slots=True)
class Truth:
    """The bare words true and false."""

    value: bool


@dataclass(frozen=True, slots=True)
class Ref:
    """The value of a field."""

    field: FieldRef


@dataclass(frozen=True, slots=True)
class Op:
    """An operator. or, and, +, -, *, /, % take 2..n arguments from the left; not, neg one; the others two."""

    op: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function of functions.FUNCTIONS, its name in lower case."""

    name: str
    args: tuple[Node, ...]


Node = Number | Text | Truth | Ref | Op | Call

COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
OPERATORS = frozenset({"or", "and", "not", "neg", "+", "-", "*", "/", "%", "^", *COMPARISONS})


def children(node: Node) -> tuple[Node, ...]:
    """The arguments of an operator or function, () for everything else."""
    return node.args if isinstance(node, Op | Call) else ()


def walk(node: Node) -> Iterator[tuple[Node, int]]:
    """Every node with its depth (root = 1), without recursion, so that it is safe on trees of any depth."""
    waiting = [(node, 1)]
    while waiting:
        current, depth = waiting.pop()
        yield current, depth
        waiting.extend((child, depth + 1) for child in children(current))


def depth_of(node: Node) -> int:
    """How many levels the tree has."""
    return max(depth for _, depth in walk(node))


def references(node: Node) -> frozenset[FieldRef]:
    """Every field the expression reads."""
    return frozenset(item.field for item, _ in walk(node) if isinstance(item, Ref))


def to_json(node: Node) -> dict[str, Any]:
    """The tree as plain JSON values; `from_json` gives the same tree back."""
    match node:
        case Number(text):
            return {"number": text}
        case Text(value):
            return {"text": value}
        case Truth(truth):
            return {"truth": truth}
        case Ref(ref):
            return {"ref": {key: value for key, value in asdict(ref).items() if value}}
        case Op(op, args):
            return {"op": op, "args": [to_json(arg) for arg in args]}
        case Call(name, args):
            return {"call": name, "args": [to_json(arg) for arg in args]}


def from_json(data: Any, depth: int = 1) -> Node:
    """The tree of `to_json`'s output. Raises LogicError('bad_tree') for anything else."""
    if depth > MAX_DEPTH or not isinstance(data, dict):
        raise _damaged("no tree")
    try:
        return _node(data, depth)
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(str(error)) from error


def _damaged(why: str) -> LogicError:
    return LogicError("bad_tree", f"This stored expression is damaged ({why}): read the dictionary again.")


def _node(data: dict[str, Any], depth: int) -> Node:
    if "number" in data:
        return Number(_only(data["number"], str, bool(NUMBER.fullmatch(data["number"]))))
    if "text" in data:
        return Text(_only(data["text"], str))
    if "truth" in data:
        return Truth(_only(data["truth"], bool))
    if "ref" in data:
        return Ref(FieldRef(**{key: _only(value, str) for key, value in _only(data["ref"], dict).items()}))
    args = tuple(from_json(arg, depth + 1) for arg in _only(data["args"], list))
    if "call" in data:
        fewest, most = FUNCTIONS[data["call"]]
        return Call(_only(data["call"], str, fewest <= len(args) <= most), args)
    return Op(_only(data["op"], str, _takes(data["op"], len(args))), args)


def _only(value: Any, kind: type, fits: bool = True) -> Any:
    if not isinstance(value, kind) or not fits:
        raise ValueError(f"{str(value)[:40]} does not fit")
    return value


def _takes(op: Any, count: int) -> bool:
    if not isinstance(op, str):
        return False
    if op in ("not", "neg"):
        return count == 1
    if op == "^" or op in COMPARISONS:
        return count == 2
    return op in OPERATORS and count >= 2
