"""XLSForm expressions (relevant, calculation, constraint) to the one syntax tree, and only where they mean the same.

The functions are those of the XLSForm and OpenRosa documentation. regex, pulldata, instance, indexed-repeat and what
else depends on other files, rows or chance is not translated: the question is then asked and the text kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from forms_catalog.language.tree import COMPARISONS, Call, FieldRef, LogicError, Node, Number, Op, Ref, Text, Truth
from forms_catalog.language.values import number_of
from forms_catalog.language.xpath_parsing import SELF, parse_raw

TODAY = Call("calcdate", (Text("today"), Number("0"), Text("d")))
MAX_CODES = 60  # comparing a question of more choices as a whole would make a condition nobody reads
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?)?")
_PARTS = {"%Y": "year", "%n": "month", "%e": "day"}
_SAME = {"concat": (1, 1000), "abs": (1, 1), "sqrt": (1, 1), "exp": (1, 1), "round": (1, 2), "log": (1, 1)}
_DATES = ("date", "date-time", "decimal-date-time", "today")
_ORDER = ("<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Question:
    """What an expression must know about a question: its kind (FieldSpec.kind) and, of choices, their codes."""

    kind: str
    codes: tuple[str, ...] = ()


def read_xpath(text: str, questions: Mapping[str, Question], own: str = "") -> Node:
    """The tree of an XLSForm expression; `own` is the name of the question that '.' stands for.

    Raises LogicError: those of parse_raw, unsupported (it says what), wrong_arguments.
    """
    return _Translation(questions, own).node(parse_raw(text))


def read_condition(text: str, questions: Mapping[str, Question], own: str = "") -> Node:
    """The same for a condition: a value that stands alone there means that it is not empty."""
    translation = _Translation(questions, own)
    return translation.truth(parse_raw(text))


def _unsupported(what: str) -> LogicError:
    return LogicError("unsupported", f"{what} cannot be said in this product's logic.")


class _Translation:
    """One expression on its way; methods take raw nodes and give nodes of the one language."""

    def __init__(self, questions: Mapping[str, Question], own: str) -> None:
        self.questions = questions
        self.own = own

    def node(self, raw: Node) -> Node:
        match raw:
            case Number() | Text() | Truth():
                return raw
            case Ref(ref):
                if self.kind(raw) == "multichoice":
                    raise _unsupported(f"The answer of {ref.name} as one text, because several choices may be ticked,")
                return raw
            case Call(name, args):
                return self.call(name, args)
            case Op(op, args):
                return self.operation(op, args)

    def kind(self, raw: Node) -> str:
        found = self.questions.get(raw.field.name) if isinstance(raw, Ref) else None
        return found.kind if found else ""

    def truth(self, raw: Node) -> Node:
        """A raw node where true or false is wanted."""
        own = self.itself(raw)
        if isinstance(own, Ref):
            return self.compared("<>", own, Text(""))
        if isinstance(own, Text):
            return Truth(bool(own.value))
        return self.node(own)

    def itself(self, raw: Node) -> Node:
        """'.' as the question it stands for."""
        if raw != Call(SELF, ()):
            return raw
        if not self.own:
            raise _unsupported("'.' outside of a question")
        return Ref(FieldRef(self.own))

    def operation(self, op: str, args: tuple[Node, ...]) -> Node:
        if op in ("and", "or"):
            return Op(op, tuple(map(self.truth, args)))
        own = tuple(map(self.itself, args))
        if op in COMPARISONS:
            return self.compared(op, own[0], own[1])
        if op in ("+", "-") and any(map(self.is_date, own)):
            return self.days(op, own)
        return Op(op, tuple(map(self.node, own)))

    def compared(self, op: str, left: Node, right: Node) -> Node:
        if self.kind(right) == "multichoice" or (
            isinstance(left, Text) and isinstance(right, Ref) and op in ("=", "<>")
        ):
            left, right, op = right, left, _turned(op)
        if self.kind(left) == "multichoice" and isinstance(left, Ref):
            return self.ticked(op, left.field.name, right)
        if op in _ORDER and any(isinstance(side, Text) and number_of(side.value) is None for side in (left, right)):
            raise _unsupported("Which of two texts comes first")
        if _is_truth(left) != _is_truth(right):
            raise _unsupported("A condition compared with a value")
        return Op(op, (self.node(left), self.node(right)))

    def ticked(self, op: str, name: str, value: Node) -> Node:
        """A multi-choice question compared as a whole: exactly this one choice, or none, is ticked."""
        codes = self.questions[name].codes
        if op not in ("=", "<>") or not isinstance(value, Text) or not 0 < len(codes) <= MAX_CODES:
            raise _unsupported(f"The answer of {name} compared as one text")
        if value.value and value.value not in codes:
            raise _unsupported(f"{value.value[:40]!r}, which is no choice of {name},")
        parts = tuple(
            Op("=" if (code == value.value) == (op == "=") else "<>", (_tick(name, code), Text("1"))) for code in codes
        )
        return parts[0] if len(parts) == 1 else Op("and" if op == "=" else "or", parts)

    def is_date(self, raw: Node) -> bool:
        if isinstance(raw, Call):
            return raw.name in _DATES
        return self.kind(raw) in ("date", "datetime")

    def days(self, op: str, args: tuple[Node, ...]) -> Node:
        """Days between two dates, or a date so many days away."""
        if len(args) != 2:
            raise _unsupported("A sum of more than one date and one number")
        first, second = args
        if op == "+" and self.is_date(second):
            first, second = second, first
        start, other = self.node(first), self.node(second)
        if not self.is_date(first) or (op == "+" and self.is_date(second)):
            raise _unsupported("A sum of two dates, or a number less a date,")
        if self.is_date(second):
            return Call("datediff", (_now(other), _now(start), Text("d"), Truth(True)))
        return Call("calcdate", (_now(start), other if op == "+" else Op("neg", (other,)), Text("d")))

    def call(self, name: str, args: tuple[Node, ...]) -> Node:
        own = tuple(map(self.itself, args))
        if name == SELF:
            return self.node(self.itself(Call(name, args)))
        if name in _SAME:
            _count(name, own, *_SAME[name])
            return Call(name, tuple(map(self.node, own)))
        if name not in _FUNCTIONS:
            raise _unsupported(f"The function {name[:40]}()")
        fewest, most, rule = _FUNCTIONS[name]
        _count(name, own, fewest, most)
        return rule(self, own)


def _turned(op: str) -> str:
    return op.translate(str.maketrans("<>", "><")) if op in _ORDER else op


def _tick(name: str, code: str) -> Node:
    return Ref(FieldRef(name, code=code))


def _now(node: Node) -> Node:
    return Text("today") if node == TODAY else node


def _is_truth(raw: Node) -> bool:
    if isinstance(raw, Op):
        return raw.op in ("and", "or", *COMPARISONS)
    return isinstance(raw, Call) and raw.name in ("not", "selected", "true", "false", "contains", "starts-with")


def _count(name: str, args: tuple[Node, ...], fewest: int, most: int) -> None:
    if not fewest <= len(args) <= most:
        wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise LogicError("wrong_arguments", f"{name}() has {len(args)} arguments; it takes {wanted}.")


def _selected(t: _Translation, args: tuple[Node, ...]) -> Node:
    question, code = args
    if not isinstance(question, Ref) or not isinstance(code, Text | Number):
        raise _unsupported("selected() of anything but a question and a choice")
    wanted = code.value if isinstance(code, Text) else code.text
    kind = t.kind(question)
    if kind == "multichoice":
        return Op("=", (_tick(question.field.name, wanted), Text("1")))
    if kind not in ("choice", ""):
        raise _unsupported(f"selected() of {question.field.name}, which has no choices,")
    return Op("=", (question, Text(wanted)))


def _count_selected(t: _Translation, args: tuple[Node, ...]) -> Node:
    question = args[0]
    if isinstance(question, Ref) and t.kind(question) == "multichoice":
        name = question.field.name
        codes = t.questions[name].codes
        if 0 < len(codes) <= MAX_CODES:
            return Call("sum", (Number("0"), *(_tick(name, code) for code in codes)))
    if isinstance(question, Ref) and t.kind(question) == "choice":
        return Call("if", (Op("<>", (question, Text(""))), Number("1"), Number("0")))
    raise _unsupported("count-selected() of anything but a question with choices")


def _coalesce(t: _Translation, args: tuple[Node, ...]) -> Node:
    first, second = map(t.node, args)
    return Call("if", (Op("<>", (first, Text(""))), first, second))


def _substr(t: _Translation, args: tuple[Node, ...]) -> Node:
    """Positions count from 0, the end is not included; negative ones count from the end and are not read."""
    places = [int(raw.text) for raw in args[1:] if isinstance(raw, Number) and raw.text.isdigit()]
    if len(places) < len(args) - 1:
        raise _unsupported("substr() with computed or negative positions")
    start, end = places[0], places[1] if len(places) > 1 else 20_000
    return Call("mid", (t.node(args[0]), Number(str(start + 1)), Number(str(max(0, end - start)))))


def _date(t: _Translation, args: tuple[Node, ...]) -> Node:
    raw = args[0]
    if isinstance(raw, Text) and _MOMENT.fullmatch(raw.value):
        return Text(raw.value.replace("T", " "))
    if t.is_date(raw) or (isinstance(raw, Op) and raw.op in ("+", "-") and any(map(t.is_date, raw.args))):
        return t.node(raw)
    raise _unsupported("date() of anything but a date")


def _format_date(t: _Translation, args: tuple[Node, ...]) -> Node:
    raw, form = args
    if t.is_date(raw) and isinstance(form, Text):
        if form.value in _PARTS:
            return Call(_PARTS[form.value], (_now(t.node(raw)),))
        if form.value == "%Y-%m-%d" and (t.kind(raw) == "date" or raw == Call("today", ())):
            return t.node(raw)
    raise _unsupported("format-date() with other parts than %Y, %n, %e or %Y-%m-%d")


def _caseless(name: str) -> Callable[[_Translation, tuple[Node, ...]], Node]:
    """XPath heeds upper and lower case and the one language does not: only texts without letters mean the same."""

    def rule(t: _Translation, args: tuple[Node, ...]) -> Node:
        part = args[1]
        if not isinstance(part, Text) or not part.value or part.value.lower() != part.value.upper():
            raise _unsupported("Searching for letters, where upper and lower case differ,")
        return Call(name, (t.node(args[0]), part))

    return rule


def _if(t: _Translation, args: tuple[Node, ...]) -> Node:
    return Call("if", (t.truth(args[0]), t.node(args[1]), t.node(args[2])))


_Rule = tuple[int, int, Callable[[_Translation, tuple[Node, ...]], Node]]  # fewest arguments, most, the rule
_FUNCTIONS: dict[str, _Rule] = {
    "selected": (2, 2, _selected),
    "count-selected": (1, 1, _count_selected),
    "coalesce": (2, 2, _coalesce),
    "if": (3, 3, _if),
    "not": (1, 1, lambda t, args: Op("not", (t.truth(args[0]),))),
    "true": (0, 0, lambda t, args: Truth(True)),
    "false": (0, 0, lambda t, args: Truth(False)),
    "mod": (2, 2, lambda t, args: Call("mod", tuple(map(t.node, args)))),
    "int": (1, 1, lambda t, args: Call("rounddown", (t.node(args[0]),))),
    "number": (1, 1, lambda t, args: Op("+", (t.node(args[0]), Number("0")))),
    "string": (1, 1, lambda t, args: Call("concat", (t.node(args[0]),))),
    "string-length": (1, 1, lambda t, args: Call("length", (t.node(args[0]),))),
    "substr": (2, 3, _substr),
    "pow": (2, 2, lambda t, args: Op("^", tuple(map(t.node, args)))),
    "log10": (1, 1, lambda t, args: Call("log", (t.node(args[0]), Number("10")))),
    "contains": (2, 2, _caseless("contains")),
    "starts-with": (2, 2, _caseless("starts_with")),
    "ends-with": (2, 2, _caseless("ends_with")),
    "today": (0, 0, lambda t, args: TODAY),
    "date": (1, 1, _date),
    "date-time": (1, 1, _date),
    "decimal-date-time": (1, 1, _date),
    "format-date": (2, 2, _format_date),
}
