"""Matching, step 4: what forbids acceptance without a person. Facets are data; reasons are written for curators."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

from . import data, literals

When = Literal["conflict", "element", "field"]
PENALTY: Mapping[When, float] = {"conflict": 1.0, "element": 0.5, "field": 0.25}
Said = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Hit:
    """One guard that fires: which facet, how, the reason in words, and the relation it proposes ('' = none)."""

    facet: str
    when: When
    reason: str
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing two texts must agree on; `values` are (name, pattern) pairs. See data/guards.json."""

    name: str
    values: tuple[tuple[str, re.Pattern[str]], ...]
    any_value: re.Pattern[str]
    pieces: frozenset[str]
    when: tuple[When, ...]
    first: bool
    raw: bool
    only_class: str
    field_only: str
    default: str

    def spoken_of(self, text: str, pieces: frozenset[str]) -> bool:
        """Whether `text`, which holds these of `all_pieces`, states any value; most are ruled out by what they lack."""
        if self.pieces and self.pieces.isdisjoint(pieces):
            return False
        return self.any_value.search(text) is not None

    def read(self, text: str) -> tuple[str, ...]:
        """The values `text` states."""
        found = tuple(name for name, pattern in self.values if pattern.search(text))
        return found[:1] if self.first else found


@cache
def facets() -> tuple[Facet, ...]:
    """The facets of data/guards.json, in order."""
    return tuple(
        Facet(
            name=row["facet"],
            values=tuple((value, re.compile(pattern)) for value, pattern in row["values"].items()),
            any_value=re.compile(_any(row), re.MULTILINE),
            pieces=literals.needed(_any(row)),
            when=tuple(row["when"]),
            first=row.get("first", False),
            raw=row.get("raw", False),
            only_class=row.get("for", ""),
            field_only=row.get("field_only", ""),
            default=row.get("default", ""),
        )
        for row in data.document("guards.json")["facets"]
    )


def _any(row: Mapping[str, Any]) -> str:
    """One pattern for all values of a facet."""
    return "|".join(f"(?:{pattern})" for pattern in row["values"].values())


@cache
def all_pieces() -> tuple[str, ...]:
    """The letters some facet's values cannot be stated without."""
    return tuple(sorted({piece for facet in facets() for piece in facet.pieces}))


def pieces_of(text: str) -> frozenset[str]:
    """Those of `all_pieces` that a text holds."""
    return frozenset([piece for piece in all_pieces() if piece in text])


@cache
def _dropped() -> re.Pattern[str]:
    return re.compile("|".join(data.document("guards.json")["drop"]))


def said(parts: Iterable[str]) -> Said:
    """The facet values stated by texts in order of weight: the first text that speaks of a facet decides it."""
    return _said(tuple(part.lower() for part in parts if part))


@lru_cache(maxsize=1 << 14)
def _said(raw: tuple[str, ...]) -> Said:
    plain = [_dropped().sub(" ", part) for part in raw]
    whole, whole_raw = "\n".join(plain), "\n".join(raw)
    pieces = pieces_of(whole) if whole == whole_raw else pieces_of(f"{whole}\n{whole_raw}")
    out: dict[str, tuple[str, ...]] = {}
    for facet in facets():
        if facet.spoken_of(
            whole_raw if facet.raw else whole, pieces
        ):  # most facets end here: one search, not one a text
            found = (facet.read(text) for text in (raw if facet.raw else plain))
            out[facet.name] = next((values for values in found if values), ())
    return out


def compare(asked: Said, own: Said, value_class: str) -> list[Hit]:
    """The facets on which a field and an element disagree, or on which only one speaks."""
    hits = []
    for facet in facets():
        if facet.name not in asked and facet.name not in own:
            continue
        if facet.only_class and facet.only_class != value_class:
            continue
        hit = _compare(facet, asked.get(facet.name, ()), own.get(facet.name, ()))
        if hit is not None and hit.when in facet.when:
            hits.append(hit)
    return hits


def _compare(facet: Facet, asked: tuple[str, ...], own: tuple[str, ...]) -> Hit | None:
    name = facet.name[0].upper() + facet.name[1:]
    if facet.default and (asked or own):
        asked, own = asked or (facet.default,), own or (facet.default,)
    if asked and own:
        if set(asked) & set(own):
            return None
        return Hit(facet.name, "conflict", f"{name}: the field says {_list(asked)}, the element {_list(own)}.")
    if own:
        return Hit(facet.name, "element", f"{name}: the element is for {_list(own)}, the field does not say.")
    if asked:
        reason = f"{name}: the field says {_list(asked)}, the element does not."
        return Hit(facet.name, "field", reason, facet.field_only)
    return None


def _list(values: tuple[str, ...]) -> str:
    return " and ".join(values)


def penalty(hits: Iterable[Hit], each: float, most: float) -> float:
    """How much the hits lower a candidate's rank: `each` per conflict, less for silence, at most `most`."""
    return min(sum(PENALTY[hit.when] for hit in hits) * each, most)
