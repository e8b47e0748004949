"""Matching, step 1b: short forms a catalog explains itself, "long form (ABBR)", after Schwartz and Hearst 2003."""

from __future__ import annotations

import re
from collections.abc import Iterable

IN_BRACKETS = re.compile(r"([A-Za-z][^()]{3,80})\(([A-Z][A-Za-z0-9-]{1,9})s?\)")


def mine(texts: Iterable[str]) -> list[tuple[str, str]]:
    """(short form in lower case, long form) pairs found in `texts`, each once, in order of appearance."""
    found: dict[tuple[str, str], None] = {}
    for text in texts:
        for before, short in IN_BRACKETS.findall(text):
            if sum(c.isupper() for c in short) < 2:
                continue
            form = long_form(short, before.split())
            if form:
                found[(short.lower().replace("-", ""), form.lower())] = None
    return list(found)


def long_form(short: str, before: list[str]) -> str:
    """The words at the end of `before` that spell `short`, '' where they do not (Schwartz-Hearst, right to left)."""
    letters = [c.lower() for c in short if c.isalnum()]
    window = " ".join(before[-min(len(letters) + 5, len(letters) * 2) :])
    at = len(window)
    for position, letter in enumerate(reversed(letters)):
        first = position == len(letters) - 1
        at -= 1
        while at >= 0 and not (window[at].lower() == letter and (not first or at == 0 or not window[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return ""
    form = window[at:].strip()
    return form if len(form) > len(short) and short.lower() not in form.lower().split() else ""
