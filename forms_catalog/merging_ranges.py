"""Limits of numbers that differ between the programs that ask for one element, in its own unit. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation

from forms_catalog.specs import AskSpec, Conflict, ElementSpec, Step
from forms_catalog.transforms.units import WIDE, parse_factor, plain

Limit = tuple[Decimal | None, Decimal | None]
NUMBERS = frozenset({"integer", "decimal"})


def ranges(asks: Iterable[tuple[str, AskSpec]], elements: Mapping[str, ElementSpec]) -> Iterator[Conflict]:
    """One conflict for each element whose askers state different limits, or one wider than the element's own."""
    found: dict[str, dict[Limit, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for program, ask in asks:
        limit = _limit(ask)
        if ask.mapping is not None and limit != (None, None):
            found[ask.mapping.sources[0].element][limit].append((program, ask.field.path))
    for name, limits in found.items():
        element = elements.get(name)
        if element is None or element.datatype not in NUMBERS:
            continue
        if len(limits) > 1 or any(_wider(limit, element) for limit in limits):
            yield _conflict(element, limits)


def _limit(ask: AskSpec) -> Limit:
    factor = next((str(s.args.get("factor", "x")) for s in _steps(ask) if s.op == "unit"), "x")
    return _canonical(ask.field.minimum, factor), _canonical(ask.field.maximum, factor)


def _steps(ask: AskSpec) -> Iterable[Step]:
    return ask.mapping.transform if ask.mapping is not None else ()


def _canonical(text: str, factor: str) -> Decimal | None:
    try:
        back = parse_factor(factor).inverse
        return WIDE.divide(WIDE.multiply(Decimal(text), back.times), back.by).normalize()
    except InvalidOperation:
        return None


def _wider(limit: Limit, element: ElementSpec) -> bool:
    low, high = limit
    below = low is not None and element.minimum is not None and low < Decimal(str(element.minimum))
    above = high is not None and element.maximum is not None and high > Decimal(str(element.maximum))
    return below or above


def _conflict(element: ElementSpec, limits: Mapping[Limit, list[tuple[str, str]]]) -> Conflict:
    parts = [f"{_text(limit)} ({', '.join(f'{p}.{f}' for p, f in fields)})" for limit, fields in limits.items()]
    own = (_number(element.minimum), _number(element.maximum))
    if own != (None, None):
        parts.append(f"{_text(own)} (catalog)")
    programs = tuple(sorted({p for fields in limits.values() for p, _ in fields}))
    text = f"Limits of {element.id} differ: {'; '.join(parts)}. A tighter limit holds back that program's slice only."
    return Conflict("range_differs", element.id, programs, text)


def _number(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value)).normalize()


def _text(limit: Limit) -> str:
    low, high = ("any" if x is None else plain(x) for x in limit)
    return f"{low} to {high}"
