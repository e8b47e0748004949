"""Expressions with values from a seed: every node kind and function, odd numbers, dates, many scripts, damaged trees.

`Case` is one evaluation as JSON; `python` gives what Python makes of it, the browser gives the same or there is a bug.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forms_catalog.language import Budget, FieldRef, LogicError, Node, evaluate, from_json, references, to_json
from forms_catalog.language.functions import FUNCTIONS
from forms_catalog.specs import FieldSpec

FIELDS = ("a", "b", "c", "day", "other-day", "site|ünï", "blank")
INFIX = ("or", "and", "+", "-", "*", "/", "%")
BINARY = ("^", "=", "<>", "<", "<=", ">", ">=")
UNITS = ("y", "M", "d", "h", "m", "s", "week", "")
NUMBERS = (
    *("0", "-0", "1", "+1", "2.5", "-2.5", "0.1", ".5", "3.", "007", "2.675", "1.005", "0.30000000000000004", "-7"),
    *("1000000", "123456789012345678", "0.000000123", "1e5", "1,5", "1_000", "٣", "0x1f", "NaN", "Infinity"),
    *("9" * 25, "1" + "0" * 308, "9" * 320, "0." + "0" * 320 + "7", "4503599627370497.5", "170.05", "-0.5", "64", "65"),
)
DATES = (
    *("2020-02-29", "2019-02-29", "2000-02-29", "1900-02-29", "2020-12-31", "0001-01-01", "9999-12-31", "2024-13-01"),
    *("29-02-2020", "02-29-2020", "1/2/3", "2020.02.29", "2020-2-9", "2020-02-29 13:45", "2020-02-29T23:59:59"),
    *("08:00", "23:59:59.5", "24:00", "T", "today", " Now ", "2020-02-29T", "1899-12-31 00:00", "2020", "2020-03"),
)
WORDS = (
    *("", " ", "\t", "yes", "Yes", "no", "dead", "αΣ ΟΔΟΣ", "straße", "İstanbul", "ﬁn", "𝔘nicode 🩺", "\ufeffx"),
    *("\x1fx\x85", "\u2003y\u00a0", "e\u0301", "\uffee", "😀", "z", "a|b", "true", "false", "x" * 300, "日本", "ǅ"),
)
SPECIAL = (*NUMBERS, *DATES, *WORDS)
TODAYS = ("", "2020-02-29", "2026-06-01")


@dataclass(frozen=True, slots=True)
class Case:
    """One evaluation: a tree as JSON (maybe damaged), the answers by `key`, what today is, and a budget."""

    tree: Any
    answers: Mapping[str, str]
    today: str = ""
    steps: int = 20_000
    depth: int = 150

    @property
    def json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def key(ref: FieldRef) -> str:
    """What names an answer: every part of the reference."""
    return "\t".join((ref.name, ref.event, ref.code, ref.instance, ref.modifier))


def python(case: Case) -> dict[str, Any]:
    """{"value": …} or {"error": code}."""
    budget = Budget(case.steps, case.depth)
    try:
        tree = from_json(case.tree)
        return {"value": evaluate(tree, lambda ref: case.answers.get(key(ref)), budget, today=case.today)}
    except LogicError as error:
        return {"error": error.code}


def cases(number: int, seed: int = 5) -> Iterator[Case]:
    """So many cases; each twentieth tree is damaged and each tenth budget is small."""
    made = _Maker(random.Random(seed))
    for n in range(number):
        tree = made.tree(made.random.randint(0, 4))
        if n % 20 == 0:
            tree = made.damaged(tree)
        small = n % 10 == 1
        steps, depth = (made.random.randint(1, 30), made.random.randint(1, 6)) if small else (20_000, 150)
        yield Case(tree, made.answers(), made.random.choice(TODAYS), steps, depth)


class _Maker:
    """Draws from one random generator."""

    def __init__(self, source: random.Random) -> None:
        self.random = source

    def tree(self, depth: int) -> dict[str, Any]:
        """A tree of at most `depth` levels below the root."""
        kind = self.random.random()
        if depth == 0 or kind < 0.12:
            return self.leaf()
        if kind < 0.55:
            return self.operator(depth - 1)
        return self.call(depth - 1)

    def leaf(self) -> dict[str, Any]:
        kind = self.random.random()
        if kind < 0.5:
            return {"ref": self.reference()}
        if kind < 0.7:
            text = self.random.choice((*NUMBERS[:14], "3", "12", "0.333", "9" * 320))
            return {"number": text}
        return {"text": self.value()} if kind < 0.95 else {"truth": self.random.random() < 0.5}

    def reference(self) -> dict[str, str]:
        ref = {"name": self.random.choice(FIELDS)}
        if self.random.random() < 0.2:
            ref |= {"code": self.random.choice(("1", "yes"))}
        if self.random.random() < 0.05:
            ref |= {"event": "m6", "instance": "1", "modifier": "value"}
        return ref

    def operator(self, depth: int) -> dict[str, Any]:
        op = self.random.choice((*INFIX, *BINARY, *BINARY, "not", "neg"))
        many = 1 if op in ("not", "neg") else 2 if op in BINARY else self.random.randint(2, 4)
        return {"op": op, "args": [self.tree(depth) for _ in range(many)]}

    def call(self, depth: int) -> dict[str, Any]:
        name = self.random.choice(tuple(FUNCTIONS))
        fewest, most = FUNCTIONS[name]
        args = [self.tree(depth) for _ in range(self.random.randint(fewest, min(most, fewest + 3)))]
        if name in ("datediff", "calcdate", "year", "month", "day") and self.random.random() < 0.8:
            args = self.dated(name, args)
        return {"call": name, "args": args}

    def dated(self, name: str, args: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The same with dates where they belong, so that most calls have a result."""
        args[0] = self.any_day()
        if name == "datediff":
            args[1] = self.any_day()
            order = {"text": self.random.choice(("ymd", "dmy", "MDY", "true", "x"))}
            args[3:] = [self.random.choice((order, {"truth": True}, {"number": "1"})) for _ in args[3:]]
        if name == "calcdate":
            args[1] = {"number": self.random.choice(("0", "30", "0.5", "1e9"[:1], "1.0000001", "400000", "3652425"))}
        if len(args) > 2:
            args[2] = {"text": self.random.choice(UNITS)}
        return args

    def any_day(self) -> dict[str, Any]:
        if self.random.random() < 0.3:
            return {"ref": {"name": "day"}}
        written = f"{self.random.randint(1, 2300):04}-{self.random.randint(1, 12):02}-{self.random.randint(1, 31):02}"
        return {"text": self.random.choice((*DATES, written, written, f"{written} 07:{self.random.randint(0, 59):02}"))}

    def value(self) -> str:
        kind = self.random.random()
        if kind < 0.5:
            return self.random.choice(SPECIAL)
        if kind < 0.7:
            return repr(round(self.random.uniform(-1000, 1000), self.random.randint(0, 17)))
        return str(self.random.randint(-20, 200))

    def answers(self) -> dict[str, str]:
        found = {}
        for name in FIELDS[:-1]:
            for code in ("", "1", "yes"):
                found[f"{name}\t\t{code}\t\t"] = self.random.choice(("0", "1")) if code else self.value()
        found["day\t\t\t\t"] = self.random.choice(DATES)
        return {name: value for name, value in found.items() if self.random.random() < 0.8}

    def damaged(self, tree: dict[str, Any]) -> Any:
        """A tree that was not written by to_json."""
        deep: Any = {"truth": True}
        for _ in range(self.random.choice((148, 149, 150, 200))):
            deep = {"op": "not", "args": [deep]}
        wrong: tuple[Any, ...] = (
            *(
                None,
                [],
                "x",
                3,
                {},
                {"op": "and"},
                {"op": "not", "args": []},
                {"op": "nor", "args": [tree, tree]},
                deep,
            ),
            *({"number": 5}, {"number": "1e5"}, {"number": "²"}, {"text": None}, {"truth": 1}, {"ref": {"code": "1"}}),
            *({"ref": {"name": 1}}, {"ref": {"name": "a", "of": "b"}}, {"ref": "a"}, {"call": "eval", "args": [tree]}),
            *(
                {"call": "round", "args": []},
                {"call": "if", "args": {"0": tree}},
                {"op": "toString", "args": [tree] * 2},
            ),
            *({"call": ["sum"], "args": [tree]}, {"op": ["="], "args": [tree, tree]}, {"op": "=", "args": [tree] * 3}),
        )
        bad = self.random.choice(wrong)
        return bad if self.random.random() < 0.5 else {"op": "or", "args": [tree, bad]}


