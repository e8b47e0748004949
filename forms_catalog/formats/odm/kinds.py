"""ODM DataTypes to the kinds of FieldSpec, and RangeChecks to limits."""

from __future__ import annotations

from dataclasses import dataclass

from forms_catalog.formats.odm.elements import attribute, child, children, words
from forms_catalog.formats.xml_input import Element
from forms_catalog.language import number_of

KINDS = {
    **dict.fromkeys(("text", "string", "URI", "durationDatetime", "intervalDatetime"), "text"),
    "integer": "integer",
    **dict.fromkeys(("float", "double", "decimal", "hexFloat", "base64Float"), "decimal"),
    **dict.fromkeys(("date", "partialDate", "incompleteDate"), "date"),
    **dict.fromkeys(("datetime", "partialDatetime", "incompleteDatetime"), "datetime"),
    **dict.fromkeys(("time", "partialTime", "incompleteTime"), "time"),
    "boolean": "choice",
    **dict.fromkeys(("hexBinary", "base64Binary"), "file"),
}
_SHORT = 255  # a text that may be longer is written into a large box


def kind_of(data_type: str, length: str, *, coded: bool) -> str:
    """The kind of an item; '' where the DataType is none of ODM's."""
    if coded:
        return "choice"
    kind = KINDS.get(data_type, "")
    long = length.isascii() and length.isdigit() and len(length) < 8 and int(length) > _SHORT
    return "notes" if kind == "text" and long else kind


@dataclass(frozen=True, slots=True)
class Limits:
    """Least and most that an item takes, both included; `unread` says which checks could not be kept and why."""

    minimum: str = ""
    maximum: str = ""
    unread: tuple[str, ...] = ()


def limits_of(checks: list[Element], units: list[str], *, whole: bool) -> Limits:
    """Limits from RangeChecks. In whole numbers 'less than 120' is at most 119. Those in another unit do not count."""
    low, high, unread = "", "", []
    for check in checks:
        comparator, value = attribute(check, "Comparator"), _value(check)
        if comparator not in ("GE", "GT", "LE", "LT") or not value:
            unread.append(f"{comparator or 'an expression'} {value}".strip())
        elif (_unit(check) or units[0]) != units[0]:
            unread.append(f"{comparator} {value} in another unit")
        elif comparator[0] == "G":
            low = _stricter(low, _included(value, comparator, whole), most=True)
        else:
            high = _stricter(high, _included(value, comparator, whole), most=False)
        if comparator in ("GT", "LT") and value and not _whole(value, whole):
            unread.append(f"{comparator} {value} leaves out the limit itself, which is accepted here")
    return Limits(low, high, tuple(unread))


def units_of(item: Element, checks: list[Element]) -> list[str]:
    """The MeasurementUnitOIDs of an item; where it has none, the one that all its checks are in. Never empty."""
    own = [attribute(reference, "MeasurementUnitOID") for reference in children(item, "MeasurementUnitRef")]
    checked = list(dict.fromkeys(unit for check in checks if (unit := _unit(check))))
    return own or (checked if len(checked) == 1 else []) or [""]


def evidence(checks: list[Element]) -> list[tuple[str, str]]:
    """The RangeChecks as written, hard and soft."""
    return [("RangeCheck", " ".join((attribute(c, "Comparator"), _value(c), attribute(c, "SoftHard")))) for c in checks]


def _unit(check: Element) -> str:
    reference = child(check, "MeasurementUnitRef")
    return "" if reference is None else attribute(reference, "MeasurementUnitOID")


def _value(check: Element) -> str:
    return " ".join(words(value).strip() for value in children(check, "CheckValue"))


def _whole(value: str, whole: bool) -> bool:
    return whole and value.removeprefix("-").isdecimal() and len(value) < 18


def _included(value: str, comparator: str, whole: bool) -> str:
    if comparator in ("GE", "LE") or not _whole(value, whole):
        return value
    return str(int(value) + (1 if comparator == "GT" else -1))


def _stricter(one: str, other: str, *, most: bool) -> str:
    """The stricter of two limits; the first where they cannot be compared."""
    first, second = number_of(one), number_of(other)
    if not one or (first is not None and second is not None and (second > first) is most):
        return other
    return one
