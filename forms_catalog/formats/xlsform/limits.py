"""A constraint as least and most answer, where it says no more than that. Pure."""

from __future__ import annotations

from forms_catalog.formats.xlsform.logic import Said
from forms_catalog.language import Node, Number, Op, Ref, Text
from forms_catalog.language.tree import FieldRef
from forms_catalog.language.writing import reference
from forms_catalog.language.xpath import TODAY

LIMITED = ("integer", "decimal", "date", "datetime", "time")
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def limits_of(said: Said, name: str, kind: str) -> tuple[str, str] | None:
    """(least, most), '' where there is none; None where the constraint says anything else."""
    if said.node is None or kind not in LIMITED:
        return None
    node = said.node
    found: dict[str, str] = {}
    for part in node.args if isinstance(node, Op) and node.op == "and" else (node,):
        limit = _limit(part, name, kind)
        if limit is None or limit[0] in found:
            return None
        found[limit[0]] = limit[1]
    return found.get(">=", ""), found.get("<=", "")


def _limit(node: Node, name: str, kind: str) -> tuple[str, str] | None:
    """('>=' or '<=', the limit)."""
    if not isinstance(node, Op) or node.op not in _TURNED:
        return None
    (left, right), op = node.args, node.op
    own = Ref(FieldRef(name))
    if right == own:
        left, right, op = right, left, _TURNED[op]
    value = _value(right, name)
    if left != own or not value:
        return None
    if op in (">=", "<="):
        return op, value
    whole = value.removeprefix("-").isdigit() and len(value) < 16
    if kind != "integer" or not whole:
        return None
    return f"{op}=", str(int(value) + (1 if op == ">" else -1))


def _value(node: Node, name: str) -> str:
    """The limit as REDCap writes it: a number, a date, today, or another field in brackets."""
    match node:
        case Number(text):
            return text
        case Op("neg", (Number(text),)):
            return f"-{text}"
        case Text(value):
            return value
        case Ref(ref) if ref.name != name and not ref.code:
            return reference(ref)
    return "today" if node == TODAY else ""
