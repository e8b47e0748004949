"""How often one element was asked, and how often it did not have to be asked again, from frozen sheets. Pure.

Called by the page that a catalog element shows beside its askers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from capture.ask.asksheet import AVOIDED

NAMES = ("shown", "confirmed", "shared", "known", "derived")


@dataclass(frozen=True, slots=True)
class Count:
    """One program's asks of an element by how they ended; `centiseconds` is what the avoided ones would have cost."""

    program: str
    shown: int
    confirmed: int
    shared: int
    known: int
    derived: int
    centiseconds: int

    @property
    def avoided(self) -> int:
        """Asks that nobody had to answer again."""
        return self.shared + self.known + self.derived

    @property
    def minutes(self) -> float:
        """The time they would have taken."""
        return self.centiseconds / 6_000


def count(sheets: Iterable[Iterable[Mapping[str, Any]]], element: str, programs: Collection[str]) -> tuple[Count, ...]:
    """The asks of `element` by these programs over the lines of frozen sheets, lowest program code first."""
    states: dict[str, Counter[str]] = {}
    saved: Counter[str] = Counter()
    for lines in sheets:
        for line in lines:
            program, state = line["program"], line["state"]
            if element not in line["elements"] or program not in programs:
                continue
            states.setdefault(program, Counter())[state] += 1
            saved[program] += line["centiseconds"] if state in AVOIDED else 0
    return tuple(_count(program, states[program], saved[program]) for program in sorted(states))


def total(counts: Iterable[Count]) -> Count:
    """All programs together."""
    rows = list(counts)
    states = {name: sum(getattr(row, name) for row in rows) for name in NAMES}
    return _count("", states, sum(row.centiseconds for row in rows))


def _count(program: str, states: Mapping[str, int], saved: int) -> Count:
    shown, kept, shared, known, derived = (states.get(name, 0) for name in NAMES)
    return Count(program, shown, kept, shared, known, derived, saved)
