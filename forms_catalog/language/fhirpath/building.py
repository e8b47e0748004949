"""Nodes built with their size known, constants folded, and FHIRPath's third truth value: true, false or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from forms_catalog.language.tree import Call, FieldRef, LogicError, Node, Number, Op, Ref, Text, Truth

MAX_NODES = 3_000
YES, NO = Truth(True), Truth(False)
NOTHING = Text("")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an expression may know of the item it reads. `labels` and `weights` are by code, in the file's order."""

    name: str
    codes: tuple[str, ...] = ()
    many: bool = False
    boolean: bool = False
    number: bool = False
    repeated: bool = False
    labels: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bool:
    """A condition: when it is surely true and when it is surely false; it is neither where an answer is missing."""

    yes: Node
    no: Node

    @property
    def turned(self) -> Bool:
        """The condition's opposite."""
        return Bool(self.no, self.yes)


@dataclass(frozen=True, slots=True)
class Plain:
    """A number or text; `empty` says when there is none, which is not the same as a text without letters."""

    node: Node
    empty: Node
    number: bool = False

    @property
    def constant(self) -> bool:
        """Whether it stands in the expression itself."""
        return isinstance(self.node, Number | Text) and self.empty == NO


class Builder:
    """Makes nodes and refuses trees that grow beyond MAX_NODES; equal parts of a tree are counted each time."""

    def __init__(self) -> None:
        self._sizes: dict[int, int] = {}
        self._kept: list[Node] = []

    def size(self, node: Node) -> int:
        return self._sizes.get(id(node), 1)

    def _keep(self, node: Op | Call) -> Node:
        size = 1 + sum(map(self.size, node.args))
        if size > MAX_NODES:
            raise LogicError("too_long", "The expression is too large when written out. Split it up.")
        self._kept.append(node)
        self._sizes[id(node)] = size
        return node

    def op(self, name: str, *args: Node) -> Node:
        """An operator that is neither 'and', 'or' nor 'not'."""
        return self._keep(Op(name, args))

    def call(self, name: str, *args: Node) -> Node:
        return self._keep(Call(name, args))

    def every(self, *parts: Node) -> Node:
        """All of them; true is left out, false decides."""
        return self._joined("and", parts, YES, NO)

    def some(self, *parts: Node) -> Node:
        """Any of them; false is left out, true decides."""
        return self._joined("or", parts, NO, YES)

    def _joined(self, name: str, parts: tuple[Node, ...], left_out: Truth, decides: Truth) -> Node:
        flat: list[Node] = []
        for part in parts:
            inner = part.args if isinstance(part, Op) and part.op == name else (part,)
            flat += [node for node in inner if node != left_out and node not in flat[-8:]]
        few = flat if len(flat) <= 8 else []
        if decides in flat or any(_opposite(one, other) for one in few for other in few):
            return decides
        return self._keep(Op(name, tuple(flat))) if len(flat) > 1 else flat[0] if flat else left_out

    def negated(self, node: Node) -> Node:
        if isinstance(node, Truth):
            return Truth(not node.value)
        opposite = {"=": "<>", "<>": "="}
        if isinstance(node, Op) and node.op in opposite:
            return self.op(opposite[node.op], *node.args)
        return node.args[0] if isinstance(node, Op) and node.op == "not" else self.op("not", node)

    def chosen(self, condition: Node, then: Node, otherwise: Node) -> Node:
        """if(condition, then, otherwise)"""
        if isinstance(condition, Truth):
            return then if condition.value else otherwise
        return then if then == otherwise else self.call("if", condition, then, otherwise)

    def picked(self, answer: Answer, code: str) -> Node:
        """Whether the code is among the answers."""
        if answer.many:
            return self.op("=", Ref(FieldRef(answer.name, code=code)), Text("1"))
        return self.op("=", Ref(FieldRef(answer.name)), Text(code))

    def answered(self, answer: Answer) -> Node:
        """Whether there is any answer; a checkbox question has one where any of its codes is picked."""
        if answer.many and answer.codes and len(answer.codes) <= MOST_CODES:
            return self.some(*(self.picked(answer, code) for code in answer.codes))
        return self.op("<>", Ref(FieldRef(answer.name)), NOTHING)

    def unanswered(self, answer: Answer) -> Node:
        if answer.many and answer.codes and len(answer.codes) <= MOST_CODES:
            return self.every(*(self.negated(self.picked(answer, code)) for code in answer.codes))
        return self.op("=", Ref(FieldRef(answer.name)), NOTHING)


def _opposite(one: Node, other: Node) -> bool:
    """Whether exactly one of the two equalities always holds."""
    if not isinstance(one, Op) or not isinstance(other, Op):
        return False
    return (one.op, other.op) == ("=", "<>") and one.args == other.args


MOST_CODES = 100  # a longer list is not written out choice by choice


def number_node(text: str) -> Node:
    """A number as `parse` would give it: the sign is an operator."""
    return Op("neg", (Number(text[1:]),)) if text.startswith("-") else Number(text.removeprefix("+"))
