"""An act on a patient's plan in words with the call that does it, and how parts of a posted form are read. For acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID


class NotSaid(ValueError):
    """The form does not say enough; the message says what to add."""

    code = "not_said"


@dataclass(frozen=True, slots=True)
class Asked:
    """An act in words, the call that does it, and what is said once it is done."""

    title: str
    button: str
    done: str
    run: Callable[[], object]


def day(text: str) -> date | None:
    """A typed date, None where it is not one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def uuid_of(text: str) -> UUID:
    """A posted id; what is none is the id of nothing."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
