"""What a UCUM code says: its kind and size, with annotations and arbitrary units as kinds of their own. Pure.

Called by units (why a conversion is refused), unit_lists (whether a listed one can be true) and the table in docs.
UCUM itself ignores annotations and calls arbitrary units dimensionless; here `{copies}` and `[IU]` never vanish, so
that no two of them are ever taken for each other (UCUM §22, §24). Nothing here converts a value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from forms_catalog.formats.unit_words import ucum_of

PREFIXES = {
    "T": 12,
    "G": 9,
    "M": 6,
    "k": 3,
    "h": 2,
    "da": 1,
    "d": -1,
    "c": -2,
    "m": -3,
    "u": -6,
    "n": -9,
    "p": -12,
    "f": -15,
}
PER_MINUTE = (("amount", 1), ("time", -1))
METRIC: dict[str, tuple[Fraction, tuple[tuple[str, int], ...]]] = {
    "g": (Fraction(1), (("mass", 1),)),
    "mol": (Fraction(1), (("amount", 1),)),
    "L": (Fraction(1, 1000), (("length", 3),)),
    "l": (Fraction(1, 1000), (("length", 3),)),
    "m": (Fraction(1), (("length", 1),)),
    "s": (Fraction(1), (("time", 1),)),
    "cd": (Fraction(1), (("luminous intensity", 1),)),
    "K": (Fraction(1), (("temperature", 1),)),
    "Cel": (Fraction(1), (("temperature", 1),)),
    "kat": (Fraction(1), PER_MINUTE),
    "U": (Fraction(1, 60_000_000), PER_MINUTE),  # 1 umol a minute
    "Pa": (Fraction(1000), (("mass", 1), ("length", -1), ("time", -2))),
    "m[Hg]": (Fraction(133_322_000), (("mass", 1), ("length", -1), ("time", -2))),
}
PLAIN: dict[str, tuple[Fraction, tuple[tuple[str, int], ...]]] = {
    "min": (Fraction(60), (("time", 1),)),
    "h": (Fraction(3600), (("time", 1),)),
    "d": (Fraction(86_400), (("time", 1),)),
    "wk": (Fraction(604_800), (("time", 1),)),
    "mo": (Fraction(2_629_800), (("time", 1),)),  # a mean Julian month
    "a": (Fraction(31_557_600), (("time", 1),)),  # a Julian year
    "%": (Fraction(1, 100), ()),
    "[ppm]": (Fraction(1, 10**6), ()),
    "[ppb]": (Fraction(1, 10**9), ()),
    "[lb_av]": (Fraction(45_359_237, 100_000), (("mass", 1),)),
    "[oz_av]": (Fraction(45_359_237, 1_600_000), (("mass", 1),)),
    "[in_i]": (Fraction(254, 10_000), (("length", 1),)),
    "[ft_i]": (Fraction(3048, 10_000), (("length", 1),)),
    "[degF]": (Fraction(5, 9), (("temperature", 1),)),
}
OFFSET = frozenset({"Cel", "[degF]"})
TOKEN = re.compile(r"(10[*^])([+-]?\d+)?|(\{[^{}]*\})|(\d+)|((?:[A-Za-z%]|\[[^\[\]]*\])+)([+-]?\d+)?")
LITRES = re.compile(r"(?<![A-Za-z\[])([dcmunpf]?)l(?![A-Za-z\[])")
LOGARITHM = re.compile(r"log|\bln\b|\[pH\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unit:
    """`size` in the base units of `kind`: {base or annotation or arbitrary unit: exponent}. Of a logarithm or a scale
    with a zero of its own the size says nothing."""

    code: str
    size: Fraction
    kind: frozenset[tuple[str, int]]

    @property
    def annotations(self) -> frozenset[str]:
        """What is counted: {cells}, {copies}."""
        return frozenset(base for base, _ in self.kind if base.startswith("{"))

    @property
    def arbitrary(self) -> frozenset[str]:
        """Units that an assay defines: [IU], [beth'U]."""
        return frozenset(base for base, _ in self.kind if base.startswith("["))

    @property
    def logarithm(self) -> bool:
        """Whether the number is a logarithm of another."""
        return bool(LOGARITHM.search(self.code))

    @property
    def offset(self) -> bool:
        """Whether zero is not nothing: degrees Celsius and Fahrenheit."""
        return self.code in OFFSET

    @property
    def mole_free(self) -> frozenset[tuple[str, int]]:
        """The kind with grams and moles as one: equal for mg/dL and umol/L."""
        return frozenset(("mass", n) if base == "amount" else (base, n) for base, n in self.kind)


@lru_cache(maxsize=4096)
def read(text: str) -> Unit | None:
    """The unit of a UCUM code; None where it is none that is known here. Case matters: mg is not Mg."""
    powers: dict[str, int] = {}
    size, place, sign = Fraction(1), 0, 1
    if text.startswith("/"):
        place, sign = 1, -1
    while place < len(text):
        found = TOKEN.match(text, place)
        part = _part(found) if found else None
        if found is None or part is None:
            return None
        size *= part[0] ** sign
        for base, power in part[1]:
            powers[base] = powers.get(base, 0) + sign * power
        place = found.end()
        if place < len(text):
            if text[place] not in "./" or place + 1 == len(text):
                return None
            sign, place = (-1 if text[place] == "/" else 1), place + 1
    return Unit(text, size, frozenset((b, n) for b, n in powers.items() if n)) if text else None


def _part(found: re.Match[str]) -> tuple[Fraction, tuple[tuple[str, int], ...]] | None:
    ten, power, annotation, number, atom, exponent = found.groups()
    if ten:
        return Fraction(10) ** int(power or 1), ()
    if annotation:
        return Fraction(1), ((annotation, 1),)
    if number:
        return (Fraction(int(number)), ()) if int(number) else None
    known = _atom(atom)
    if known is None:
        return None
    times = int(exponent or 1)
    return known[0] ** times, tuple((base, n * times) for base, n in known[1])


def _atom(text: str) -> tuple[Fraction, tuple[tuple[str, int], ...]] | None:
    if text in PLAIN:
        return PLAIN[text]
    if text in METRIC:
        return METRIC[text]
    for prefix, power in PREFIXES.items():
        rest = text[len(prefix) :] if text.startswith(prefix) else ""
        if rest in METRIC and rest not in OFFSET:
            return Fraction(10) ** power * METRIC[rest][0], METRIC[rest][1]
        if rest.startswith("[") and rest.endswith("U]"):
            return Fraction(10) ** power, ((rest, 1),)
    return (Fraction(1), ((text, 1),)) if text.startswith("[") and text.endswith("]") else None


def spelled(text: str) -> str:
    """The code of a unit however it is written: 'µmol/l', 'UMOL/L' and 'umol/L' are one. What is valid UCUM keeps its
    case (Mg is no mg); what cannot be read stays as it is, and then equals itself only."""
    plain = text.strip().replace("µ", "u").replace("μ", "u").replace("10^", "10*")
    if read(plain) is not None:
        return LITRES.sub(lambda m: f"{m[1]}L", plain)
    return ucum_of(text) or plain


def why_not(own: str, asked: str) -> tuple[str, str]:
    """(code, reason in words) why a number in `own` must not become one in `asked` unless the element lists how."""
    ours, theirs = read(spelled(own)), read(spelled(asked))
    if ours is None or theirs is None:
        return "unknown_unit", "it is no unit that is known here"
    if ours.logarithm != theirs.logarithm:
        return "logarithm", "one is a logarithm, the other a plain number"
    if ours.annotations != theirs.annotations:
        return "annotated", "they count different things (an annotated unit equals itself only)"
    if ours.arbitrary != theirs.arbitrary:
        return "arbitrary", "an arbitrary unit belongs to its own assay and equals itself only"
    if ours.kind == theirs.kind:
        return "not_listed", "both are of one kind, but nobody listed the conversion for this element"
    if ours.mole_free == theirs.mole_free:
        return "molar_mass", "grams and moles need the molar mass of the substance, and none is listed for this element"
    return "other_kind", "they measure different things"
