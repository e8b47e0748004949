"""Two readings of a dictionary side by side: what was added, removed, renamed, and what changed in which aspect. Pure.

The diff of two versions shows it, carrying decided mappings over rests on it, and round trips are measured with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from forms_catalog.language import LogicError, parse
from forms_catalog.specs import FieldSpec, Option

Aspect = Literal["meaning", "rules", "wording", "place"]

# meaning: the decision on the field has to be looked at again. rules: the same fact under other limits.
# wording: the same words, written otherwise. place: where the field stands.
ASPECTS: dict[str, Aspect] = {
    "label": "meaning",
    "note": "meaning",
    "kind": "meaning",
    "options": "meaning",
    "unit": "meaning",
    "date_format": "meaning",
    "validation": "meaning",
    "branching": "meaning",
    "calculation": "meaning",
    "repeating": "meaning",
    "asks": "rules",
    "identifier": "rules",
    "minimum": "rules",
    "maximum": "rules",
    "required": "rules",
    "initial": "rules",
    "section": "wording",
    "translations": "wording",
    "annotation": "wording",
    "codes": "wording",
    "form": "place",
}
_WORDS = re.compile(r"[^\W_]+|[<>≤≥=%+/]")
_EMPTY = frozenset({"a", "an", "the", "please"})


@dataclass(frozen=True, slots=True)
class Change:
    """One attribute that differs. `aspect` is 'wording' for texts of the same words, else as in ASPECTS."""

    what: str
    aspect: Aspect
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Changed:
    """One field in both readings, with what differs; `renamed` where its path does."""

    before: FieldSpec
    after: FieldSpec
    changes: tuple[Change, ...]

    @property
    def renamed(self) -> bool:
        """Whether the field goes by another path now."""
        return self.before.path != self.after.path

    @property
    def same_meaning(self) -> bool:
        """Whether a decision on the field still holds."""
        return all(change.aspect != "meaning" for change in self.changes)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Fields only in the newer reading, only in the older, in both but different, and how many are equal."""

    added: tuple[FieldSpec, ...]
    removed: tuple[FieldSpec, ...]
    changed: tuple[Changed, ...]
    equal: int


def compare(before: Sequence[FieldSpec], after: Sequence[FieldSpec]) -> Comparison:
    """What differs between two readings, each list in the order of the reading it is from."""
    found = paired(before, after)
    old, new = {c.before.path for c in found}, {c.after.path for c in found}
    changed = tuple(c for c in found if c.changes or c.renamed)
    return Comparison(
        added=tuple(f for f in after if f.path not in new),
        removed=tuple(f for f in before if f.path not in old),
        changed=changed,
        equal=len(found) - len(changed),
    )


def paired(before: Sequence[FieldSpec], after: Sequence[FieldSpec]) -> tuple[Changed, ...]:
    """Every field that is in both readings, equal ones too, in the order of `after`.

    Fields are paired by path; of the rest, those with the same question and answers are taken as renamed.
    """
    old, new = {f.path: f for f in before}, {f.path: f for f in after}
    pairs = [(old[path], new[path]) for path in new if path in old]
    gone = [f for f in before if f.path not in new]
    come = [f for f in after if f.path not in old]
    found = [Changed(a, b, differences(a, b)) for a, b in (*pairs, *_renamed(gone, come))]
    return tuple(sorted(found, key=lambda c: c.after.order))


def differences(before: FieldSpec, after: FieldSpec) -> tuple[Change, ...]:
    """What differs between two readings of one field, in the order of ASPECTS; evidence and line do not count."""
    return tuple(_differences(before, after))


def _differences(before: FieldSpec, after: FieldSpec) -> Iterator[Change]:
    for what, aspect in ASPECTS.items():
        one, other = getattr(before, what), getattr(after, what)
        if one != other and not _same_logic(what, one, other):
            yield Change(what, "wording" if _only_looks(what, one, other) else aspect, one, other)


def _same_logic(what: str, one: str, other: str) -> bool:
    if what not in ("branching", "calculation") or not one or not other:
        return False
    try:
        return parse(one) == parse(other)
    except LogicError:
        return one.split() == other.split()


def _only_looks(what: str, one: object, other: object) -> bool:
    """Whether two texts, or the labels of two option lists, say the same words."""
    if what in ("label", "note"):
        return words(str(one)) == words(str(other))
    return what == "options" and _spoken(one) == _spoken(other)


def _spoken(options: object) -> list[tuple[str, list[str]]]:
    found = options if isinstance(options, tuple) else ()
    return [(o.code, words(o.label)) for o in found if isinstance(o, Option)]


def words(text: str) -> list[str]:
    """The words of a text that carry meaning, in order, without case, punctuation and articles."""
    return [word for word in _WORDS.findall(text.casefold()) if word not in _EMPTY]


def _renamed(gone: Sequence[FieldSpec], come: Sequence[FieldSpec]) -> Iterator[tuple[FieldSpec, FieldSpec]]:
    """Fields whose question occurs once on each side: first within one form, then anywhere."""
    old, new = list(gone), list(come)
    for same_form in (True, False):
        before, after = _by_question(old, same_form), _by_question(new, same_form)
        once = [q for q, fields in before.items() if len(fields) == len(after.get(q, ())) == 1]
        yield from ((before[q][0], after[q][0]) for q in once)
        taken = {before[q][0].path for q in once}, {after[q][0].path for q in once}
        old, new = [f for f in old if f.path not in taken[0]], [f for f in new if f.path not in taken[1]]


def _by_question(fields: Sequence[FieldSpec], same_form: bool) -> dict[tuple[object, ...], list[FieldSpec]]:
    """Fields by the words of their label, kind, options and unit; one without a label names no question."""
    found: dict[tuple[object, ...], list[FieldSpec]] = {}
    for field in fields:
        if label := words(field.label):
            question = (tuple(label), field.kind, field.options, field.unit, field.form if same_form else "")
            found.setdefault(question, []).append(field)
    return found
