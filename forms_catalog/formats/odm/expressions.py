"""Formal expressions of other systems to the one syntax tree: OpenEDC, simple XPath, and comparisons of OIDs."""

from __future__ import annotations

import re
from collections.abc import Collection

from forms_catalog.language import Call, LogicError, Node, Op, Ref, Text, Truth, parse, references
from forms_catalog.language.tree import FieldRef
from forms_catalog.language.writing import reference

MAX_LOGIC = 100_000  # characters of conditions and methods in one file; the richest real file seen has 1,100
_STEP = r"(?:\.\.|\.|\w{1,60}(?:\[@\w{1,60}=(?:'[^'\[\]]{0,200}'|\"[^\"\[\]]{0,200}\")\]){0,3})"
_OPERATOR = r"(!=|<=|>=|=|<|>)"
_CONSTANT = r"('[^']*'|\"[^\"]*\"|-?\d+(?:\.\d+)?)"
_XPATH = re.compile(
    rf"(?:/{{0,2}}{_STEP}/{{1,2}}){{0,8}}/{{0,2}}ItemData\[@ItemOID\s*=\s*(?:'([^']{{1,200}})'|\"([^\"]{{1,200}})\")\]"
    rf"(?:\[@?Value\s*{_OPERATOR}\s*{_CONSTANT}\]|(?:/@?Value)?\s*{_OPERATOR}\s*{_CONSTANT})"
)
_PIECE = re.compile(r"'[^']*'|\"[^\"]*\"|\[[^\[\]]*\]|[^\W\d][\w.\-:]{0,199}|\d[\w.]*|.", re.DOTALL)
_BOUNDARY = re.compile(r"(?<=[\w.:])(?=[\-.:])")
_TRIED = 20  # ways to cut a word into OIDs; real ones have up to four
_TRUTHS = {"true": "1", "false": "0"}


class Expressions:
    """Reads expressions that name the items of one file. `yes_no` are its items that answer true or false."""

    def __init__(self, items: Collection[str], groups: Collection[str], yes_no: Collection[str]) -> None:
        self.items = items
        self.groups = groups
        self.yes_no = yes_no
        self.left = MAX_LOGIC

    @property
    def spent(self) -> bool:
        """Whether the file has more expressions than are read."""
        return self.left < 0

    def read(self, text: str, context: str) -> Node | None:
        """The tree, or None where the text is not formal or compares other things than items of this file."""
        self.left -= len(text)
        if self.left < 0:
            return None
        is_own = "redcap" in context.lower()
        try:
            node = parse(text if is_own else self._translated(text))
        except LogicError:
            return None
        read = references(node)
        if not is_own and (not read or any(ref.name not in self.items for ref in read)):
            return None
        return self._with_codes(node)

    def _translated(self, text: str) -> str:
        if "ItemData[" in text:
            return _XPATH.sub(_comparison, text)
        pieces = _PIECE.findall(text)
        return "".join(self._piece(p, following) for p, following in zip(pieces, [*pieces[1:], ""], strict=True))

    def _piece(self, piece: str, following: str) -> str:
        """A bare OID, alone or after its group's (group-item, group.item), as a reference; all else as it stands."""
        if not (piece[0].isalpha() or piece[0] == "_"):
            return piece
        for end in [len(piece), *reversed([found.start() for found in _BOUNDARY.finditer(piece)])][:_TRIED]:
            name = self._item(piece[:end])
            if name and not (end == len(piece) and following == "("):
                return reference(FieldRef(name)) + piece[end:]
        return piece

    def _item(self, word: str) -> str:
        if word in self.items:
            return word
        for cut in [found.start() for found in re.finditer(r"[-.:]", word)][:_TRIED]:
            if word[:cut] in self.groups and word[cut + 1 :] in self.items:
                return word[cut + 1 :]
        return ""

    def _with_codes(self, node: Node) -> Node:
        """true and false become the codes 1 and 0 where an item of that kind is compared with them."""
        match node:
            case Op(("=" | "<>") as op, (Ref(field), Text() | Truth() as said)) if field.name in self.yes_no:
                word = said.value.lower() if isinstance(said, Text) else str(said.value).lower()
                return Op(op, (Ref(field), Text(_TRUTHS.get(word, word))))
            case Op(op, args):
                return Op(op, tuple(map(self._with_codes, args)))
            case Call(name, args):
                return Call(name, tuple(map(self._with_codes, args)))
        return node


def _comparison(found: re.Match[str]) -> str:
    name = found[1] or found[2]
    operator, constant = found[3] or found[5], found[4] or found[6]
    return f"({reference(FieldRef(name))} {operator} {constant})"


def inverted(node: Node) -> Node:
    """When to ask, from when not to: 'not' falls away, = and <> of a text change places, the rest gets a 'not'."""
    match node:
        case Op("not", (inner,)):
            return inner
        case Op("=", (Ref(), Text()) as pair):
            return Op("<>", pair)
        case Op("<>", (Ref(), Text()) as pair):
            return Op("=", pair)
    return Op("not", (node,))
