"""Limits of numbers that differ between the programs that ask for one element, in its own unit. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from forms_catalog.merging_sides import Asked, of_element
from forms_catalog.specs import Conflict, ElementSpec, FieldSpec, Step, Wording
from forms_catalog.transforms import Refusal
from forms_catalog.transforms.units import Factor, plain, to_program

Limit = tuple[Decimal | None, Decimal | None]
NUMBERS = frozenset({"integer", "decimal"})


def ranges(asked: Iterable[Asked], elements: Mapping[str, ElementSpec]) -> Iterator[Conflict]:
    """One conflict for each element whose askers state different limits, or one wider than the element's own."""
    for element, limits in _stated(asked, elements):
        if len(limits) > 1 or any(_wider(limit, element) for limit in limits):
            yield _conflict(element, limits)


def widest(element: ElementSpec, asked: Iterable[Asked]) -> Limit:
    """The lowest and highest number that the element or an asker takes; None where one of them sets no limit."""
    found = [limit for _, limits in _stated(asked, {element.id: element}) for limit in limits]
    lows, highs = zip((_number(element.minimum), _number(element.maximum)), *found, strict=True)
    low = None if None in lows else min(x for x in lows if x is not None)
    return low, None if None in highs else max(x for x in highs if x is not None)


def _stated(
    asked: Iterable[Asked], elements: Mapping[str, ElementSpec]
) -> Iterator[tuple[ElementSpec, dict[Limit, list[Asked]]]]:
    """Each number element with the limits its askers state, in its own unit."""
    found: dict[str, dict[Limit, list[Asked]]] = defaultdict(lambda: defaultdict(list))
    for x in asked:
        limit = _limit(x, elements)
        if x.ask.mapping is not None and limit != (None, None):
            found[x.ask.mapping.sources[0].element][limit].append(x)
    for name, limits in found.items():
        element = elements.get(name)
        if element is not None and element.datatype in NUMBERS:
            yield element, limits


def limits_of(field: FieldSpec, steps: Sequence[Step], element: ElementSpec) -> Limit:
    """The limits a field states, in the element's own unit; (None, None) where its decision's unit is refused."""
    to = next((str(s.args.get("to", "")) for s in steps if s.op == "unit"), element.unit)
    try:
        back = to_program(element, to).inverse
    except Refusal:
        return None, None
    low, high = (_own_unit(text, back) for text in (field.minimum, field.maximum))
    return low, high


def _own_unit(text: str, back: Factor) -> Decimal | None:
    try:
        return back.of(Decimal(text)).normalize()
    except InvalidOperation:  # none, or a limit such as [other_field] or 'today', which only the program works out
        return None


def _limit(x: Asked, elements: Mapping[str, ElementSpec]) -> Limit:
    mapping = x.ask.mapping
    element = elements.get(mapping.sources[0].element) if mapping else None
    return limits_of(x.ask.field, mapping.transform, element) if mapping and element else (None, None)


def _wider(limit: Limit, element: ElementSpec) -> bool:
    low, high = limit
    below = low is not None and element.minimum is not None and low < Decimal(str(element.minimum))
    above = high is not None and element.maximum is not None and high > Decimal(str(element.maximum))
    return below or above


def _conflict(element: ElementSpec, limits: Mapping[Limit, list[Asked]]) -> Conflict:
    parts = [f"{_text(limit)} ({', '.join(x.place for x in fields)})" for limit, fields in limits.items()]
    sides = [x.says(_text(limit)) for limit, fields in limits.items() for x in fields]
    own = (_number(element.minimum), _number(element.maximum))
    if own != (None, None):
        parts.append(f"{_text(own)} (catalog)")
        sides.append(Wording("", element.id, element.label, _text(own)))
    text = f"Limits of {element.id} differ: {'; '.join(parts)}. A tighter limit holds back that program's slice only."
    return of_element("range_differs", element.id, text, sides)


def _number(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value)).normalize()


def _text(limit: Limit) -> str:
    low, high = ("any" if x is None else plain(x) for x in limit)
    return f"{low} to {high}"
