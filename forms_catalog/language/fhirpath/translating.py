"""FHIRPath of a questionnaire to the one syntax tree, only where both surely mean the same.

FHIRPath knows a third truth value: nothing, where an answer is missing. A condition is therefore translated twice, to
when it is true and to when it is false (building.Bool); what stays nothing is neither, as FHIRPath says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from forms_catalog.language.fhirpath.building import (
    NO,
    NOTHING,
    YES,
    Bool,
    Builder,
    Plain,
    number_node,
)
from forms_catalog.language.fhirpath.grammar import Tree, tree_of
from forms_catalog.language.fhirpath.paths import Find, Path, codes_of, path_of, unsupported
from forms_catalog.language.parsing import parse
from forms_catalog.language.tree import FieldRef, LogicError, Node, Number, Ref, Text
from forms_catalog.language.writing import to_text

Variable = Callable[[str], str | None]
_OPPOSITE = {"=": "<>", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_MATH = {"round": 2, "abs": 1, "sqrt": 1, "floor": 1, "ceiling": 1, "exp": 1, "ln": 1}
_MOST_DEPTH = 60


def condition_of(text: str, find: Find, variable: Variable = lambda name: None) -> Node:
    """When the condition is true. Raises LogicError for what is no FHIRPath, or not translated (`unsupported`)."""
    translator = _Translator(find, variable)
    return _checked(translator.truth(tree_of(text), 0).yes)


def calculation_of(text: str, find: Find, variable: Variable = lambda name: None) -> Node:
    """The value; a condition gives '1', '0' or nothing. Raises LogicError as `condition_of` does."""
    translator = _Translator(find, variable)
    found = translator.value(tree_of(text), 0)
    return _checked(translator.as_plain(found).node)


def _checked(node: Node) -> Node:
    """The tree as `parse` reads its text, so that what is stored is what was meant."""
    return parse(to_text(node))


class _Translator:
    """One expression: which items it may read and what it has built."""

    def __init__(self, find: Find, variable: Variable) -> None:
        self.find = find
        self.variable = variable
        self.make = Builder()

    def truth(self, tree: Tree, depth: int) -> Bool:
        """The tree as a condition; a single value that is no truth value counts as true, as FHIRPath says."""
        found = self.value(tree, depth)
        if isinstance(found, Bool):
            return found
        return Bool(self.make.negated(found.empty), NO)

    def plain(self, tree: Tree, depth: int) -> Plain:
        return self.as_plain(self.value(tree, depth))

    def as_plain(self, found: Bool | Plain) -> Plain:
        if isinstance(found, Plain):
            return found
        make = self.make
        node = make.chosen(found.yes, Text("1"), make.chosen(found.no, Text("0"), NOTHING))
        return Plain(node, make.negated(make.some(found.yes, found.no)))

    def value(self, tree: Tree, depth: int) -> Bool | Plain:
        """The tree's value. Raises LogicError."""
        if depth > _MOST_DEPTH:
            raise LogicError("too_deep", f"The logic is nested deeper than {_MOST_DEPTH} levels. Split it up.")
        match tree:
            case ("text" | "date", text):
                return Plain(Text(text), NO)
            case ("number", text):
                return Plain(Number(text), NO, number=True)
            case ("truth", truth):
                return Bool(YES, NO) if truth else Bool(NO, YES)
            case ("empty",):
                return Plain(NOTHING, YES)
            case ("inside", inner):
                return self.value(inner, depth + 1)
            case ("path", steps):
                return self.path(steps, depth + 1)
            case ("op", name, args):
                return self.operation(name, args, depth + 1)
        raise unsupported(str(tree[0]))

    def operation(self, name: str, args: tuple[Tree, ...], depth: int) -> Bool | Plain:
        make = self.make
        if name in ("and", "or", "xor", "implies"):
            return self.joined(name, [self.truth(arg, depth) for arg in args])
        if name in ("in", "contains"):
            item, among = args if name == "in" else args[::-1]
            return self.member(item, among)
        if name in ("=", "~", "!=", "!~", "<", "<=", ">", ">="):
            return self.comparison(name.replace("~", "="), args[0], args[1], depth)
        parts = [self.plain(arg, depth) for arg in args]
        if name == "&":
            return Plain(make.call("concat", *(part.node for part in parts)), NO)
        if name == "+" and not any(part.number for part in parts):
            empty = make.some(*(part.empty for part in parts))
            return Plain(make.chosen(empty, NOTHING, make.call("concat", *(part.node for part in parts))), empty)
        return self.arithmetic(name, [part.node for part in parts])

    def arithmetic(self, name: str, nodes: list[Node]) -> Plain:
        make = self.make
        if name == "div":
            node = make.call("rounddown", make.op("/", *nodes), Number("0"))
        else:
            node = make.call("mod", *nodes) if name == "mod" else make.op(name, *nodes)
        return Plain(node, make.op("=", node, NOTHING), number=True)

    def joined(self, name: str, parts: list[Bool]) -> Bool:
        make = self.make
        yes, no = [part.yes for part in parts], [part.no for part in parts]
        if name == "and":
            return Bool(make.every(*yes), make.some(*no))
        if name == "or":
            return Bool(make.some(*yes), make.every(*no))
        one, other = parts
        if name == "implies":
            return Bool(make.some(one.no, other.yes), make.every(one.yes, other.no))
        return Bool(
            make.some(make.every(one.yes, other.no), make.every(one.no, other.yes)),
            make.some(make.every(one.yes, other.yes), make.every(one.no, other.no)),
        )

    def comparison(self, op: str, left: Tree, right: Tree, depth: int) -> Bool:
        one, other = self.value(left, depth), self.value(right, depth)
        if isinstance(one, Bool) and isinstance(other, Bool) and op in ("=", "!="):
            same = self.joined("xor", [one, other]).turned
            return same if op == "=" else same.turned
        return self.compared(op, self.as_plain(one), self.as_plain(other))

    def compared(self, op: str, one: Plain, other: Plain) -> Bool:
        """Both sides must be there: here two missing values are equal, and a missing one is unequal to any other."""
        make = self.make
        if NOTHING in (one.node, other.node):
            raise unsupported("a comparison with an empty text")
        there = [make.negated(side.empty) for side in (one, other)]
        own = {"!=": "<>"}.get(op, op)
        yes, no = make.op(own, one.node, other.node), make.op(_OPPOSITE[op], one.node, other.node)
        equality = op in ("=", "!=") and not (one.constant or other.constant)
        guard_yes = there if op == "!=" or equality else []
        guard_no = there if op == "=" or equality else []
        return Bool(make.every(*guard_yes, yes), make.every(*guard_no, no))

    def member(self, item: Tree, among: Tree) -> Bool:
        if item[0] != "text" or among[0] != "path":
            raise unsupported("'in' or 'contains' other than a code among answers")
        path, rest = path_of(among[1], self.find)
        if rest or path.part not in ("value", "code") or path.only is not None or path.answer.repeated:
            raise unsupported("'in' or 'contains' other than a code among answers")
        yes = self.make.picked(path.answer, item[1])
        return Bool(yes, self.make.negated(yes))

    def path(self, steps: tuple[Tree, ...], depth: int) -> Bool | Plain:
        first, rest = steps[0], steps[1:]
        if first[:2] == ("call", "iif"):
            return self.applied(self.iif(first[2], depth), rest, depth)
        if first[0] == "inside":
            return self.applied(self.value(first[1], depth), rest, depth)
        if first[0] == "variable" and (text := self.variable(first[1])) is not None:
            return self.applied(self.value(tree_of(text), depth + 10), rest, depth)
        path, rest = path_of(steps, self.find)
        return self.of_answer(path, rest, depth)

    def of_answer(self, path: Path, rest: tuple[Tree, ...], depth: int) -> Bool | Plain:
        if path.answer.repeated:
            raise unsupported("an item that may be there several times")
        match rest:
            case (("call", "exists", (criterion,)), *more) if path.part in ("answer", "value"):
                filtered = replace(path, only=codes_of(criterion))
                return self.applied(self.there(filtered), tuple(more), depth)
            case (("call", "exists" | "hasValue", ()), *more) if path.part != "item":
                return self.applied(self.there(path), tuple(more), depth)
            case (("call", "empty", ()), *more) if path.part != "item":
                return self.applied(self.there(path).turned, tuple(more), depth)
            case (("call", "count", ()), *more) if path.part != "item":
                return self.applied(self.count(path), tuple(more), depth)
        return self.applied(self.single(path), rest, depth)

    def there(self, path: Path) -> Bool:
        """exists(): true or false, never nothing."""
        make, answer = self.make, path.answer
        if path.part in ("weight", "display"):
            raise unsupported("exists() of something else than an answer")
        if path.only is None:
            return Bool(make.answered(answer), make.unanswered(answer))
        picked = [make.picked(answer, code) for code in path.only]
        return Bool(make.some(*picked), make.every(*map(make.negated, picked)))

    def count(self, path: Path) -> Plain:
        make, answer = self.make, path.answer
        if not answer.many:
            return Plain(make.chosen(self.there(path).yes, Number("1"), Number("0")), NO, number=True)
        codes = answer.codes if path.only is None else path.only
        if not codes:
            raise unsupported("count() of a question without choices")
        picked = [make.chosen(make.picked(answer, code), Number("1"), Number("0")) for code in codes]
        return Plain(make.call("sum", *picked), NO, number=True)

    def single(self, path: Path) -> Bool | Plain:
        """The one answer's value."""
        make, answer = self.make, path.answer
        if answer.many or path.only is not None or path.part in ("item", "answer"):
            raise unsupported("several answers as one value")
        if answer.boolean and path.part == "value":
            return Bool(make.picked(answer, "1"), make.picked(answer, "0"))
        if path.part in ("display", "weight"):
            texts = answer.labels if path.part == "display" else answer.weights
            return self.looked_up(path, texts, number=path.part == "weight")
        return Plain(Ref(FieldRef(answer.name)), make.unanswered(answer), number=answer.number)

    def looked_up(self, path: Path, texts: tuple[str, ...], *, number: bool) -> Plain:
        """The label or the score of the chosen code, as if(… if(…))."""
        make, answer = self.make, path.answer
        if not 0 < len(texts) <= _MOST_DEPTH:
            raise unsupported(f"the {path.part} of an answer")
        node: Node = NOTHING
        for code, text in reversed([pair for pair in zip(answer.codes, texts, strict=False) if pair[1]]):
            node = make.chosen(make.picked(answer, code), number_node(text) if number else Text(text), node)
        return Plain(node, make.op("=", node, NOTHING) if number else make.unanswered(answer), number=number)

    def iif(self, args: tuple[Tree, ...], depth: int) -> Bool | Plain:
        make = self.make
        if len(args) not in (2, 3):
            raise unsupported(f"iif() with {len(args)} arguments")
        condition = self.truth(args[0], depth).yes
        one = self.value(args[1], depth)
        other = self.value(args[2] if len(args) == 3 else ("empty",), depth)
        if isinstance(one, Bool) and (isinstance(other, Bool) or other == Plain(NOTHING, YES)):
            other = other if isinstance(other, Bool) else Bool(NO, NO)
            return Bool(self.either(condition, one.yes, other.yes), self.either(condition, one.no, other.no))
        first, second = self.as_plain(one), self.as_plain(other)
        return Plain(
            make.chosen(condition, first.node, second.node),
            self.either(condition, first.empty, second.empty),
            number=first.number or second.number,
        )

    def either(self, condition: Node, then: Node, otherwise: Node) -> Node:
        make = self.make
        return make.some(make.every(condition, then), make.every(make.negated(condition), otherwise))

    def applied(self, found: Bool | Plain, steps: tuple[Tree, ...], depth: int) -> Bool | Plain:
        """The functions that stand behind a value."""
        for step in steps:
            found = self.function(found, step, depth)
        return found

    def function(self, found: Bool | Plain, step: Tree, depth: int) -> Bool | Plain:
        make = self.make
        match step:
            case ("call", "toInteger" | "toDecimal" | "toString" | "toBoolean" | "first" | "single" | "last", ()):
                return found
            case ("call", "not", ()) if isinstance(found, Bool):
                return found.turned
            case ("call", "exists" | "empty", ()):
                empty = self.as_plain(found).empty
                there = Bool(make.negated(empty), empty)
                return there if step[1] == "exists" else there.turned
            case ("call", str(name), args) if name in _MATH and len(args) < _MATH[name] and isinstance(found, Plain):
                ours = {"ln": "log"}.get(name, name)
                node = make.call(ours, found.node, *(self.plain(arg, depth).node for arg in args))
                return Plain(node, make.op("=", node, NOTHING), number=True)
        raise unsupported(f"{step[1]}()" if step[0] == "call" else str(step[1]))
