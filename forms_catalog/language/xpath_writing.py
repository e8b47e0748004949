"""The syntax tree as an XLSForm expression that gives the same result. The XLSForm writer calls it.

What XLSForm has no sound word for raises LogicError; nothing is written then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from forms_catalog.language.tree import Call, FieldRef, LogicError, Node, Number, Op, Ref, Text, Truth
from forms_catalog.language.values import number_of
from forms_catalog.language.xpath import TODAY, Question

_NAME = re.compile(r"[^\W\d][\w.-]*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SIGNS = {"<>": "!=", "/": "div"}
_BINDS = {"or": 1, "and": 2, "=": 3, "<>": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6}
_BINDS |= {"mod": 6, "neg": 7}
_ORDER = ("<", "<=", ">", ">=")
_UNITS = {"d": "", "h": " * 24", "m": " * 1440", "s": " * 86400", "y": " div 365.2425", "M": " div 30.44"}
_PARTS = {"year": "%Y", "month": "%n", "day": "%e"}
_ATOM = 9


def write_xpath(node: Node, questions: Mapping[str, Question], own: str = "") -> str:
    """The expression; a reference to `own` is written as '.'. Raises LogicError('unsupported')."""
    return _Writer(questions, own).text(node)


def _unsupported(what: str) -> LogicError:
    return LogicError("unsupported", f"XLSForm cannot say {what}.")


class _Writer:
    def __init__(self, questions: Mapping[str, Question], own: str) -> None:
        self.questions = questions
        self.own = own

    def text(self, node: Node, least: int = 0) -> str:
        """The node, in brackets where it binds less tightly than `least`."""
        text, binds = self.written(node)
        return f"({text})" if binds < least else text

    def written(self, node: Node) -> tuple[str, int]:
        """(the text, how tightly it binds)."""
        match node:
            case Number(text):
                return text, _ATOM
            case Text(value):
                return quoted(value), _ATOM
            case Truth(truth):
                return ("true()" if truth else "false()"), _ATOM
            case Ref(ref):
                return self.reference(ref), _ATOM
            case Call():
                return self.call(node)
            case Op("not", (inner,)):
                return f"not({self.condition(inner)})", _ATOM
            case Op("neg", (inner,)):
                return f"-{self.text(inner, 7)}", 7
            case Op("and" | "or" as op, args):
                return f" {op} ".join(self.condition(arg, _BINDS[op] + 1) for arg in args), _BINDS[op]
            case Op("^", (base, power)):
                return f"pow({self.text(base)}, {self.text(power)})", _ATOM
            case Op("%", (left, right)):
                one, other = self.text(left, 7), self.text(right, 7)
                return f"(({one} mod {other}) + {other}) mod {other}", 6
            case Op(op, args) if op in ("+", "-", "*", "/"):
                first, *rest = args
                parts = [self.text(first, _BINDS[op]), *(self.text(arg, _BINDS[op] + 1) for arg in rest)]
                return f" {_SIGNS.get(op, op)} ".join(parts), _BINDS[op]
            case Op(op, (left, right)):
                return self.compared(op, left, right)
        raise _unsupported("this")

    def condition(self, node: Node, least: int = 0) -> str:
        """A node where true or false is wanted. A bare field is true where it is answered and not 0."""
        if isinstance(node, Ref):
            if node.field.code:
                return self.ticked(node.field)
            field = self.reference(node.field)
            text = f"{field} != '' and {field} != 0"
            return f"({text})" if least > 2 else text
        return self.text(node, least)

    def reference(self, ref: FieldRef) -> str:
        self.check(ref)
        if ref.code:
            return f"if({self.ticked(ref)}, 1, 0)"
        if self.kind(ref) == "multichoice":
            raise _unsupported(f"the answer of {ref.name} as one value")
        return "." if ref.name == self.own else f"${{{ref.name}}}"

    def check(self, ref: FieldRef) -> None:
        if ref.event or ref.instance or ref.modifier or (ref.smart and ref.name not in self.questions):
            raise _unsupported("what other events, rows or the system hold")
        if not _NAME.fullmatch(ref.name):
            raise _unsupported(f"the name {ref.name[:40]!r}")

    def kind(self, ref: FieldRef) -> str:
        found = self.questions.get(ref.name)
        return found.kind if found else ""

    def ticked(self, ref: FieldRef) -> str:
        self.check(ref)
        name = "." if ref.name == self.own else f"${{{ref.name}}}"
        return f"selected({name}, {quoted(ref.code)})"

    def compared(self, op: str, left: Node, right: Node) -> tuple[str, int]:
        if isinstance(right, Ref) and right.field.code and not isinstance(left, Ref):
            left, right = right, left
        if isinstance(left, Ref) and left.field.code and op in ("=", "<>"):
            if isinstance(right, Text | Number) and (value := _plain(right)) in ("0", "1"):
                text = self.ticked(left.field)
                return (text if (value == "1") == (op == "=") else f"not({text})"), _ATOM
            raise _unsupported("a choice compared with anything but ticked or not")
        binds = _BINDS[op]
        sides = [self.side(op, side, binds + (at == 1)) for at, side in enumerate((left, right))]
        return f" {_SIGNS.get(op, op)} ".join(sides), binds

    def side(self, op: str, node: Node, least: int) -> str:
        if isinstance(node, Text) and op in _ORDER and number_of(node.value) is None:
            if _DATE.fullmatch(node.value):
                return f"date({quoted(node.value)})"
            raise _unsupported("which of two texts comes first")
        return self.text(node, least)

    def call(self, node: Call) -> tuple[str, int]:
        name, args = node.name, node.args
        if node == TODAY:
            return "today()", _ATOM
        if name == "mod":
            return f"{self.text(args[0], 6)} mod {self.text(args[1], 7)}", 6
        if name == "if":
            return f"if({self.condition(args[0])}, {self.text(args[1])}, {self.text(args[2])})", _ATOM
        if name not in _FUNCTIONS:
            raise _unsupported(f"the function {name}()")
        return _FUNCTIONS[name](self, args), _ATOM

    def date(self, node: Node) -> str:
        """A date as XLSForm counts with it."""
        if isinstance(node, Text):
            if node.value == "today":
                return "today()"
            if _DATE.fullmatch(node.value):
                return f"date({quoted(node.value)})"
            raise _unsupported("this date")
        if isinstance(node, Ref) and self.kind(node.field) not in ("date", "datetime"):
            raise _unsupported(f"that {node.field.name} is a date")
        return self.text(node, 6)


def _plain(node: Text | Number) -> str:
    return node.value if isinstance(node, Text) else node.text


def quoted(value: str) -> str:
    """A text in quotation marks; XPath has no escape, so that one with both kinds is put together."""
    for mark in "'\"":
        if mark not in value:
            return f"{mark}{value}{mark}"
    return "concat(" + ', "\'", '.join(f"'{part}'" for part in value.split("'")) + ")"


def _whole(node: Node) -> int:
    if isinstance(node, Number) and node.text.isdigit() and len(node.text) < 6:
        return int(node.text)
    raise _unsupported("a computed position or number of places")


def _datediff(w: _Writer, args: tuple[Node, ...]) -> str:
    unit = args[2].value if isinstance(args[2], Text) else ""
    if unit not in _UNITS:
        raise _unsupported("this unit of time")
    signed = any(arg in (Truth(True), Text("true"), Number("1")) for arg in args[3:])
    days = f"({w.date(args[1])} - {w.date(args[0])})"
    days = days if signed else f"abs{days}"
    return f"({days}{_UNITS[unit]})" if _UNITS[unit] else days


def _calcdate(w: _Writer, args: tuple[Node, ...]) -> str:
    match args[1:]:
        case (Op("neg", (days,)), Text("d")):
            return f"date({w.date(args[0])} - {w.text(days, 6)})"
        case (days, Text("d")):
            return f"date({w.date(args[0])} + {w.text(days, 6)})"
    raise _unsupported("a date so many months or hours away")


def _sum(w: _Writer, args: tuple[Node, ...]) -> str:
    """REDCap leaves missing numbers out, and gives nothing where all are missing."""
    texts = [w.text(arg) for arg in args]
    total = " + ".join(_or_zero(arg, text) for arg, text in zip(args, texts, strict=True))
    if any(not isinstance(arg, Ref) or arg.field.code for arg in args):
        if any(not isinstance(arg, Ref | Number) for arg in args):
            raise _unsupported("a sum of results that may be missing")
        return f"({total})"
    return f"if(concat({', '.join(texts)}) = '', '', {total})" if len(texts) > 1 else texts[0]


def _or_zero(arg: Node, text: str) -> str:
    return f"coalesce({text}, 0)" if isinstance(arg, Ref) and not arg.field.code else text


def _rounddown(w: _Writer, args: tuple[Node, ...]) -> str:
    if len(args) > 1 and args[1] not in (Number("0"), Text("0")):
        raise _unsupported("rounding down to decimal places")
    return f"int({w.text(args[0])})"


def _log(w: _Writer, args: tuple[Node, ...]) -> str:
    return f"(log({w.text(args[0])}) div log({w.text(args[1])}))"


def _mid(w: _Writer, args: tuple[Node, ...]) -> str:
    start = max(0, _whole(args[1]) - 1)
    return f"substr({w.text(args[0])}, {start}, {start + _whole(args[2])})"


def _caseless(name: str) -> Callable[[_Writer, tuple[Node, ...]], str]:
    def rule(w: _Writer, args: tuple[Node, ...]) -> str:
        part = args[1]
        if not isinstance(part, Text) or not part.value or part.value.lower() != part.value.upper():
            raise _unsupported("a search that does not heed upper and lower case")
        return f"{name}({w.text(args[0])}, {quoted(part.value)})"

    return rule


def _same(name: str) -> Callable[[_Writer, tuple[Node, ...]], str]:
    return lambda w, args: f"{name}({', '.join(w.text(arg) for arg in args)})"


def _part(name: str) -> Callable[[_Writer, tuple[Node, ...]], str]:
    return lambda w, args: f"format-date({w.date(args[0])}, '{_PARTS[name]}')"


_FUNCTIONS: dict[str, Callable[[_Writer, tuple[Node, ...]], str]] = {
    **{name: _same(name) for name in ("concat", "abs", "sqrt", "exp")},
    **{name: _part(name) for name in _PARTS},
    "exponential": _same("exp"),
    "length": _same("string-length"),
    "log": lambda w, args: f"log({w.text(args[0])})" if len(args) == 1 else _log(w, args),
    "round": lambda w, args: f"round({w.text(args[0])}, {_whole(args[1]) if len(args) > 1 else 0})",
    "rounddown": _rounddown,
    "sum": _sum,
    "datediff": _datediff,
    "calcdate": _calcdate,
    "mid": _mid,
    "left": lambda w, args: f"substr({w.text(args[0])}, 0, {_whole(args[1])})",
    "isblankormissingcode": lambda w, args: f"({w.text(args[0], 4)} = '')",
    "isblanknotmissingcode": lambda w, args: f"({w.text(args[0], 4)} = '')",
    "contains": _caseless("contains"),
    "starts_with": _caseless("starts-with"),
    "ends_with": _caseless("ends-with"),
}
