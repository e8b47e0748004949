"""Matching, step 3c: the recall period a wording states ("since last visit"), kept for the guard, cut from the text."""

from __future__ import annotations

import re
from functools import cache

from . import data

SAY = {
    "since-last-report": "since the last report",
    "point-in-time": "at the visit",
    "last-12-months": "the last 12 months",
    "last-3-months": "the last 3 months",
    "last-4-weeks": "the last 4 weeks or month",
    "last-7-days": "the last 7 days",
    "24-months-before-infusion": "24 months before infusion",
    "day-0-to-100": "day 0 to day 100",
    "since-infusion": "any time since infusion",
    "ever": "ever",
}


@cache
def _patterns() -> tuple[tuple[str, bool, re.Pattern[str]], ...]:
    rows = data.document("guards.json")["recall"]
    return tuple((name, goes, re.compile(pattern, re.IGNORECASE)) for name, goes, pattern in rows)


def stated(text: str) -> str:
    """The recall period `text` states, '' where it states none; a fixed window wins over 'since last visit'."""
    found = [name for name, _, pattern in _patterns() if pattern.search(text)]
    fixed = [name for name in found if name not in ("since-last-report", "point-in-time")]
    return (fixed or found or [""])[0]


def cut(text: str) -> str:
    """The text without phrases that only say which period is meant; unchanged where nothing else would be left."""
    out = text
    for _, goes, pattern in _patterns():
        if goes:
            out = pattern.sub(" ", out)
    out = re.sub(r"\(\s*\)|,\s*$", " ", out).strip(" ,;")
    return out if re.search(r"[A-Za-z]{2}", out) else text


def apart(asked: str, own: str) -> bool:
    """Whether the two periods may hold different facts."""
    return own in data.document("guards.json")["recall_apart"].get(asked, ())


def unusual(own: str) -> bool:
    """Whether an element's period is one a field would have to name."""
    return own in data.document("guards.json")["recall_unusual"]


def relation(asked: str, own: str) -> str:
    """What a differing period proposes: 'broader' (a roll-up may answer it) or 'narrower' (the element knows less)."""
    return "broader" if own in ("since-last-report", "point-in-time") else "narrower"
