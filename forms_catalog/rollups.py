"""The usual roll-ups of a decision in plain words, so that a curator picks one instead of writing steps. Pure.

Called by the review page. Those that need a code or a list of their own are written as steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forms_catalog.specs import Step

CHOICES: dict[str, tuple[str, dict[str, Any]]] = {
    "first-interval": ("first of the period", {"name": "first_of", "scope": "interval"}),
    "first-ever": ("earliest since the infusion", {"name": "first_of", "scope": "ever"}),
    "last-interval": ("last of the period", {"name": "last_of", "scope": "interval"}),
    "last-ever": ("newest since the infusion", {"name": "last_of", "scope": "ever"}),
    "ever": ("yes once is yes for good", {"name": "ever"}),
    "sent": ("whether a sample was sent", {"name": "sent_of"}),
    "label": ("words instead of the code", {"name": "label_of"}),
    "month": ("month and year only", {"name": "month_year_of"}),
    "year": ("year only", {"name": "year_of"}),
}


def words() -> list[tuple[str, str]]:
    """(name, words) of every choice."""
    return [(name, said) for name, (said, _) in CHOICES.items()]


def applied(steps: Sequence[Step], chosen: str) -> tuple[Step, ...]:
    """The steps with the chosen roll-up first, instead of the roll-ups they had; as they are where none is chosen."""
    if chosen not in CHOICES:
        return tuple(steps)
    return (Step("rollup", dict(CHOICES[chosen][1])), *(s for s in steps if s.op != "rollup"))
