"""The same expression over fields and choices that go by other names. Writers call it where a format refuses names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from forms_catalog.language.parsing import parse
from forms_catalog.language.tree import Call, FieldRef, LogicError, Node, Op, Ref, Text
from forms_catalog.language.writing import to_text


@dataclass(frozen=True, slots=True)
class NewNames:
    """Old field name → new one, and (old field name, old code) → new code. Unnamed ones stay as they are."""

    fields: Mapping[str, str]
    codes: Mapping[tuple[str, str], str]

    def of(self, ref: FieldRef) -> FieldRef:
        """The reference under its new names."""
        code = self.codes.get((ref.name, ref.code), ref.code) if ref.code else ""
        return replace(ref, name=self.fields.get(ref.name, ref.name), code=code)


def renamed(node: Node, names: NewNames) -> Node:
    """The tree with every reference, and every code that a field is compared with, under its new name."""
    match node:
        case Ref(ref):
            return Ref(names.of(ref))
        case Op(op, (Ref(ref), Text(value))) if (ref.name, value) in names.codes:
            return Op(op, (Ref(names.of(ref)), Text(names.codes[ref.name, value])))
        case Op(op, (Text(value), Ref(ref))) if (ref.name, value) in names.codes:
            return Op(op, (Text(names.codes[ref.name, value]), Ref(names.of(ref))))
        case Op(op, args):
            return Op(op, tuple(renamed(arg, names) for arg in args))
        case Call(name, args):
            return Call(name, tuple(renamed(arg, names) for arg in args))
    return node


def renamed_text(text: str, names: NewNames) -> str:
    """The same for a text; it stays as written where nothing in it is renamed or where it cannot be read."""
    if not text:
        return text
    try:
        before = parse(text)
    except LogicError:
        return text
    after = renamed(before, names)
    return text if after == before else to_text(after)
