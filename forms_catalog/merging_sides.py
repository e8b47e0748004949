"""What every search for conflicts reads: one question with its program, and how a conflict is made. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from forms_catalog.specs import AskSpec, Conflict, MappingSpec, ReleaseSpec, Wording


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its program."""

    program: str
    ask: AskSpec

    @property
    def place(self) -> str:
        """program.path, as people read it."""
        return f"{self.program}.{self.ask.field.path}"

    def says(self, text: str) -> Wording:
        """The question as a side of a conflict, with what it states there."""
        return Wording(self.program, self.ask.field.path, self.ask.field.label or self.ask.field.name, text)


def asked_of(release: ReleaseSpec) -> list[Asked]:
    """Every question of the release, by program and dictionary order."""
    return [Asked(p.code, a) for p in release.programs.values() for a in p.asks if a.field.asks]


def decided(asked: Iterable[Asked]) -> Iterator[tuple[Asked, MappingSpec]]:
    """The questions that have a decision, with it."""
    return ((x, x.ask.mapping) for x in asked if x.ask.mapping is not None)


def of_element(kind: str, element: str, text: str, sides: Iterable[Wording], place: str = "") -> Conflict:
    """A conflict about an element; its place is the element where no other is given."""
    found = tuple(sides)
    programs = tuple(sorted({s.program for s in found if s.program}))
    return Conflict(kind, element, programs, text, place or element, found)


def of_field(kind: str, x: Asked, text: str, says: str, element: str = "") -> Conflict:
    """A conflict about one field; `element` is its element where one is involved."""
    return Conflict(kind, element or x.place, (x.program,), text, x.place, (x.says(says),))
