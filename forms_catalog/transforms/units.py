"""Unit conversion from an element's unit to a program's. Only what the element lists is allowed; Decimal throughout."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from forms_catalog.specs import ElementSpec
from forms_catalog.transforms import ucum
from forms_catalog.transforms.answers import Answer, Facts, Refusal
from forms_catalog.transforms.recode import joined

NUMBER = r"(?:\d+\.?\d*|\.\d+)"
FACTOR = re.compile(rf"(?:x|\(x([+-]{NUMBER})\))(?:([*/])({NUMBER}(?:[eE][+-]?\d{{1,3}})?))?([+-]{NUMBER})?")
ROUNDING = {"half_up": ROUND_HALF_UP, "down": ROUND_DOWN}
WIDE = Context(prec=34, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Factor:
    """(value + `shift`) × `times` ÷ `by` + `after`, kept apart so that 1/60 stays exact until it is used."""

    times: Decimal = Decimal(1)
    by: Decimal = Decimal(1)
    shift: Decimal = Decimal(0)
    after: Decimal = Decimal(0)

    @property
    def inverse(self) -> Factor:
        """The factor of the way back."""
        return _made(self.by, self.times, -self.after, -self.shift)

    def of(self, number: Decimal) -> Decimal:
        """The converted number, to 34 digits."""
        moved = WIDE.add(number, self.shift)
        return WIDE.add(WIDE.divide(WIDE.multiply(moved, self.times), self.by), self.after)


def _made(times: Decimal, by: Decimal, shift: Decimal, after: Decimal) -> Factor:
    """One way to write each factor: without a multiplication both shifts are one."""
    if times == by:
        return Factor(after=shift + after)
    return Factor(times, by, shift, after)


def parse_factor(text: str) -> Factor:
    """'x', 'x*N', 'x/N', '(x-N)/N' or 'x*N+N' as a factor. Raises Refusal for anything else, such as 'x/weight'."""
    found = FACTOR.fullmatch(text.replace(" ", ""))
    if found is None:
        raise Refusal("factor_not_constant", f"'{text}' needs more than a number; enter the value in the asked unit.")
    shift, sign, number, after = found.groups()
    amount = Decimal(number or 1)
    if amount == 0:
        raise Refusal("factor_not_constant", f"'{text}' divides or multiplies by zero.")
    one = Decimal(1)
    times, by = (one, amount) if sign == "/" else (amount, one)
    return _made(times, by, Decimal(shift or 0), Decimal(after or 0))


def factor_text(factor: Factor) -> str:
    """The factor as people read it: 'x', 'x*N', 'x/N', '(x-N)/N', 'x*N+N'."""
    x = f"(x{_signed(factor.shift)})" if factor.shift else "x"
    if factor.times != 1:
        x += f"*{plain(factor.times)}"
    if factor.by != 1:
        x += f"/{plain(factor.by)}"
    return f"{x}{_signed(factor.after)}" if factor.after else x


def _signed(number: Decimal) -> str:
    return f"{'+' if number > 0 else '-'}{plain(abs(number))}"


def to_program(element: ElementSpec, asked: str) -> Factor:
    """How a canonical value becomes `asked`. One unit in two spellings needs no list; the rest must be listed.

    Raises Refusal, saying why the two must not be taken for each other.
    """
    wanted = ucum.spelled(asked)
    if wanted == ucum.spelled(element.unit):
        return Factor()
    for listed in element.convertible_units:
        if ucum.spelled(listed.ucum) == wanted:
            return parse_factor(listed.to_canonical).inverse
    code, reason = ucum.why_not(element.unit, asked)
    raise Refusal(
        f"unit_{code}",
        f"'{element.id}' is kept in '{element.unit}'; its list of conversions does not name '{asked}': {reason}.",
    )


def apply_unit(args: Mapping[str, Any], state: tuple[Answer, ...], facts: Facts) -> Answer:
    """The number in the program's unit. A missing code or a blank passes unchanged."""
    answer = state[0]
    if not answer.value:
        return answer
    factor = _factor(args, facts.elements.get(answer.element))
    number = decimal_of(answer.value)
    shown = converted(number, factor, args)
    return replace(answer, value=shown, note=joined(answer.note, _rounded(number, factor, args, shown)))


def _rounded(number: Decimal, factor: Factor, args: Mapping[str, Any], shown: str) -> str:
    """A note where the program takes fewer decimals than the value has; '' else."""
    if "decimals" not in args or Decimal(shown) == factor.of(number):
        return ""
    places = int(args["decimals"])
    how = "down " if args.get("rounding") == "down" else ""
    return f"rounded {how}to {f'{places} decimals' if places else 'a whole number'}: this program takes no more"


def _factor(args: Mapping[str, Any], element: ElementSpec | None) -> Factor:
    stated = str(args.get("factor", ""))
    if element is None:
        if not stated:
            raise Refusal("unit_without_element", f"no element is at hand to find the factor to '{args.get('to')}'.")
        return parse_factor(stated)
    if ucum.spelled(str(args.get("from", element.unit))) != ucum.spelled(element.unit):
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
    exact = factor.of(number)
    if "decimals" in args:
        rounding = ROUNDING[str(args.get("rounding", "half_up"))]
        return plain(exact.quantize(Decimal(1).scaleb(-int(args["decimals"])), rounding=rounding, context=WIDE))
    if _power_of_ten(factor.times) and _power_of_ten(factor.by):
        return plain(exact)
    if factor.shift or factor.after:  # a scale with a zero of its own keeps its decimals, not its digits
        places = max(1, -int(number.as_tuple().exponent))
        return plain(exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=WIDE))
    digits = max(3, len(number.as_tuple().digits))
    return plain(Context(prec=digits, rounding=ROUND_HALF_UP).plus(exact))


def _power_of_ten(number: Decimal) -> bool:
    return number.normalize().as_tuple().digits == (1,)


def plain(number: Decimal) -> str:
    """A number without exponent and without trailing zeros after the point."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
