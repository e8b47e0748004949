"""Conditions as enableWhen where they have its shape: comparisons joined by 'and' alone or by 'or' alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from forms_catalog.formats.fhir.parts import Json
from forms_catalog.formats.fhir.sources import NOTHING, Source, source_of
from forms_catalog.language import FieldRef, LogicError, Node, Number, Op, Ref, Text, parse
from forms_catalog.specs import YES_NO, FieldSpec

_SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
_OPERATORS = {"=": "=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_DATE = re.compile(r"[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,8})(\.\d{1,9})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Names:
    """The linkId of each path, the field of each name that only one has, and what its source says of its choices."""

    links: dict[str, str]
    fields: dict[str, FieldSpec]
    sources: dict[str, Source]

    @classmethod
    def of(cls, fields: Iterable[FieldSpec]) -> Names:
        """linkId is the name where it is unique, else the path."""
        fields = tuple(fields)
        uses = Counter(field.name for field in fields)
        links = {f.path: f.name if uses[f.name] == 1 and f.name.strip() == f.name != "" else f.path for f in fields}
        single = {field.name: field for field in fields if uses[field.name] == 1}
        return cls(links, single, {field.path: source_of(field) for field in fields if field.options})

    def coding(self, field: FieldSpec, code: str) -> Json:
        """One of the field's choices, with the code system its source gave."""
        system = self.sources.get(field.path, NOTHING).systems.get(code)
        return ({"system": system} if system else {}) | {"code": code}


def with_condition(item: Json, field: FieldSpec, names: Names, format_name: str) -> Json:
    """The item with enableWhen or the file's own FHIRPath; without either where it can be said in neither."""
    found = _enable_when(field.branching, names) if field.branching else None
    words = {"calculatedExpression": field.calculation_as_written or field.calculation}
    if found:
        rules, behavior = found
        item["enableWhen"] = rules
        if len(rules) > 1:
            item["enableBehavior"] = behavior
    else:
        words["enableWhenExpression"] = field.branching_as_written or field.branching
    if format_name == "fhir":
        added = [_expression(name, text) for name, text in words.items() if _is_fhirpath(text)]
        if added:
            item["extension"] = [*item.get("extension", ()), *added]
    return _ordered(item)


def _is_fhirpath(text: str) -> bool:
    """Whether the text can stand as FHIRPath after the items have been put into other groups."""
    one = bool(text) and "\n" not in text and not text.startswith(("enableWhen:", "FHIRPath:"))
    return one and "%resource" in text and ").item" not in text


def _expression(name: str, text: str) -> Json:
    """The file's own words; groups may stand elsewhere now, so items are looked for at any depth."""
    everywhere = text.replace("%resource.item.where(", "%resource.repeat(item).where(")
    return {"url": _SDC + name, "valueExpression": {"language": "text/fhirpath", "expression": everywhere}}


def _ordered(item: Json) -> Json:
    order = ("extension", "linkId", "code", "text", "_text", "type", "enableWhen", "enableBehavior")
    return {key: item[key] for key in order if key in item} | item


def _enable_when(text: str, names: Names) -> tuple[list[Json], str] | None:
    try:
        tree = parse(text)
    except LogicError:
        return None
    joined = isinstance(tree, Op) and tree.op in ("and", "or")
    parts: tuple[Node, ...] = tree.args if joined and isinstance(tree, Op) else (tree,)
    rules = [_rule(part, names) for part in parts]
    known = [rule for rule in rules if rule]
    behavior = "all" if joined and isinstance(tree, Op) and tree.op == "and" else "any"
    return (known, behavior) if len(known) == len(rules) else None


def _rule(node: Node, names: Names) -> Json | None:
    """One comparison of a field with a constant as enableWhen, or None."""
    match node:
        case Op(op, (Ref(ref), Text(value))) if op in _OPERATORS:
            return _compared(op, ref, value, names)
        case Op(op, (Ref(ref), Number(value))) if op in _OPERATORS:
            return _compared(op, ref, value, names)
        case Op(op, (Ref(ref), Op("neg", (Number(value),)))) if op in _OPERATORS:
            return _compared(op, ref, f"-{value}", names)
    return None


def _compared(op: str, ref: FieldRef, value: str, names: Names) -> Json | None:
    field = names.fields.get(ref.name)
    if field is None or ref.event or ref.instance or ref.modifier or field.kind == "display":
        return None
    rule: Json = {"question": names.links[field.path], "operator": _OPERATORS[op]}
    if field.kind == "multichoice":
        if not ref.code or op not in ("=", "<>") or value not in ("0", "1"):
            return None
        picked = (op == "=") == (value == "1")
        return rule | {"operator": "=" if picked else "!=", "answerCoding": names.coding(field, ref.code)}
    if ref.code:
        return None
    if value == "":
        return rule | {"operator": "exists", "answerBoolean": op == "<>"} if op in ("=", "<>") else None
    answer = _answer(op, field, value, names)
    return rule | answer if answer else None


def _answer(op: str, field: FieldSpec, value: str, names: Names) -> Json | None:
    """answer[x] of the type the question has; an order of codes means nothing to FHIR."""
    if field.kind == "choice" or field.options:
        if op not in ("=", "<>") or value != " ".join(value.split()):
            return None
        if field.options == YES_NO and field.field_type != "open-choice":
            return {"answerBoolean": value == "1"} if value in ("0", "1") else None
        return {"answerCoding": names.coding(field, value)}
    if field.kind in ("integer", "decimal"):
        found = _NUMBER.fullmatch(value)
        if not found:
            return None
        whole = field.kind == "integer" and not found[1]
        return {"answerInteger": int(value)} if whole else {"answerDecimal": float(value) if found[1] else int(value)}
    if field.kind in ("date", "datetime"):
        name = "answerDate" if field.kind == "date" else "answerDateTime"
        return {name: value} if _DATE.fullmatch(value) else None
    return {"answerString": value} if field.kind in ("text", "notes") and op in ("=", "<>") else None
