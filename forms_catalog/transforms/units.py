"""Unit conversion from an element's unit to a program's. Only what the element lists is allowed; Decimal throughout."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from forms_catalog.specs import ElementSpec
from forms_catalog.transforms.answers import Answer, Facts, Refusal

FACTOR = re.compile(r"x(?:([*/])([0-9.]+(?:[eE][+-]?\d+)?))?")
ROUNDING = {"half_up": ROUND_HALF_UP, "down": ROUND_DOWN}
WIDE = Context(prec=34, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Factor:
    """value × `times` ÷ `by`, kept apart so that 1/60 stays exact until it is used."""

    times: Decimal = Decimal(1)
    by: Decimal = Decimal(1)

    @property
    def inverse(self) -> Factor:
        """The factor of the way back."""
        return Factor(self.by, self.times)


def parse_factor(text: str) -> Factor:
    """'x', 'x*N' or 'x/N' as a factor. Raises Refusal for anything else, such as 'x/weight'."""
    found = FACTOR.fullmatch(text.replace(" ", ""))
    if found is None:
        raise Refusal("factor_not_constant", f"'{text}' needs more than a number; enter the value in the asked unit.")
    sign, number = found.groups()
    if sign is None:
        return Factor()
    amount = Decimal(number)
    if amount == 0:
        raise Refusal("factor_not_constant", f"'{text}' divides or multiplies by zero.")
    return Factor(times=amount) if sign == "*" else Factor(by=amount)


def factor_text(factor: Factor) -> str:
    """The factor as 'x', 'x*N' or 'x/N'."""
    if factor == Factor():
        return "x"
    if factor.by == 1:
        return f"x*{plain(factor.times)}"
    return f"x/{plain(factor.by)}"


def to_program(element: ElementSpec, ucum: str) -> Factor:
    """How a canonical value becomes `ucum`. Equal strings need no list; the rest must be listed. Raises Refusal."""
    if ucum == element.unit:
        return Factor()
    for listed in element.convertible_units:
        if listed.ucum == ucum:
            return parse_factor(listed.to_canonical).inverse
    kind = "an annotated or arbitrary unit" if re.search(r"[{\[]", ucum + element.unit) else "a unit"
    raise Refusal(
        "unit_not_convertible",
        f"'{element.id}' is kept in '{element.unit}'; '{ucum}' is {kind} its list of conversions does not name.",
    )


def apply_unit(args: Mapping[str, Any], state: tuple[Answer, ...], facts: Facts) -> Answer:
    """The number in the program's unit. A missing code or a blank passes unchanged."""
    answer = state[0]
    if not answer.value:
        return answer
    factor = _factor(args, facts.elements.get(answer.element))
    number = decimal_of(answer.value)
    shown = converted(number, factor, args)
    return replace(answer, value=shown)


def _factor(args: Mapping[str, Any], element: ElementSpec | None) -> Factor:
    stated = str(args.get("factor", ""))
    if element is None:
        if not stated:
            raise Refusal("unit_without_element", f"no element is at hand to find the factor to '{args.get('to')}'.")
        return parse_factor(stated)
    if args.get("from", element.unit) != element.unit:
        raise Refusal("unit_changed", f"'{element.id}' is kept in '{element.unit}', not in '{args.get('from')}'.")
    listed = to_program(element, str(args.get("to", "")))
    if stated and parse_factor(stated) != listed:
        raise Refusal("factor_differs", f"the mapping says '{stated}', '{element.id}' lists '{factor_text(listed)}'.")
    return listed


def decimal_of(text: str) -> Decimal:
    """The number in a canonical value text. Raises Refusal."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise Refusal("not_a_number", f"'{text}' is not a number.") from error
    if not number.is_finite():
        raise Refusal("not_a_number", f"'{text}' is not a number.")
    return number


def converted(number: Decimal, factor: Factor, args: Mapping[str, Any]) -> str:
    """The converted number as text: fixed `decimals` where asked, else as many digits as were given, at least three."""
    exact = WIDE.divide(WIDE.multiply(number, factor.times), factor.by)
    if "decimals" in args:
        rounding = ROUNDING[str(args.get("rounding", "half_up"))]
        return plain(exact.quantize(Decimal(1).scaleb(-int(args["decimals"])), rounding=rounding, context=WIDE))
    if _power_of_ten(factor.times) and _power_of_ten(factor.by):
        return plain(exact)
    digits = max(3, len(number.as_tuple().digits))
    return plain(Context(prec=digits, rounding=ROUND_HALF_UP).plus(exact))


def _power_of_ten(number: Decimal) -> bool:
    return number.normalize().as_tuple().digits == (1,)


def plain(number: Decimal) -> str:
    """A number without exponent and without trailing zeros after the point."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
