"""What the grammars share: a text is refused before it can cost anything, and a parser's error becomes words."""

from __future__ import annotations

from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput

from forms_catalog.language.tree import MAX_DEPTH, LogicError

MAX_CHARS = 10_000


def read(parser: Lark, text: str, what: str, brackets: str = "()") -> Any:
    """What `parser` makes of the text; `what` names the text in messages ('logic', 'expression').

    `brackets` are the pairs whose nesting is counted first. Raises LogicError: empty, too_long, too_deep, syntax, and
    what the parser's own callbacks raise.
    """
    _refuse_unreadable(text, what, brackets)
    try:
        return parser.parse(text)
    except UnexpectedCharacters as error:
        raise _syntax(what, repr(text[error.pos_in_stream : error.pos_in_stream + 1]), error.pos_in_stream) from None
    except UnexpectedInput as error:
        token = getattr(error, "token", None)
        if token is None or token.type == "$END":
            raise _syntax(what, "the end", len(text)) from None
        raise _syntax(what, repr(str(token)), token.start_pos) from None


def too_deep(what: str, column: int = 0) -> LogicError:
    """The error for nesting beyond MAX_DEPTH; grammars without brackets find it in the tree."""
    return LogicError("too_deep", f"The {what} is nested deeper than {MAX_DEPTH} levels. Split it up.", column)


def _refuse_unreadable(text: str, what: str, brackets: str) -> None:
    if not text.strip():
        raise LogicError("empty", f"The {what} is empty. Write a condition or leave it out.")
    if len(text) > MAX_CHARS:
        raise LogicError("too_long", f"The {what} has more than {MAX_CHARS} characters. Split it up.")
    depth, opening, closing = 0, brackets[::2], brackets[1::2]
    for column, char in enumerate(text, start=1):  # cheap: thousands of opening brackets never reach the parser
        depth += (char in opening) - (char in closing)
        if depth > MAX_DEPTH:
            raise too_deep(what, column)


def _syntax(what: str, found: str, position: int) -> LogicError:
    where = f"{found[:40]} at column {position + 1}"
    return LogicError("syntax", f"The {what} cannot be read: {where} is not expected. Correct it there.", position + 1)
