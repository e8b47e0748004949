"""Matching, step 3b: which unit a wording states, and whether a value in it can become the element's unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from forms_catalog.formats.unit_words import ucum_of

from . import data

BRACKETS = re.compile(r"[(\[,]\s*([^()\[\]]{1,40}?)\s*[)\]]")
FRACTIONS = {"0-1": "1", "0 to 1": "1", "fraction": "1"}
TIME = "hours|days|weeks|months|years"
DURATION = re.compile(rf"^(?:total |number of )?({TIME})\s+(?:since|from|to|between|on)\b|\bin ({TIME})\b")
BY_DAY = re.compile(r"^hours? (?:on|of) .*\b(?:per|a) day\b")


@dataclass(frozen=True, slots=True)
class Unit:
    """A UCUM code with its dimension and its size in the dimension's base unit."""

    ucum: str
    dimension: str
    scale: float


@cache
def _known() -> dict[str, Unit]:
    rows = ((ucum, *rest.split(";")) for ucum, rest in data.pairs("units.tsv"))
    return {ucum: Unit(ucum, dimension.strip(), float(scale)) for ucum, dimension, scale in rows}


@lru_cache(maxsize=1 << 16)
def read(text: str) -> Unit | None:
    """The unit `text` is, as UCUM or as programs write it; None where it is none. Unlisted units convert to nothing."""
    code = text.strip()
    if not code:
        return None
    if code in _known():
        return _known()[code]
    ucum = FRACTIONS.get(code.lower()) or ucum_of(code)
    if ucum in _known():
        return _known()[ucum]
    return Unit(ucum, ucum, 0.0) if ucum else None


def stated(unit: str, label: str) -> Unit | None:
    """The unit of a field: its own, else one in brackets at the end of its label, else 'days since', 'in months'."""
    found = read(unit)
    if found:
        return found
    for inside in reversed(BRACKETS.findall(label)):
        found = read(inside) or read(inside.split(" of ")[0])
        if found:
            return found
    low = label.lower()
    if BY_DAY.search(low):
        return read("h/d")
    hit = DURATION.search(low)
    return read(hit.group(1) or hit.group(2)) if hit else None


def without_unit(label: str) -> str:
    """The label without its bracketed units."""
    return BRACKETS.sub(lambda m: " " if read(m.group(1)) else m.group(0), label)


def listed(asked: Unit, rules: tuple[tuple[str, str], ...]) -> str:
    """The element's own rule for a unit, '' where it lists none. Only these rules deliver."""
    return next((rule for ucum, rule in rules if ucum == asked.ucum), "")


def factor(asked: Unit | None, own: Unit | None, rules: tuple[tuple[str, str], ...]) -> str | None:
    """The rule ('x/10') that turns a value in `asked` into `own`; '' where the units agree; None where none exists."""
    if asked is None or own is None or asked.ucum == own.ucum:
        return ""
    if listed(asked, rules):
        return listed(asked, rules)
    if asked.dimension == own.dimension and own.scale:
        ratio = asked.scale / own.scale
        return "x" if ratio == 1 else f"x*{ratio:g}" if ratio > 1 else f"x/{1 / ratio:g}"
    return None
