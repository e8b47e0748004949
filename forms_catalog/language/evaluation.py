"""Evaluate a syntax tree over answers, whatever they are. Called by the ask sheet, slicing and derived values.

static/forms_catalog/language/evaluate.js gives the same value in the browser, or the same error code (ADR 0023).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from forms_catalog.language.exact import power
from forms_catalog.language.functions import apply
from forms_catalog.language.tree import (
    COMPARISONS,
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
)
from forms_catalog.language.values import MISSING, Value, compare, finite, is_true, number_of

Lookup = Callable[[FieldRef], Value | None]


@dataclass(frozen=True, slots=True)
class Budget:
    """How much one evaluation may cost: visited nodes and nesting."""

    steps: int = 20_000
    depth: int = MAX_DEPTH


DEFAULT_BUDGET = Budget()


def evaluate(node: Node, lookup: Lookup, budget: Budget = DEFAULT_BUDGET, *, today: str = "") -> Value:
    """The value of the expression: a number, a truth value, or a text ('' is missing).

    `lookup` gives a field's answer, '' or None where missing, '1' or '0' for one code of a checkbox; dates as ISO text.
    `today` (ISO) is what 'today' and 'now' mean; without it they are missing. Raises LogicError('budget') only.
    """
    return _Run(lookup, budget, today).value(node, 1)


def holds(node: Node, lookup: Lookup, budget: Budget = DEFAULT_BUDGET, *, today: str = "") -> bool:
    """Whether a condition is true: `evaluate`, read as a truth value."""
    return is_true(evaluate(node, lookup, budget, today=today))


class _Run:
    """One evaluation: what it may read and what it has spent."""

    def __init__(self, lookup: Lookup, budget: Budget, today: str) -> None:
        self.lookup = lookup
        self.budget = budget
        self.today = today
        self.spent = 0

    def value(self, node: Node, depth: int) -> Value:
        self.spent += 1
        if self.spent > self.budget.steps or depth > self.budget.depth:
            raise LogicError("budget", "The logic is too large to evaluate. Split it up.")
        match node:
            case Number(text):
                return finite(float(text))
            case Text(value):
                return value
            case Truth(truth):
                return truth
            case Ref(ref):
                found = self.lookup(ref)
                return MISSING if found is None else found
            case Call("if", (condition, then, otherwise)):
                return self.value(then if is_true(self.value(condition, depth + 1)) else otherwise, depth + 1)
            case Call(name, args):
                return apply(name, tuple(self.value(arg, depth + 1) for arg in args), self.today)
            case Op(op, args):
                return self.operate(op, args, depth + 1)

    def operate(self, op: str, args: tuple[Node, ...], depth: int) -> Value:
        if op == "and":
            return all(is_true(self.value(arg, depth)) for arg in args)
        if op == "or":
            return any(is_true(self.value(arg, depth)) for arg in args)
        values = [self.value(arg, depth) for arg in args]
        if op == "not":
            return not is_true(values[0])
        if op in COMPARISONS:
            return compare(op, values[0], values[1])
        return _arithmetic(op, values)


def _arithmetic(op: str, values: list[Value]) -> Value:
    numbers = [number for number in map(number_of, values) if number is not None]
    if len(numbers) < len(values):
        return MISSING
    if op == "neg":
        return -numbers[0]
    try:
        total = numbers[0]
        for number in numbers[1:]:
            total = _apply(op, total, number)
    except (ZeroDivisionError, OverflowError, ValueError):
        return MISSING
    return finite(total)


def _apply(op: str, left: float, right: float) -> float:
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case "%":
            return left % right
        case _:
            return power(left, right)
