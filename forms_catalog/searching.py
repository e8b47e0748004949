"""Finding elements: by id, label, confirmed wording, code, unit, definition. Every word has to be found. Pure.

Called by the catalog page. Best first; `why` says where the words were found when it is not the label or the id.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from forms_catalog.formats.unit_words import ucum_of

LONGEST = 200
ORDER = {"released": 0, "draft": 1, "retired": 2}


@dataclass(frozen=True, slots=True)
class Entry:
    """One element as a search sees it. `programs` and `wordings` are those the person may see; `asked` counts all."""

    key: str
    label: str
    definition: str
    datatype: str
    unit: str
    recall: str
    reuse: str
    section: str
    state: str
    replaced_by: str = ""
    codes: tuple[str, ...] = ()
    displays: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    wordings: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    asked: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A found element."""

    entry: Entry
    why: str = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """`asked` is '', 'nobody' or a program's code."""

    section: str = ""
    state: str = ""
    asked: str = ""

    def keep(self, entry: Entry) -> bool:
        """Whether these filters leave the element."""
        if self.section and entry.section != self.section:
            return False
        if self.state and entry.state != self.state:
            return False
        if self.asked == "nobody":
            return entry.asked == 0
        return not self.asked or self.asked in entry.programs


def search(entries: Iterable[Entry], text: str, filters: Filters) -> list[Hit]:
    """The elements that hold every word of `text`, best first; all that the filters leave where it is empty."""
    wanted = plain(text[:LONGEST])
    kept = [entry for entry in entries if filters.keep(entry)]
    if not wanted:
        return [Hit(e) for e in sorted(kept, key=lambda e: (ORDER.get(e.state, 3), e.section, e.label.casefold()))]
    unit = ucum_of(text)
    found = [(score, Hit(entry, why)) for entry in kept for score, why in _best(entry, wanted, unit)]
    found.sort(
        key=lambda pair: (-pair[0], ORDER.get(pair[1].entry.state, 3), -pair[1].entry.asked, pair[1].entry.label)
    )
    return [hit for _, hit in found]


def plain(text: str) -> str:
    """Without case, accents, and the difference of 'haem' and 'hem'; single spaces."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.casefold().replace("ae", "e").replace("oe", "e").split())


def _best(entry: Entry, wanted: str, unit: str) -> Iterator[tuple[int, str]]:
    """(score, why) once, or nothing where a word is missing."""
    best = max(_scores(entry, wanted, unit), key=lambda pair: pair[0], default=None)
    if best:
        yield best


def _scores(entry: Entry, wanted: str, unit: str) -> Iterator[tuple[int, str]]:
    label, words = plain(entry.label), wanted.split()
    if wanted == plain(entry.key):
        yield 100, ""
    if code := next((c for c in entry.codes if plain(c) == wanted), ""):
        yield 100, f"code {code}"
    if place := _place(label, wanted, words):
        yield {3: 95, 2: 75, 1: 55}[place], ""
    for wording in entry.wordings:
        if place := _place(plain(wording), wanted, words):
            yield {3: 90, 2: 60, 1: 45}[place], f"also worded “{wording}”"
    if entry.unit and (wanted == plain(entry.unit) or (unit and unit == entry.unit)):
        yield 80, f"unit {entry.unit}"
    yield from _further(entry, words)


def _further(entry: Entry, words: list[str]) -> Iterator[tuple[int, str]]:
    """Weaker places: part of the id or a code, a code's display, a choice, the definition; at last all together."""
    places: Mapping[str, tuple[int, str]] = {
        plain(entry.key.replace("-", " ") + " " + entry.key): (50, ""),
        plain(" ".join(entry.codes)): (40, f"code {', '.join(entry.codes)}"),
        plain(" ".join(entry.displays)): (40, f"code for {', '.join(entry.displays)}"),
        plain(" ".join(entry.options)): (25, "one of its choices"),
        plain(entry.definition): (30, "in the definition"),
        plain(entry.section): (20, "section"),
    }
    for text, found in places.items():
        if text and all(word in text for word in words):
            yield found
    everything = " ".join((*places, plain(entry.label), *map(plain, entry.wordings), plain(entry.unit)))
    if all(word in everything for word in words):
        yield 10, "in several places"


def _place(text: str, wanted: str, words: list[str]) -> int:
    """3 = the text itself, 2 = a word of it starts so, 1 = all words are somewhere in it, 0 = not."""
    if text == wanted:
        return 3
    if f" {text}".find(f" {wanted}") >= 0:
        return 2
    return int(all(word in text for word in words))
