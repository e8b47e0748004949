"""What a frozen sheet says was done at a visit, by kind of answer: what its active time is explained by. Pure.

Reads the stored JSON as it is: thousands of sheets are counted at once, and nothing but prices and kinds is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sites.burden.prices import CONFIRMED, VISIT, asks_of, kind_of


def asks_by_kind(frozen: Mapping[str, Any]) -> dict[str, float]:
    """Kind → how many were asked (seconds for `effort`); each record of a field counts. Raises KeyError where damaged.

    The same questions as in charges.items: visible ones that somebody asks; kept offers as `confirmed`.
    """
    kept, repeats = set(frozen["work"]["kept"]), frozen["work"]["repeats"]
    found: dict[str, float] = {VISIT: 1.0}
    for question in frozen["sheet"]["questions"]:
        if not question["visible"] or not question["askers"]:
            continue
        key, centiseconds = question["key"], question["centiseconds"]
        if key in kept:
            kind, n = CONFIRMED, 1.0
        else:
            kind = kind_of(question["datatype"], centiseconds)
            times = repeats.get(key, 0) if question["kind"] == "field" else 1
            n = times * asks_of(kind, centiseconds)
        found[kind] = found.get(kind, 0.0) + n
    return found
