"""Two texts, two lists of choices, two schedules side by side, so that a person can read the difference. Pure.

Called by the diff of two dictionary versions; which fields belong together is decided in comparing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as attributes
from difflib import SequenceMatcher
from typing import Literal

from forms_catalog.specs import Option, ProgramSchedule, ScheduleSpec

MOST_WORDS = 800  # of both texts together; beyond it a comparison word by word takes long and helps nobody
_PIECES = re.compile(r"\s+|[^\W_]+|.", re.DOTALL)
Part = Literal["same", "inserted", "deleted"]
OptionState = Literal["same", "added", "removed", "relabelled", "recoded"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that both have, or only the newer or only the older one."""

    part: Part
    text: str


@dataclass(frozen=True, slots=True)
class OptionChange:
    """One choice on both sides; None where it is not there. `recoded`: the same label under another code."""

    state: OptionState
    before: Option | None
    after: Option | None


@dataclass(frozen=True, slots=True)
class EntryChange:
    """A time point that was added (before None), removed (after None) or changed: (what, before, after) each."""

    before: ScheduleSpec | None
    after: ScheduleSpec | None
    changes: tuple[tuple[str, object, object], ...] = ()

    @property
    def code(self) -> str:
        """The time point's code."""
        found = self.after or self.before
        return found.code if found else ""

    @property
    def label(self) -> str:
        """Its label in the newer schedule, else in the older."""
        found = self.after or self.before
        return found.label if found else ""


@dataclass(frozen=True, slots=True)
class ScheduleComparison:
    """Time points that differ, in schedule order, and what differs about the schedule as a whole."""

    entries: tuple[EntryChange, ...] = ()
    whole: tuple[tuple[str, object, object], ...] = ()

    @property
    def count(self) -> int:
        """How many differences there are to look at."""
        return len(self.entries) + len(self.whole)


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """The two texts as one, word by word; very long ones as one deletion and one insertion."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    if len(old) + len(new) > MOST_WORDS:
        return tuple(p for p in (Piece("deleted", before), Piece("inserted", after)) if p.text)
    return tuple(_pieces(old, new))


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(old[a:b]))
            continue
        if b > a:
            yield Piece("deleted", "".join(old[a:b]))
        if d > c:
            yield Piece("inserted", "".join(new[c:d]))


def options(before: Sequence[Option], after: Sequence[Option]) -> tuple[OptionChange, ...]:
    """Every choice of both, in the newer order; removed ones follow."""
    old = {o.code: o for o in before}
    gone = [o for o in before if o.code not in {n.code for n in after}]
    moved = _recoded(gone, [o for o in after if o.code not in old])
    found = [_option(old.get(o.code) or moved.get(o.code), o) for o in after]
    left = set(moved.values())
    return (*found, *(OptionChange("removed", o, None) for o in gone if o not in left))


def _option(before: Option | None, after: Option) -> OptionChange:
    if before is None:
        return OptionChange("added", None, after)
    if before.code != after.code:
        return OptionChange("recoded", before, after)
    return OptionChange("same" if before.label == after.label else "relabelled", before, after)


def _recoded(gone: Sequence[Option], come: Sequence[Option]) -> dict[str, Option]:
    """New code → the choice that went by another code, where its label occurs once on each side."""
    old, new = _by_label(gone), _by_label(come)
    return {new[label][0].code: found[0] for label, found in old.items() if len(found) == len(new.get(label, ())) == 1}


def _by_label(found: Sequence[Option]) -> dict[str, list[Option]]:
    labels: dict[str, list[Option]] = {}
    for option in found:
        labels.setdefault(" ".join(option.label.casefold().split()), []).append(option)
    return labels


def schedules(before: ProgramSchedule | None, after: ProgramSchedule | None) -> ScheduleComparison:
    """Time points paired by code; None stands for no schedule."""
    old = {e.code: e for e in before.entries} if before else {}
    new = {e.code: e for e in after.entries} if after else {}
    found = [EntryChange(old.get(code), entry, _differs(old.get(code), entry)) for code, entry in new.items()]
    gone = [EntryChange(entry, None) for code, entry in old.items() if code not in new]
    changed = [e for e in found if e.before is None or e.changes]
    return ScheduleComparison((*changed, *gone), tuple(_whole(before, after)))


def _differs(before: ScheduleSpec | None, after: ScheduleSpec) -> tuple[tuple[str, object, object], ...]:
    if before is None:
        return ()
    names = (a.name for a in attributes(ScheduleSpec))
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in names)
    return tuple((name, one, other) for name, one, other in pairs if one != other)


def _whole(before: ProgramSchedule | None, after: ProgramSchedule | None) -> Iterator[tuple[str, object, object]]:
    if before is None or after is None:
        return
    for name in ("anchor", "duration_years"):
        if getattr(before, name) != getattr(after, name):
            yield name, getattr(before, name), getattr(after, name)
    yield from _named("track", {t.code: t.codes for t in before.tracks}, {t.code: t.codes for t in after.tracks})
    yield from _named("rule", before.rules, after.rules)


def _named(
    kind: str, before: Mapping[str, object], after: Mapping[str, object]
) -> Iterator[tuple[str, object, object]]:
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield f"{kind} {name}", before.get(name, ""), after.get(name, "")
