"""The list of fields on the review page: each with what the machine says of it, filtered, counted, and what is next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forms_catalog import readiness
from forms_catalog.pages.chosen import Chosen
from forms_catalog.readiness import Call
from forms_catalog.reviewing import FILTERS, FieldRow, Review


@dataclass(frozen=True, slots=True)
class Item:
    """One field of the list. `skipped` is its place among those put off (0 = not skipped), `elsewhere` names who else
    has it open ('' = nobody), `mine` says that I decided it."""

    row: FieldRow
    call: Call
    skipped: int = 0
    elsewhere: str = ""
    mine: bool = False

    @property
    def path(self) -> str:
        return self.row.field.path

    @property
    def last(self) -> int:
        """Its place among the skipped ones that are still open."""
        return self.skipped if self.call else 0

    @property
    def words(self) -> str:
        """What the machine says of it, for people."""
        return FILTERS[self.call] if self.call else ""

    def under(self, show: str) -> bool:
        """Whether a filter of FILTERS shows this field; `review` shows all that wait for a person."""
        return {
            "all": True,
            "review": bool(self.call),
            "skipped": self.last > 0,
            "mine": self.mine,
            "traps": self.row.is_trap,
        }.get(show, show in (self.call, self.row.status if not self.call else ""))


def items(review: Review, program: str, skipped: Sequence[str], busy: Mapping[str, str], me: str) -> list[Item]:
    """Every field; `busy` says what others have open (field → names)."""
    return [_item(row, review, program, skipped, busy, me) for row in review.rows]


def _item(
    row: FieldRow, review: Review, program: str, skipped: Sequence[str], busy: Mapping[str, str], me: str
) -> Item:
    path, found = row.field.path, row.decision
    mine = bool(found and found.stands and not found.by_machine and found.by == me)
    said = readiness.call(row, program, review.elements)
    place = skipped.index(path) + 1 if path in skipped else 0
    return Item(row, said, place, busy.get(path, ""), mine)


def within(found: Sequence[Item], view: Chosen) -> list[Item]:
    """The fields of the chosen form that the search finds, whatever the filter; skipped ones come last."""
    kept = [i for i in found if (not view.part or i.row.field.form == view.part) and i.row.says(view.search)]
    return sorted(kept, key=lambda i: i.last)


def counts(found: Sequence[Item]) -> list[tuple[str, str, int]]:
    """(filter, its words, how many of these fields it shows)."""
    return [(name, words, sum(i.under(name) for i in found)) for name, words in FILTERS.items()]


def parts(found: Sequence[Item], view: Chosen) -> list[tuple[str, int]]:
    """(form of the dictionary, how many of its fields the filter shows), in dictionary order."""
    forms = dict.fromkeys(i.row.field.form for i in found)
    return [(form, sum(i.row.field.form == form and i.under(view.show) for i in found)) for form in forms if form]


def following(listed: Sequence[Item], path: str) -> str:
    """The field to open after this one: the next that nobody else has open, from the start again after the last.

    Where others have all of them open the next one all the same; '' where there is no other.
    """
    paths = [i.path for i in listed]
    at = paths.index(path) + 1 if path in paths else 0
    ring = [i for i in (*listed[at:], *listed[:at]) if i.path != path]
    waiting = sorted(ring, key=lambda i: (bool(i.elsewhere), i.last))
    return waiting[0].path if waiting else ""


def beside(listed: Sequence[Item], path: str, step: int) -> Item | None:
    """The next (1) or previous (-1) field of the list that nobody else has open; None at its ends."""
    at = next((n for n, item in enumerate(listed) if item.path == path), -1)
    rest = listed[at + 1 :] if step > 0 else reversed(listed[: max(at, 0)])
    return next((item for item in rest if not item.elsewhere), None)
