"""Small readers of XML elements that do not care about namespaces. For all modules of the ODM reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from forms_catalog.formats.xml_input import Element

REDCAP = "{https://projectredcap.org}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def local(element: Element) -> str:
    """The element's name without namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element, *names: str) -> Iterator[Element]:
    """Children of these names, in order."""
    return element.iterchildren(*[f"{{*}}{name}" for name in names])


def child(element: Element | None, name: str) -> Element | None:
    """The first child of that name."""
    return None if element is None else next(element.iterchildren(f"{{*}}{name}"), None)


def attribute(element: Element, name: str) -> str:
    """An attribute without white space around it; '' where it is missing."""
    return str(element.get(name) or "").strip()


def redcap(element: Element, name: str) -> str:
    """One of REDCap's own attributes; '' where it is missing."""
    return attribute(element, REDCAP + name)


def words(element: Element) -> str:
    """All text inside an element, also that of elements in it."""
    return "".join(str(text) for text in element.itertext()) if len(element) else element.text or ""


def line_of(element: Element) -> int:
    """The 1-based line where the element starts."""
    line: Any = element.sourceline
    return int(line or 0)


def is_yes(text: str) -> bool:
    """Whether an ODM or REDCap attribute says yes."""
    return text.lower() in ("yes", "y", "1", "true")


def in_order(references: Iterable[Element]) -> list[Element]:
    """References by OrderNumber where each has one, else as they stand."""
    found = list(references)
    numbers = [attribute(reference, "OrderNumber") for reference in found]
    if not all(number.isascii() and number.isdigit() and len(number) < 10 for number in numbers):
        return found
    return [found[at] for at in sorted(range(len(found)), key=lambda at: int(numbers[at]))]