def of_dictionary(node: Node, fields: Mapping[str, FieldSpec], number: int, seed: str) -> Iterator[Case]:
    """A real expression with so many sets of answers, drawn from its fields' own options and ranges."""
    chance = random.Random(seed)
    tree, refs = to_json(node), sorted(references(node), key=key)
    for _ in range(number):
        answers = {key(ref): drawn(fields.get(ref.name), ref, chance) for ref in refs}
        yield Case(tree, answers, chance.choice(TODAYS))


def drawn(field: FieldSpec | None, ref: FieldRef, chance: random.Random) -> str:
    """An answer the field may have; one in eight is missing, one in sixteen is odd."""
    kind = chance.random()
    if kind < 0.125 or field is None:
        return ""
    if kind < 0.1875:
        return chance.choice(SPECIAL)
    if ref.code:
        return chance.choice(("0", "1"))
    if field.options:
        return chance.choice(field.options).code
    if field.kind in ("date", "datetime"):
        day = f"{chance.randint(1930, 2026)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        return f"{day} 10:30" if field.kind == "datetime" else day
    return _number(field, chance) if field.kind in ("integer", "decimal") or field.minimum else chance.choice(SPECIAL)


def _number(field: FieldSpec, chance: random.Random) -> str:
    try:
        low, high = float(field.minimum or 0), float(field.maximum or 200)
    except ValueError:
        low, high = 0, 200
    places = 0 if field.kind == "integer" else chance.randint(0, 3)
    return f"{chance.uniform(low, max(low, high)):.{places}f}"
