"""The starter catalog's matcher, built once, and short ways to ask it."""

from __future__ import annotations

from functools import cache

from forms_catalog import starter
from forms_catalog.matching import CatalogEntry, Decision, Matcher, Query, entry_of_element
from forms_catalog.specs import Option

YES_NO = (Option("1", "Yes"), Option("0", "No"))


@cache
def entries() -> tuple[CatalogEntry, ...]:
    """The starter catalog as the matcher reads it."""
    return tuple(entry_of_element(element) for element in starter.elements().values())


@cache
def matcher() -> Matcher:
    """A matcher over the starter catalog, without memory."""
    return Matcher(entries())


def options(*labels: str) -> tuple[Option, ...]:
    """Options coded 1, 2, 3 …"""
    return tuple(Option(str(number), label) for number, label in enumerate(labels, start=1))


def ask(label: str, kind: str = "", *, note: str = "", choices: tuple[Option, ...] = ()) -> Decision:
    """The decision for one field."""
    return matcher().match(
        [Query(label=label, kind=kind or ("choice" if choices else "text"), options=choices, note=note)]
    )[0]
