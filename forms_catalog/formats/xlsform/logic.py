"""relevant, calculation and constraint of an XLSForm in the one language; what cannot be said stays as it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forms_catalog.language import LogicError, Node, Op, parse, to_text
from forms_catalog.language.guarded import MAX_CHARS
from forms_catalog.language.xpath import Question, read_condition, read_xpath

MAX_LOGIC = 50_000  # characters of different expressions in one file
_EACH = 20  # what reading one costs beside its length
MAX_REPEATED = 2_000_000  # characters of conditions that the questions of groups take over from them


@dataclass(frozen=True, slots=True)
class Said:
    """One expression: its tree (None where it could not be read, then `error` says why) and the file's own text."""

    as_written: str
    node: Node | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Logic:
    """An expression in the one language, '' where there is none; `error` says why it stands there as written."""

    text: str = ""
    as_written: str = ""
    error: str = ""


class Expressions:
    """Reads the expressions of one file, each different text once, within one budget."""

    def __init__(self, questions: Mapping[str, Question]) -> None:
        self.questions = questions
        self.left = MAX_LOGIC
        self.repeated = MAX_REPEATED
        self.seen: dict[tuple[str, str, str], Said] = {}
        self.joined: dict[tuple[str, ...], Logic] = {}

    def condition(self, text: str, own: str) -> Said:
        return self._read("condition", text, own)

    def value(self, text: str, own: str) -> Logic:
        """A calculation."""
        return _logic([self._read("value", text, own)]) if text else Logic()

    def _read(self, what: str, text: str, own: str) -> Said:
        key = (what, text, own if "." in text else "")
        if key not in self.seen:
            self.left -= len(text) + _EACH
            self.seen[key] = self._parsed(what, text, own)
        return self.seen[key]

    def _parsed(self, what: str, text: str, own: str) -> Said:
        if self.left < 0:
            return Said(text, error="The file has more logic than is read at once.")
        try:
            read = read_condition if what == "condition" else read_xpath
            return Said(text, read(text, self.questions, own))
        except LogicError as error:
            return Said(text, error=error.message)

    def together(self, conditions: tuple[Said, ...]) -> Logic:
        """All conditions at once: those of the groups around a question and its own."""
        if not conditions:
            return Logic()
        key = tuple(said.as_written for said in conditions)
        if key not in self.joined:
            size = sum(map(len, key))
            self.repeated -= size
            if size > MAX_CHARS or self.repeated < 0:
                message = "It is too long together with the conditions of the groups around it."
                self.joined[key] = Logic(_never_read(key[-1]), key[-1], message)
            else:
                self.joined[key] = _logic([*conditions])
        return self.joined[key]


def _logic(said: list[Said]) -> Logic:
    """If one cannot be read, nothing is hidden: the text stands there and is reported."""
    texts = [one.as_written for one in said]
    as_written = texts[0] if len(texts) == 1 else " and ".join(f"({text})" for text in texts)
    nodes = [one.node for one in said if one.node is not None]
    if len(nodes) < len(said):
        return Logic(_never_read(as_written), as_written, next(one.error for one in said if one.node is None))
    return Logic(to_text(joined_with_and(nodes)), as_written)


def joined_with_and(nodes: list[Node]) -> Node:
    """One tree for several conditions, without more depth than the deepest has."""
    parts = [part for node in nodes for part in (node.args if isinstance(node, Op) and node.op == "and" else (node,))]
    return parts[0] if len(parts) == 1 else Op("and", tuple(parts))


def _never_read(text: str) -> str:
    """A text of another language must never be taken for one of this."""
    try:
        parse(text)
    except LogicError:
        return text
    return f"XLSForm: {text}"
