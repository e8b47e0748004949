"""The syntax tree as text that `parse` reads back to the same tree. Readers of other formats and writers call it."""

from __future__ import annotations

import re

from forms_catalog.language.tree import COMPARISONS, Call, FieldRef, Node, Number, Op, Ref, Text, Truth

# How tightly an operator binds; a child that binds no tighter than its parent stands in brackets.
_BINDS = {"or": 1, "and": 2, "not": 3, **dict.fromkeys(COMPARISONS, 4), "+": 5, "-": 5, "*": 6, "/": 6, "%": 6}
_BINDS |= {"neg": 7, "^": 8}
_ROLES = re.compile(r"[\[\]():%\s]")


def to_text(node: Node) -> str:
    """The expression in REDCap's syntax. Names with characters that have a role there are written as %XX."""
    match node:
        case Number(text):
            return text
        case Text(value):
            return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        case Truth(truth):
            return "true" if truth else "false"
        case Ref(ref):
            return reference(ref)
        case Call(name, args):
            return f"{name}({', '.join(map(to_text, args))})"
        case Op("not", (inner,)):
            return f"not {_inside(inner, 3)}"
        case Op("neg", (inner,)):
            return f"-{_inside(inner, 7)}"
        case Op(op, args):
            return f" {op} ".join(_inside(arg, _BINDS[op]) for arg in args)


def reference(ref: FieldRef) -> str:
    """[event][field(code):modifier][instance], only the parts that are there."""
    code = f"({quoted(ref.code)})" if ref.code else ""
    modifier = f":{ref.modifier}" if ref.modifier else ""
    event = f"[{quoted(ref.event)}]" if ref.event else ""
    instance = f"[{ref.instance}]" if ref.instance else ""
    return f"{event}[{quoted(ref.name)}{code}{modifier}]{instance}"


def quoted(name: str) -> str:
    """A name as it stands inside brackets: only characters with a role there become %XX."""
    return _ROLES.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), name)


def _inside(node: Node, level: int) -> str:
    text = to_text(node)
    return f"({text})" if isinstance(node, Op) and _BINDS[node.op] <= level else text
