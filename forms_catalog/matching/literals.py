"""Matching, beside step 4: the letters a pattern cannot match without. Looking for them first spares most searches."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from re import _constants as kinds  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

LEAST = 2  # shorter words are in nearly every text
Pieces = frozenset[str]
ZERO_WIDTH = (kinds.AT, kinds.ASSERT, kinds.ASSERT_NOT)
REPEATS = (kinds.MAX_REPEAT, kinds.MIN_REPEAT)


@lru_cache(maxsize=1024)
def needed(pattern: str) -> Pieces:
    """Pieces of text one of which every match of a case-sensitive pattern holds; empty where there are none."""
    return _of(parser.parse(pattern)) if not re.search(r"\(\?[a-z]*i", pattern) else frozenset()


def _of(parts: Iterable[tuple[Any, Any]]) -> Pieces:
    """The most telling pieces of a sequence: each of its parts must match, so the longest of them will do."""
    found: list[Pieces] = []
    run = ""
    for kind, value in parts:
        if kind is kinds.LITERAL:
            run += chr(value)
        elif kind not in ZERO_WIDTH:
            found.append(frozenset({run}))
            found.append(_inside(kind, value))
            run = ""
    best = max([frozenset({run}), *found], key=_worth)
    return best if _worth(best) else frozenset()


def _inside(kind: Any, value: Any) -> Pieces:
    if kind is kinds.SUBPATTERN:
        return _of(value[3])
    if kind in REPEATS and value[0] > 0:
        return _of(value[2])
    if kind is kinds.BRANCH:
        each = [_of(branch) for branch in value[1]]
        return frozenset[str]().union(*each) if all(each) else frozenset()
    return frozenset()


def _worth(pieces: Pieces) -> int:
    """How much a set of pieces rules out: the length of its shortest, 0 where that is nothing."""
    return min((len(p) if len(p) >= LEAST or (p and not p.isalnum()) else 0 for p in pieces), default=0)
